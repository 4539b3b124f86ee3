import { type Mutant, without } from '../mutant.js'

const WRITE = 'lib/core/protocol/write.ts'
const SOURCE = 'lib/core/protocol/write-source.ts'
const TARGET = 'lib/core/protocol/write-target.ts'
const PERFORM = 'lib/engine/data-plane/perform.ts'

/** Of requests that were never answered, and of refusals after them. */
export const DOUBT_MUTANTS: readonly Mutant[] = [
  without(
    'unknown after an unanswered compare-and-swap',
    'a compare-and-swap that was never answered is called a failure',
    SOURCE,
    [
      "if (answer === null) return failedOrUnknown(doubtful || carried !== undefined, 'source-unavailable', fence)",
      "if (answer === null) return failed('source-unavailable', fence)",
    ],
    ['deaf', 'model'],
  ),
  without(
    'unknown after an unanswered compare-and-swap',
    'a conflict after an unanswered compare-and-swap starts over',
    SOURCE,
    [
      "return doubtful ? unknown('overtaken', fence) : { kind: 'again', pause: true, halfway: FRESH }",
      "return { kind: 'again', pause: true, halfway: FRESH }",
    ],
    ['deaf', 'storm', 'model'],
  ),
  without(
    'unknown after an unanswered compare-and-swap',
    'a stage change after an unanswered compare-and-swap starts over',
    SOURCE,
    [
      "halfway: doubtful\n          ? { kind: 'cas-sent', payload, base, before: carried?.halfway ?? null }\n          : (carried?.halfway ?? FRESH),",
      'halfway: carried?.halfway ?? FRESH,',
    ],
    ['deaf', 'storm', 'model'],
  ),
  without(
    'unknown after an unanswered compare-and-swap',
    'what the source has now is taken for the base of an unanswered compare-and-swap',
    WRITE,
    ['if ((copy?.version ?? 0) === halfway.base) return', 'if (halfway.base >= 0) return'],
    ['deaf', 'storm', 'model'],
  ),
  without(
    'asked after an unanswered begin',
    'a begin that was never answered is taken for not done',
    WRITE,
    [
      "const { answer } = yield* ask('target.probe', { fence, op: task.operation.op })",
      "const answer = { kind: 'none' }",
    ],
    ['deaf', 'storm', 'bound-deaf', 'model'],
  ),
  without(
    'asked after an unanswered begin',
    'a begin that was never answered starts over where the source numbers',
    WRITE,
    [
      "if (sourceNumbers(state.stage)) return unknown('numbering-changed-hands', fence)\n  const { answer }",
      "if (sourceNumbers(state.stage)) return { kind: 'again', pause: false, halfway: FRESH }\n  const { answer }",
    ],
    ['deaf', 'storm', 'model'],
  ),
  without(
    'doubt survives a refusal',
    'an unanswered sending leaves no doubt',
    PERFORM,
    ['return { answer, doubtful: true }', 'return { answer, doubtful: false }'],
    ['deaf', 'storm', 'model'],
  ),
  without(
    'doubt survives a refusal',
    'a request that is held back after an unanswered sending leaves no doubt',
    PERFORM,
    ['if (told.notSent !== null) break', 'if (told.notSent !== null) return { answer: null, doubtful: false }'],
    ['ordinary'],
  ),
  without(
    'doubt survives a refusal',
    'a begin that was refused by a fence after an unanswered sending is taken for not done',
    TARGET,
    ["halfway: doubtful ? { kind: 'begun', payload, base } : FRESH }", 'halfway: FRESH }'],
    ['deaf', 'storm', 'model'],
  ),
  without(
    'doubt survives a refusal',
    'a begin that came too late after an unanswered sending is called a failure',
    TARGET,
    ["return failedOrUnknown(doubtful, 'too-late', fence)", "return failed('too-late', fence)"],
    ['deaf', 'storm', 'model'],
  ),
  without(
    'doubt survives a refusal',
    'a hold is taken for a failure of a begin',
    TARGET,
    ["return unknown('on-hold', fence) // a stray", "return failed('on-hold', fence) // a stray"],
    ['left-behind', 'model'],
  ),
  without(
    'doubt survives a refusal',
    'a hold is taken for a failure of a compare-and-swap',
    SOURCE,
    ["return unknown('on-hold', fence) // a stray", "return failed('on-hold', fence) // a stray"],
    ['left-behind', 'model'],
  ),
  without(
    'doubt survives a refusal',
    'a begin that was never answered is called a failure',
    TARGET,
    [
      "if (answer === null) return { kind: 'step', step: failedOrUnknown(doubtful, 'target-unavailable', fence) }",
      "if (answer === null) return { kind: 'step', step: failed('target-unavailable', fence) }",
    ],
    ['deaf', 'storm', 'model'],
  ),
]
