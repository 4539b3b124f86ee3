import type { Copy, TargetCopy } from '../copy.js'
import type { Fence, SlotState } from '../fence.js'
import { ask, type Protocol } from './effect.js'
import { type Afterwards, closed, type WriteTask } from './outcome.js'
import {
  FRESH,
  failed,
  mayBeKnownFromBefore,
  type Numbered,
  repeated,
  type StepResult,
  sourceAt,
  unknown,
  written,
} from './step.js'
import { evaluate } from './write-source.js'
import { baseOf, begin, beginBound, refuse, TURNS_MAX, UNBOUND, unbound } from './write-target.js'

/**
 * A write in shadow and live: the target numbers it (and marks it open), the source confirms it, and only then is it
 * acknowledged. Two sequential trips; three in shadow for a condition, which is judged on the source's copy.
 */
export function* writeStrict(task: WriteTask, fence: Fence, state: SlotState): Protocol<StepResult> {
  if (mayBeKnownFromBefore(task, state.eraAt)) {
    const seen = yield* sourceAt(task, fence)
    if (seen.kind === 'step') return seen.step
    if (seen.view.remembered !== null) return repeated(task, fence, seen.view.remembered)
  }
  const { intent } = task
  if (state.stage === 'shadow' && task.intent.kind === 'bound') return yield* writeBoundInShadow(task, fence)
  if (intent.kind === 'always') {
    const numbered = unbound(yield* begin(task, fence, { value: intent.value }, UNBOUND, true))
    return numbered.kind === 'step' ? numbered.step : yield* confirmAtSource(task, fence, numbered)
  }
  const helped: Afterwards[] = []
  const begun = yield* beginBound(task, fence, intent, {
    sourceNext: true,
    judgeOpen: (copy) => help(task, fence, copy, helped),
    mayRefuse: function* (wasHelped) {
      return wasHelped ? null : yield* leaseStep('source', fence)
    },
  })
  return begun.kind === 'step' ? begun.step : yield* confirmAtSource(task, fence, begun, helped)
}

/**
 * In shadow the target may lack what the source has, so a condition is judged on the source's copy. The target then
 * refuses the number if it has numbered anything since: what it has is first brought to the source, and judged there.
 */
function* writeBoundInShadow(task: WriteTask, fence: Fence): Protocol<StepResult> {
  const seen = yield* sourceAt(task, fence)
  if (seen.kind === 'step') return seen.step
  let copy: Copy | null = seen.view.copy
  const helped: Afterwards[] = []
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    if (copy !== null && copy.op === task.operation.op) {
      return written(fence, { version: copy.version, payload: { value: copy.value }, created: false })
    }
    const evaluation = evaluate(task, copy)
    if (evaluation.kind === 'refused') {
      const expired = helped.length > 0 ? null : yield* leaseStep('target', fence)
      return expired ?? (yield* refuse(task, fence))
    }
    const bound = { ...baseOf(copy), compare: 'at-most' as const }
    const begun = yield* begin(task, fence, { value: evaluation.value }, bound)
    if (begun.kind === 'numbered') return yield* confirmAtSource(task, fence, begun, helped)
    if (begun.kind === 'step') return begun.step
    if (begun.copy === null) return { kind: 'again', pause: true, halfway: FRESH }
    const ended = yield* help(task, fence, begun.copy, helped, (held) => {
      copy = held
    })
    if (ended !== null) return ended
  }
  return { kind: 'again', pause: true, halfway: FRESH }
}

/** Brings a copy that the source may lack to the source. `null`: done, and `held` has heard what the source has now. */
function* help(
  task: WriteTask,
  fence: Fence,
  open: TargetCopy,
  helped: Afterwards[],
  held: (copy: Copy) => void = () => {},
): Protocol<StepResult | null> {
  const { answer } = yield* ask('source.apply', { fence, id: task.id, copy: closed(open) })
  if (answer === null) return failed('source-unavailable', fence)
  if (answer.kind === 'stale') return { kind: 'stale', fence: answer.fence, halfway: FRESH }
  if (answer.kind === 'hold' || answer.kind === 'loss') return failed('on-hold', fence)
  helped.push({ do: 'settle', id: task.id, numbered: { version: open.version, op: open.op } })
  held(answer.kind === 'newer' || answer.kind === 'clash' ? answer.copy : closed(open))
  return null
}

