import type { Copy, TargetCopy } from '../copy.js'
import { type Fence, stateOf } from '../fence.js'
import { readsTarget, sourceNumbers } from '../stage.js'
import { ask, type Protocol } from './effect.js'
import { type Afterwards, closed, type FailReason, type ReadResult } from './outcome.js'

/**
 * One read, from the store that the stage names; from the other one when that store cannot answer and the other is
 * known to hold everything. A copy at the target that the source may lack is brought to the source before anybody is
 * told of it (live): a value once seen stays seen.
 */
export function* read(task: ReadTask, start: Fence): Protocol<ReadResult> {
  let fence = start
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if (fence.plain) return { kind: 'finished', fence }
    const { stage } = stateOf(fence, task)
    const step: ReadStep = readsTarget(stage)
      ? yield* readTarget(task, fence, stage === 'live')
      : yield* readSource(task, fence, sourceNumbers(stage))
    if (step.kind !== 'stale') return step
    fence = step.fence
  }
  return { kind: 'failed', reason: 'contended', fence }
}

export interface ReadTask {
  id: string
  readonly slot: number
  /** Wall-clock milliseconds at which the read began. */
  startedAt: number
}

const ROUNDS_MAX = 24

type ReadStep = ReadResult | { kind: 'stale'; fence: Fence }

/** Off, dualwrite, shadow. */
function* readSource(task: ReadTask, fence: Fence, alone: boolean): Protocol<ReadStep> {
  const { answer: view } = yield* ask('source.get', { id: task.id })
  if (view === null) {
    if (alone || !stateOf(fence, task).fullTarget) return { kind: 'failed', reason: 'source-unavailable', fence }
    return yield* fallBackToTarget(task, fence)
  }
  if (view.fence.epoch > fence.epoch) return { kind: 'stale', fence: view.fence }
  return (alone ? null : yield* outOfSight('target', fence)) ?? answered(fence, view.copy, 'source')
}

/** Live, rampdown, complete. */
function* readTarget(task: ReadTask, fence: Fence, strict: boolean): Protocol<ReadStep> {
  const { answer: view } = yield* ask('target.get', { id: task.id })
  if (view === null) {
    if (!strict || !stateOf(fence, task).fullSource) return { kind: 'failed', reason: 'target-unavailable', fence }
    return yield* fallBackToSource(task, fence)
  }
  if (view.fence === null) {
    yield* ask('alarm', { id: task.id, sign: 'fence-missing', startedAt: task.startedAt })
    return { kind: 'failed', reason: 'target-lost-data', fence }
  }
  if (view.fence.epoch > fence.epoch) return { kind: 'stale', fence: view.fence }
  if (view.hold && view.copy?.open) return { kind: 'failed', reason: 'on-hold', fence }
  if (strict && view.copy?.open) return yield* bringToSource(task, fence, view.copy)
  return (strict ? yield* outOfSight('source', fence) : null) ?? answered(fence, view.copy, 'target')
}

/** An open copy counts only when the source has it: this reader sees to that. */
function* bringToSource(task: ReadTask, fence: Fence, open: TargetCopy): Protocol<ReadStep> {
  const { answer } = yield* ask('source.apply', { fence, id: task.id, copy: closed(open) })
  if (answer === null) return { kind: 'failed', reason: 'source-unavailable', fence }
  if (answer.kind === 'stale') return { kind: 'stale', fence: answer.fence }
  if (answer.kind === 'hold' || answer.kind === 'loss') return { kind: 'failed', reason: 'on-hold', fence }
  if (answer.kind === 'newer' || answer.kind === 'clash') yield* suspectLoss(task, open)
  const settle: Afterwards = { do: 'settle', id: task.id, numbered: { version: open.version, op: open.op } }
  return answered(fence, closed(open), 'target', [settle])
}

/** The source is ahead of the target: lawful only while somebody is overtaking. Still so at a second look: a loss. */
function* suspectLoss(task: ReadTask, open: TargetCopy): Protocol<void> {
  const { answer: view } = yield* ask('target.get', { id: task.id })
  const copy = view?.copy ?? null
  if (copy !== null && copy.version === open.version && copy.op === open.op) {
    yield* ask('alarm', { id: task.id, sign: 'source-ahead', startedAt: task.startedAt })
  }
}

/** Shadow, source down, target known full. A copy that the source may lack is not settled, so it is not shown. */
function* fallBackToTarget(task: ReadTask, fence: Fence): Protocol<ReadStep> {
  const { answer: view } = yield* ask('target.get', { id: task.id })
  if (view === null) return { kind: 'failed', reason: 'source-unavailable', fence }
  if (view.fence !== null && view.fence.epoch > fence.epoch) return { kind: 'stale', fence: view.fence }
  if (view.fence?.epoch !== fence.epoch || view.hold || view.copy?.open) {
    return { kind: 'failed', reason: 'source-unavailable', fence }
  }
  return (yield* outOfSight('source', fence)) ?? answered(fence, view.copy, 'target', [], true)
}

/** Live, target down, source known full. */
function* fallBackToSource(task: ReadTask, fence: Fence): Protocol<ReadStep> {
  const { answer: view } = yield* ask('source.get', { id: task.id })
  if (view === null) return { kind: 'failed', reason: 'target-unavailable', fence }
  if (view.fence.epoch > fence.epoch) return { kind: 'stale', fence: view.fence }
  if (view.fence.epoch !== fence.epoch || view.hold) return { kind: 'failed', reason: 'target-unavailable', fence }
  return (yield* outOfSight('target', fence)) ?? answered(fence, view.copy, 'source', [], true)
}

/** A store that answers for both needs the other to have been in sight a moment ago (only where degrade is enabled). */
function* outOfSight(store: 'source' | 'target', fence: Fence): Protocol<ReadStep | null> {
  const { answer } = yield* ask('lease', { store, fence })
  if (answer === null || answer.kind === 'refused') {
    const reason: FailReason = 'lease-expired'
    return { kind: 'failed', reason, fence }
  }
  return answer.kind === 'stale' ? { kind: 'stale', fence: answer.fence } : null
}

function answered(
  fence: Fence,
  copy: Copy | null,
  servedBy: 'source' | 'target',
  afterwards: Afterwards[] = [],
  fallback = false,
): ReadResult {
  return { kind: 'read', copy, servedBy, fallback, fence, afterwards }
}
