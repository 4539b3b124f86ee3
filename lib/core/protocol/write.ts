import { type Fence, type SlotState, stateOf } from '../fence.js'
import { isStrict, sourceNumbers } from '../stage.js'
import { eraFloor } from '../version.js'
import { ask, type Protocol } from './effect.js'
import type { WriteResult, WriteTask } from './outcome.js'
import {
  FRESH,
  failed,
  type Halfway,
  type Numbered,
  repeated,
  type StepResult,
  sourceAt,
  unknown,
  written,
} from './step.js'
import { writeAtSource } from './write-source.js'
import { confirmAtSource, writeStrict } from './write-strict.js'
import { numberedBefore, writeAtTarget } from './write-target.js'

/**
 * One write, from its first attempt to its answer, through every stage change that may overtake it.
 *
 * Each round works under the fence known at its start. A store with a higher fence refuses (`stale`); the write then
 * goes on under the new fence with what it carries: nothing, a version that the target has given it, or a request
 * whose answer never came. What cannot be told apart from a second execution ends as `unknown`, never as success or
 * failure. What can go wrong: a store that does not answer. What cannot: two effects of one write, an effect after
 * a refusal, an acknowledgement that a later stage does not honour.
 */
export function* write(task: WriteTask, start: Fence): Protocol<WriteResult> {
  let fence = start
  let halfway: Halfway = FRESH
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if (fence.plain && halfway.kind !== 'numbered') {
      return halfway.kind === 'fresh' ? { kind: 'finished', fence } : unknown('numbering-changed-hands', fence).result
    }
    const step: StepResult =
      halfway.kind === 'fresh' ? yield* attempt(task, fence) : yield* resume(task, fence, halfway)
    if (step.kind === 'done') return step.result
    if (step.kind === 'stale') fence = step.fence
    else if (step.pause) yield* ask('pause', { attempt: round })
    halfway = step.halfway
  }
  return (halfway.kind === 'fresh' ? failed('contended', fence) : unknown('contended', fence)).result
}

/** Rounds of one write: stage changes that overtake it and conflicts that send it back to the start. */
export const ROUNDS_MAX = 24

function attempt(task: WriteTask, fence: Fence): Protocol<StepResult> {
  const state = stateOf(fence, task)
  if (sourceNumbers(state.stage)) return writeAtSource(task, fence, state)
  if (isStrict(state.stage)) return writeStrict(task, fence, state)
  return writeAtTarget(task, fence, state)
}

function* resume(task: WriteTask, fence: Fence, halfway: Exclude<Halfway, { kind: 'fresh' }>): Protocol<StepResult> {
  const state = stateOf(fence, task)
  if (halfway.kind === 'begun') return yield* resumeBegun(task, fence, state, halfway)
  if (halfway.kind === 'cas-sent') return yield* resumeCas(task, fence, halfway)
  if (halfway.version < eraFloor(state.era)) return yield* resumeOldEra(task, fence, state, halfway)
  if (isStrict(state.stage)) return yield* confirmAtSource(task, fence, halfway)
  return yield* acknowledgeAtTarget(task, fence, halfway)
}

/**
 * The target acknowledges alone, and holds this version or a later one. But while the source is being left behind
 * nothing is acknowledged: some may still read from the source, which may lack this.
 */
function* acknowledgeAtTarget(task: WriteTask, fence: Fence, halfway: Numbered): Protocol<StepResult> {
  if (fence.plain) return written(fence, halfway)
  const { answer: view } = yield* ask('target.get', { id: task.id })
  if (view === null) return unknown('target-unavailable', fence)
  if (view.fence === null) return unknown('target-lost-data', fence)
  if (view.fence.epoch > fence.epoch) return { kind: 'stale', fence: view.fence, halfway }
  return view.hold ? unknown('on-hold', fence) : written(fence, halfway)
}

/**
 * The target numbered the write in an era that is over: only a copy that the source holds can vouch for it, and it is
 * never applied again under that version. Where the source gives the versions it may be written as a new one, but the
 * old version is kept in mind until that is answered.
 */
function* resumeOldEra(task: WriteTask, fence: Fence, state: SlotState, halfway: Numbered): Protocol<StepResult> {
  if (!sourceNumbers(state.stage) && !isStrict(state.stage)) return unknown('numbering-changed-hands', fence)
  const seen = yield* sourceAt(task, fence)
  if (seen.kind === 'step') {
    return seen.step.kind === 'stale' ? { ...seen.step, halfway } : unknown('source-unavailable', fence)
  }
  const { copy, remembered } = seen.view
  if (remembered !== null) return repeated(task, fence, remembered)
  if (copy !== null && copy.op === task.operation.op) {
    return written(fence, { version: copy.version, payload: halfway.payload, created: false })
  }
  if (sourceNumbers(state.stage) && (copy?.version ?? 0) < halfway.version) {
    return yield* writeAtSource(task, fence, state, { view: seen.view, halfway })
  }
  return unknown('numbering-changed-hands', fence)
}

/** A begin was sent and never answered. Raising the fence and asking what the target remembers settles it. */
function* resumeBegun(
  task: WriteTask,
  fence: Fence,
  state: SlotState,
  halfway: Extract<Halfway, { kind: 'begun' }>,
): Protocol<StepResult> {
  if (sourceNumbers(state.stage)) return unknown('numbering-changed-hands', fence)
  const { answer } = yield* ask('target.probe', { fence, op: task.operation.op })
  if (answer === null) return unknown('target-unavailable', fence)
  if (answer.kind === 'stale') return { kind: 'stale', fence: answer.fence, halfway }
  if (answer.kind === 'none') return { kind: 'again', pause: false, halfway: FRESH }
  const { payload, base } = halfway
  return { kind: 'again', pause: false, halfway: numberedBefore(task, answer.version, payload, base) }
}

/** A compare-and-swap at the source was sent and never answered: the copy there tells, or nobody can. */
function* resumeCas(
  task: WriteTask,
  fence: Fence,
  halfway: Extract<Halfway, { kind: 'cas-sent' }>,
): Protocol<StepResult> {
  const seen = yield* sourceAt(task, fence)
  if (seen.kind === 'step') {
    return seen.step.kind === 'stale' ? { ...seen.step, halfway } : unknown('source-unavailable', fence)
  }
  const { copy, remembered } = seen.view
  const { payload } = halfway
  if (remembered !== null) return repeated(task, fence, remembered)
  if (copy !== null && copy.op === task.operation.op) {
    return written(fence, { version: copy.version, payload, created: false })
  }
  // Not done, and dead at its old fence. A version that the target once gave is still in mind, though.
  if ((copy?.version ?? 0) === halfway.base) return { kind: 'again', pause: false, halfway: halfway.before ?? FRESH }
  return unknown('overtaken', fence)
}