/** The second half of a strict write: the source takes the version that the target gave. */
export function* confirmAtSource(
  task: WriteTask,
  fence: Fence,
  numbered: Numbered,
  helped: readonly Afterwards[] = NONE,
): Protocol<StepResult> {
  const mine = { version: numbered.version, op: task.operation.op }
  // A number that does not follow what the write was computed from: the target has lost that.
  if (numbered.base !== null && mine.version <= numbered.base) return yield* lostNumbers(task, fence)
  const payload = numbered.payload ?? (yield* recover(task, mine.version))
  if (payload === null) return yield* covered(task, fence, numbered)
  const { named } = task.operation
  const options = numbered.base === null ? { named } : { named, base: numbered.base }
  const copy = { version: mine.version, op: mine.op, value: payload.value }
  const { answer } = yield* ask('source.apply', { fence, id: task.id, copy, options })
  if (answer === null) return unknown('source-unavailable', fence)
  switch (answer.kind) {
    case 'ok':
    case 'same': {
      const settle = { do: 'settle' as const, id: task.id, numbered: mine }
      return written(
        fence,
        { version: mine.version, payload, created: numbered.created },
        helped.length === 0 ? [settle] : [...helped, settle],
      )
    }
    case 'stale':
      return { kind: 'stale', fence: answer.fence, halfway: { ...numbered, payload } }
    case 'hold':
      return unknown('on-hold', fence)
    case 'loss':
      return yield* lostNumbers(task, fence)
    case 'newer':
    case 'clash':
      return yield* provenOvertaken(task, fence, { ...numbered, payload }, answer.copy)
  }
}

const NONE: readonly Afterwards[] = []

function* lostNumbers(task: WriteTask, fence: Fence): Protocol<StepResult> {
  yield* ask('alarm', { id: task.id, sign: 'numbered-from-the-past', startedAt: task.operation.startedAt })
  return unknown('target-lost-data', fence)
}

/**
 * The source already holds a later version. If the target remembers giving both, ours was lawfully overtaken: it was
 * effective for a moment. If it does not remember, it has lost what it acknowledged.
 */
function* provenOvertaken(task: WriteTask, fence: Fence, numbered: Numbered, copy: Copy): Protocol<StepResult> {
  const held = { version: copy.version, op: copy.op }
  const { answer } = yield* ask('target.prove', {
    fence,
    held,
    mine: { version: numbered.version, op: task.operation.op },
  })
  if (answer === null) return unknown('target-unavailable', fence)
  if (answer.kind === 'proved') return yield* rememberOvertaken(task, fence, numbered)
  if (answer.kind === 'stale') return unknown('overtaken', fence)
  yield* ask('alarm', { id: task.id, sign: 'overtaken-without-proof', startedAt: task.operation.startedAt })
  return unknown('overtaken', fence)
}

/** The source never held a write that was overtaken; its name must be known there before anybody is told of it. */
function* rememberOvertaken(task: WriteTask, fence: Fence, numbered: Numbered): Protocol<StepResult> {
  const { op, named } = task.operation
  if (!named) return written(fence, numbered)
  const copy = { version: numbered.version, op, value: numbered.payload?.value ?? null }
  const { answer } = yield* ask('source.apply', { fence, id: task.id, copy, options: { named, overtaken: true } })
  if (answer === null) return unknown('source-unavailable', fence)
  if (answer.kind === 'stale') return { kind: 'stale', fence: answer.fence, halfway: numbered }
  return answer.kind === 'newer' ? written(fence, numbered) : unknown('overtaken', fence)
}

/** The version of an earlier process is covered by later writes at the target: did the source ever have it? */
function* covered(task: WriteTask, fence: Fence, numbered: Numbered): Protocol<StepResult> {
  const seen = yield* sourceAt(task, fence)
  if (seen.kind === 'step') {
    return seen.step.kind === 'stale' ? { ...seen.step, halfway: numbered } : unknown('source-unavailable', fence)
  }
  const { copy, remembered } = seen.view
  if (remembered !== null) return repeated(task, fence, remembered)
  if (copy !== null && copy.op === task.operation.op) return written(fence, { ...numbered, version: copy.version })
  if (copy !== null && copy.version > numbered.version) return yield* provenOvertaken(task, fence, numbered, copy)
  return unknown('overtaken', fence)
}

/** The value of a version that an earlier process was given: still at the target, unless a later write covers it. */
function* recover(task: WriteTask, version: number): Protocol<{ value: Copy['value'] } | null> {
  const { answer: view } = yield* ask('target.get', { id: task.id })
  const copy = view?.copy ?? null
  return copy !== null && copy.version === version && copy.op === task.operation.op ? { value: copy.value } : null
}

/** One store alone is about to speak for both: the other's fence must have been seen a moment ago. */
export function* leaseStep(store: 'source' | 'target', fence: Fence): Protocol<StepResult | null> {
  const { answer } = yield* ask('lease', { store, fence })
  if (answer === null || answer.kind === 'refused') return failed('lease-expired', fence)
  return answer.kind === 'stale' ? { kind: 'stale', fence: answer.fence, halfway: FRESH } : null
}
