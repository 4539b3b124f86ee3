import { type Mutant, without } from '../mutant.js'

const WRITE = 'lib/core/protocol/write.ts'
const SOURCE = 'lib/core/protocol/write-source.ts'
const STRICT = 'lib/core/protocol/write-strict.ts'
const TARGET = 'lib/core/protocol/write-target.ts'
const STEP = 'lib/core/protocol/step.ts'
const COPIES = 'lib/engine/data-plane/copies.ts'

/** Of writes, through every stage change that may overtake them. */
export const WRITE_MUTANTS: readonly Mutant[] = [
  without(
    'a later copy in a new era is no proof',
    'a number of an era that is over is written anew though the source has gone past it',
    WRITE,
    [
      'if (sourceNumbers(state.stage) && (copy?.version ?? 0) < halfway.version) {',
      'if (sourceNumbers(state.stage)) {',
    ],
    ['downwards', 'model'],
  ),
  without(
    'a later copy in a new era is no proof',
    'a number of an era that is over is acknowledged where the target acknowledges alone',
    WRITE,
    [
      "if (!sourceNumbers(state.stage) && !isStrict(state.stage)) return unknown('numbering-changed-hands', fence)",
      'if (!sourceNumbers(state.stage) && !isStrict(state.stage)) return written(fence, halfway)',
    ],
    ['downwards', 'model'],
  ),
  without(
    'acknowledged only after the source has it',
    'a strict write is acknowledged by the target alone',
    STRICT,
    [
      "const { answer } = yield* ask('source.apply', { fence, id: task.id, copy, options })\n  if (answer === null) return unknown('source-unavailable', fence)\n  switch",
      "const answer = { kind: 'ok' }\n  switch",
    ],
    ['crowd', 'model'],
  ),
  without(
    'acknowledged only after the source has it',
    'a strict write is acknowledged though the source has not answered',
    STRICT,
    [
      "options })\n  if (answer === null) return unknown('source-unavailable', fence)\n  switch",
      'options })\n  if (answer === null) return written(fence, numbered)\n  switch',
    ],
    ['deaf', 'model'],
  ),
  without(
    'acknowledged only after the source has it',
    'a copy is settled though the source has refused it',
    COPIES,
    [
      "if (answer.kind === 'ok' || answer.kind === 'same' || answer.kind === 'newer') return",
      'if (answer.kind) return',
    ],
    ['downwards', 'deaf', 'model'],
  ),
  without(
    'proof of lawful overtaking (only a target that lost data needs it)',
    'a strict write that was overtaken is acknowledged without proof',
    STRICT,
    [
      'return yield* provenOvertaken(task, fence, { ...numbered, payload }, answer.copy)',
      'return written(fence, numbered)',
    ],
    ['loss', 'left-behind', 'model'],
  ),
  without(
    'proof of lawful overtaking (only a target that lost data needs it)',
    'a number that does not follow its base is applied',
    STRICT,
    ['if (numbered.base !== null && mine.version <= numbered.base) return', 'if (numbered.base === -1) return'],
    ['loss', 'model'],
  ),
  without(
    'hold refuses open copies, and what was numbered before',
    'what was numbered before is acknowledged under a hold',
    WRITE,
    ["return view.hold ? unknown('on-hold', fence) : written(fence, halfway)", 'return written(fence, halfway)'],
    ['left-behind', 'model'],
  ),
  without(
    'a number of an era that is over is never applied',
    'a number of an era that is over is applied',
    WRITE,
    ['if (halfway.version < eraFloor(state.era)) return', 'if (halfway.version < 0) return'],
    ['downwards', 'model'],
  ),
  without(
    'the number is kept until the new compare-and-swap is answered',
    'the number is forgotten when the stage changes once more',
    SOURCE,
    ['          : (carried?.halfway ?? FRESH),', '          : FRESH,'],
    ['downwards', 'model'],
  ),
  without(
    'the number is kept until the new compare-and-swap is answered',
    'the number is forgotten when the new compare-and-swap is not answered',
    SOURCE,
    ['before: carried?.halfway ?? null }', 'before: null }'],
    ['climb', 'descend', 'swing', 'sleepers', 'deaf', 'storm', 'model'],
  ),
  without(
    'shadow judges on the source; at most, not equal',
    'in shadow a condition is judged on the target',
    STRICT,
    ["if (state.stage === 'shadow' && task.intent.kind === 'bound') return", "if (state.stage === 'off') return"],
    ['bound', 'model'],
  ),
  without(
    'help before judging again, fenced',
    'in shadow a condition is judged on what the source may lack',
    STRICT,
    [
      'const ended = yield* help(task, fence, begun.copy, helped, (held) => {\n      copy = held\n    })',
      'copy = begun.copy\n    const ended = null',
    ],
    ['bound-deaf', 'model'],
  ),
  without(
    'help before judging again, fenced',
    'in live a condition is judged on what the source may lack',
    STRICT,
    ['judgeOpen: (copy) => help(task, fence, copy, helped),', ''],
    ['bound-deaf', 'model'],
  ),
  {
    guard: 'judged anew after a stage change',
    name: 'after a stage change a bound write keeps its base and its value',
    edits: [
      {
        file: TARGET,
        find: "    case 'stale':\n      return {",
        replace:
          "    case 'stale':\n      if (base !== null) (task as any).memo = { base, value: payload.value }\n      return {",
      },
      {
        file: STRICT,
        find: '    const begun = yield* begin(task, fence, { value: evaluation.value }, bound)',
        replace:
          "    const memo = (task as any).memo\n    ;(task as any).memo = undefined\n    const begun = yield* begin(task, fence, { value: memo ? memo.value : evaluation.value }, memo ? { base: memo.base, compare: 'at-most' as const } : bound)",
      },
    ],
    hunt: ['bound', 'climb', 'descend', 'swing', 'bound-deaf', 'model'],
  },
  {
    guard: 'creation bound to absence',
    name: 'a creation is not bound once it was judged',
    edits: [
      {
        file: TARGET,
        find: "{ ...base, compare: 'equal' }",
        replace: "base.base === 0 ? {} : { ...base, compare: 'equal' }",
      },
      {
        file: STRICT,
        find: "const bound = { ...baseOf(copy), compare: 'at-most' as const }",
        replace: "const bound = copy === null ? {} : { ...baseOf(copy), compare: 'at-most' as const }",
      },
    ],
    hunt: ['bound', 'model'],
  },
  without(
    'an old number is not judged again',
    'a condition is judged again while an old number is in mind',
    SOURCE,
    [
      "return carried ? unknown('numbering-changed-hands', fence) : { kind: 'done', result: { kind: 'refused', fence } }",
      "return { kind: 'done', result: { kind: 'refused', fence } }",
    ],
    ['downwards', 'model'],
  ),
  without(
    'lease for reads and refusals of one store',
    'in live the target refuses alone though the source was out of sight',
    STRICT,
    ["return wasHelped ? null : yield* leaseStep('source', fence)", 'return null'],
    ['left-behind', 'model'],
  ),
  without(
    'lease for reads and refusals of one store',
    'in shadow the source refuses alone though the target was out of sight',
    STRICT,
    ["const expired = helped.length > 0 ? null : yield* leaseStep('target', fence)", 'const expired = null'],
    ['left-behind', 'model'],
  ),
  without(
    "a writer's look at the source only at its own fence",
    'a writer looks at a source that is behind',
    STEP,
    ['if (view.fence.epoch === fence.epoch) {', 'if (view.fence.epoch <= fence.epoch) {'],
    ['deaf', 'storm', 'bound-deaf', 'climb', 'descend', 'swing', 'model'],
  ),
  without(
    "a writer's look at the source only at its own fence",
    'a writer looks at a source that is ahead',
    STEP,
    [
      "    if (view.fence.epoch > fence.epoch)\n      return { kind: 'step', step: { kind: 'stale', fence: view.fence, halfway: FRESH } }\n    if (view.fence.epoch === fence.epoch) {",
      '    if (view.fence.epoch >= fence.epoch) {',
    ],
    ['bound', 'climb', 'descend', 'swing', 'deaf', 'storm', 'model'],
  ),
  without(
    'fence on reads',
    'a writer judges a condition on a target that is ahead',
    TARGET,
    [
      "      if (view.fence.epoch > fence.epoch) return step({ kind: 'stale', fence: view.fence, halfway: FRESH })\n",
      '',
    ],
    ['bound', 'climb', 'descend', 'swing', 'model'],
  ),
]
