import { versionOf } from '../copy.js'
import type { Fence, SlotState } from '../fence.js'
import type { SourceView } from './answers.js'
import { ask, type Protocol } from './effect.js'
import type { Evaluation, WriteTask } from './outcome.js'
import {
  FRESH,
  failed,
  failedOrUnknown,
  mayBeKnownFromBefore,
  type Numbered,
  repeated,
  type StepResult,
  sourceAt,
  unknown,
  written,
} from './step.js'

/**
 * A write in off and dualwrite: the source numbers it, by compare-and-swap on the version it was computed from. In
 * dualwrite it is copied to the target after the acknowledgement; a target that fails never fails the caller.
 *
 * `carried`: the target once gave this write a version in an era that is over. The version stays in mind until the
 * source has answered, and while it does a condition that fails is not reported as a refusal.
 */
export function* writeAtSource(
  task: WriteTask,
  fence: Fence,
  state: SlotState,
  carried?: { view: SourceView; halfway: Numbered },
): Protocol<StepResult> {
  const look = carried ?? (yield* lookAround(task, fence, state))
  if (!('view' in look)) return look
  const { copy } = look.view
  const evaluation = evaluate(task, copy)
  if (evaluation.kind === 'refused') {
    return carried ? unknown('numbering-changed-hands', fence) : { kind: 'done', result: { kind: 'refused', fence } }
  }
  const payload = { value: evaluation.value }
  const base = versionOf(copy)
  const { op, named } = task.operation
  const { answer, doubtful } = yield* ask('source.cas', {
    fence,
    write: { id: task.id, base, op, named, value: payload.value },
  })
  if (answer === null) return failedOrUnknown(doubtful || carried !== undefined, 'source-unavailable', fence)
  switch (answer.kind) {
    case 'ok': {
      const { version, created } = answer
      const copied = { do: 'copy-to-target' as const, id: task.id, copy: { version, op, value: payload.value }, fence }
      return written(fence, { version, payload, created }, state.stage === 'dualwrite' ? [copied] : [])
    }
    case 'known':
      return repeated(task, fence, answer)
    case 'hold':
      return unknown('on-hold', fence) // a stray duplicate may come when the hold is over
    case 'stale':
      return {
        kind: 'stale',
        fence: answer.fence,
        halfway: doubtful
          ? { kind: 'cas-sent', payload, base, before: carried?.halfway ?? null }
          : (carried?.halfway ?? FRESH),
      }
    case 'conflict':
      if (answer.copy?.op === op) return written(fence, { version: answer.copy.version, payload, created: false })
      // Somebody was faster. If an earlier sending may have been in before them, nobody can tell any more. The
      // version once given by the target is dead now: the source has moved on at this very fence.
      return doubtful ? unknown('overtaken', fence) : { kind: 'again', pause: true, halfway: FRESH }
  }
}

/**
 * The copy to write upon, unless this very operation is found to have been executed already: here, or under its name
 * at the target while that acknowledged alone.
 */
function* lookAround(task: WriteTask, fence: Fence, state: SlotState): Protocol<StepResult | { view: SourceView }> {
  const seen = yield* sourceAt(task, fence)
  if (seen.kind === 'step') return seen.step
  const { copy, remembered } = seen.view
  if (remembered !== null) return repeated(task, fence, remembered)
  if (copy !== null && copy.op === task.operation.op) {
    return written(fence, { version: copy.version, payload: { value: copy.value }, created: false })
  }
  if (mayBeKnownFromBefore(task, state.aloneUntil ?? 0)) {
    const { answer } = yield* ask('target.probe', { fence, op: task.operation.op })
    if (answer === null) return failed('target-unavailable', fence)
    if (answer.kind === 'stale') return { kind: 'stale', fence: answer.fence, halfway: FRESH }
    if (answer.kind === 'known') {
      const halfway: Numbered = { kind: 'numbered', version: answer.version, payload: null, created: false, base: null }
      return { kind: 'again', pause: false, halfway }
    }
  }
  return { view: seen.view }
}

export function evaluate(task: WriteTask, copy: SourceView['copy']): Evaluation {
  return task.intent.kind === 'always' ? { kind: 'value', value: task.intent.value } : task.intent.evaluate(copy)
}
