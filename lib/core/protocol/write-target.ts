import type { Copy, TargetCopy } from '../copy.js'
import type { Fence, SlotState } from '../fence.js'
import type { BeginAnswer, TargetWrite } from './answers.js'
import { ask, type Protocol } from './effect.js'
import type { Intent, WriteTask } from './outcome.js'
import {
  FRESH,
  failed,
  failedOrUnknown,
  type Halfway,
  mayBeKnownFromBefore,
  type Numbered,
  type Payload,
  repeated,
  type StepResult,
  unknown,
  written,
} from './step.js'

/**
 * A write in rampdown and complete: the target numbers and acknowledges it alone. In rampdown it is copied back to
 * the source afterwards, so that going back stays cheap.
 */
export function* writeAtTarget(task: WriteTask, fence: Fence, state: SlotState): Protocol<StepResult> {
  if (mayBeKnownFromBefore(task, state.eraAt)) {
    // A source that does not answer may remember it: to go on would be to guess.
    const { answer: view } = yield* ask('source.get', { id: task.id, recall: task.operation.op })
    if (view === null) return failed('source-unavailable', fence)
    if (view.remembered !== null) return repeated(task, fence, view.remembered)
  }
  const { intent } = task
  const begun =
    intent.kind === 'always'
      ? unbound(yield* begin(task, fence, { value: intent.value }, UNBOUND))
      : yield* beginBound(task, fence, intent, {})
  if (begun.kind === 'step') return begun.step
  const { version, payload } = begun
  const copy = { version, op: task.operation.op, value: payload?.value ?? null }
  const back = { do: 'copy-to-source' as const, id: task.id, copy, fence }
  return written(fence, begun, state.stage === 'rampdown' && payload !== null ? [back] : [])
}

/** What a stage asks for beside the target's word; from rampdown on, nothing: the target is the truth. */
export interface BeginSteps {
  /** The source's document will be wanted once the target has numbered the write. */
  sourceNext?: boolean
  /** Makes an open copy safe to judge a condition on; a step when that ends the round. */
  judgeOpen?: (copy: TargetCopy) => Protocol<StepResult | null>
  /** Whether the target alone may say that a condition does not hold; a step when it may not. */
  mayRefuse?: (helped: boolean) => Protocol<StepResult | null>
}

/**
 * Begins a write at the target from a version that it was computed from, and computes it again from the copy that is
 * there whenever the target answers that the version has moved on.
 */
export function* beginBound(
  task: WriteTask,
  fence: Fence,
  intent: Extract<Intent, { kind: 'bound' }>,
  steps: BeginSteps,
): Protocol<Numbered | { kind: 'step'; step: StepResult }> {
  const step = (ended: StepResult): { kind: 'step'; step: StepResult } => ({ kind: 'step', step: ended })
  let next: { base: number; baseOp?: string; value: Payload['value'] } | null = intent.first
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    let copy: TargetCopy | null
    if (next === null) {
      const { answer: view } = yield* ask('target.get', { id: task.id })
      if (view === null) return step(failed('target-unavailable', fence))
      if (view.fence === null) return step(yield* targetLost(task, fence))
      if (view.fence.epoch > fence.epoch) return step({ kind: 'stale', fence: view.fence, halfway: FRESH })
      if (view.hold) return step(failed('on-hold', fence))
      copy = view.copy
    } else {
      const { value, ...base } = next
      const begun = yield* begin(task, fence, { value }, { ...base, compare: 'equal' }, steps.sourceNext)
      if (begun.kind !== 'moved-on') return begun
      copy = begun.copy
    }
    if (copy?.open && steps.judgeOpen !== undefined) {
      const ended = yield* steps.judgeOpen(copy)
      if (ended !== null) return step(ended)
    }
    const evaluation = intent.evaluate(copy)
    if (evaluation.kind === 'refused') {
      const unfit = steps.mayRefuse === undefined ? null : yield* steps.mayRefuse(copy?.open ?? false)
      return step(unfit ?? (yield* refuse(task, fence)))
    }
    next = { ...baseOf(copy), value: evaluation.value }
  }
  return step({ kind: 'again', pause: true, halfway: FRESH })
}

/** Unconditional writes have no version to be bound to. */
export const UNBOUND: Pick<TargetWrite, 'base' | 'compare' | 'baseOp'> = {}

/** The begin of one of those: no version of theirs can move on. */
export function unbound(begun: Begun): Numbered | { kind: 'step'; step: StepResult } {
  if (begun.kind !== 'moved-on') return begun
  return { kind: 'step', step: { kind: 'again', pause: true, halfway: FRESH } }
}

/** What a write that was computed from this copy is bound to. */
export function baseOf(copy: Copy | null): { base: number; baseOp?: string } {
  return copy === null ? { base: 0 } : { base: copy.version, baseOp: copy.op }
}

/** Turns of reading and beginning again within one round. */
export const TURNS_MAX = 8

type Begun = Numbered | { kind: 'moved-on'; copy: TargetCopy | null } | { kind: 'step'; step: StepResult }

/** One begin, with every answer but the good ones turned into the step it means. */
export function* begin(
  task: WriteTask,
  fence: Fence,
  payload: Payload,
  bound: Pick<TargetWrite, 'base' | 'compare' | 'baseOp'>,
  sourceNext = false,
): Protocol<Begun> {
  const { op, startedAt } = task.operation
  const { id } = task
  const { value } = payload
  const write: TargetWrite =
    bound === UNBOUND
      ? { id, op, startedAt, value, fenceExpected: true }
      : { id, op, startedAt, value, fenceExpected: true, ...bound }
  const { answer, doubtful } = yield* ask('target.begin', { fence, write, sourceNext })
  const base = bound.base ?? null
  if (answer === null) return { kind: 'step', step: failedOrUnknown(doubtful, 'target-unavailable', fence) }
  if (answer.kind === 'ok') return { kind: 'numbered', version: answer.version, payload, created: answer.created, base }
  if (answer.kind === 'fail') return { kind: 'moved-on', copy: answer.copy }
  return { kind: 'step', step: yield* refusedBegin(task, fence, payload, { answer, doubtful, base }) }
}

function* refusedBegin(
  task: WriteTask,
  fence: Fence,
  payload: Payload,
  reply: { answer: Exclude<BeginAnswer, { kind: 'ok' | 'fail' }>; doubtful: boolean; base: number | null },
): Protocol<StepResult> {
  const { answer, doubtful, base } = reply
  switch (answer.kind) {
    case 'known': {
      return { kind: 'again', pause: false, halfway: numberedBefore(task, answer.version, payload, base) }
    }
    case 'reused':
      return { kind: 'done', result: { kind: 'reused', fence } }
    case 'hold':
      return unknown('on-hold', fence) // a stray duplicate may come when the hold is over
    case 'early':
      return unknown('clock-ahead', fence)
    case 'expired':
      return failedOrUnknown(doubtful, 'too-late', fence)
    case 'lost':
      return doubtful ? unknown('target-lost-data', fence) : yield* targetLost(task, fence)
    case 'loss':
      yield* ask('alarm', { id: task.id, sign: 'numbered-from-the-past', startedAt: task.operation.startedAt })
      return failedOrUnknown(doubtful, 'target-lost-data', fence)
    case 'stale':
      return { kind: 'stale', fence: answer.fence, halfway: doubtful ? { kind: 'begun', payload, base } : FRESH }
  }
}

/**
 * A version that the target remembers giving this operation. Under a name it may have been given to an earlier process,
 * which wrote upon another copy: then the base is not known, and the value only if the request alone decides it.
 */
export function numberedBefore(task: WriteTask, version: number, payload: Payload, base: number | null): Numbered {
  const { intent, operation } = task
  const sameValue = !operation.named || intent.kind === 'always' || intent.first !== null
  return {
    kind: 'numbered',
    version,
    payload: sameValue ? payload : null,
    created: false,
    base: operation.named ? null : base,
  }
}

/** A refusal may only be spoken when no earlier process can have executed this very operation. */
export function* refuse(task: WriteTask, fence: Fence): Protocol<StepResult> {
  if (task.operation.named) {
    const { answer } = yield* ask('target.probe', { fence, op: task.operation.op })
    if (answer === null) return unknown('target-unavailable', fence)
    if (answer.kind === 'stale') return { kind: 'stale', fence: answer.fence, halfway: FRESH }
    if (answer.kind === 'known') {
      const halfway: Halfway = { kind: 'numbered', version: answer.version, payload: null, created: false, base: null }
      return { kind: 'again', pause: false, halfway }
    }
  }
  return { kind: 'done', result: { kind: 'refused', fence } }
}

export function* targetLost(task: WriteTask, fence: Fence): Protocol<StepResult> {
  yield* ask('alarm', { id: task.id, sign: 'fence-missing', startedAt: task.operation.startedAt })
  return failed('target-lost-data', fence)
}
