import { type Mutant, without } from '../mutant.js'

const READ = 'lib/core/protocol/read.ts'
const LIST = 'lib/engine/data-plane/list.ts'
const PERFORM = 'lib/engine/data-plane/perform.ts'

/** Of reads and listings. */
export const READ_MUTANTS: readonly Mutant[] = [
  without(
    'fence on reads',
    'a reader does not look at a later fence of the source',
    READ,
    [
      "  if (view.fence.epoch > fence.epoch) return { kind: 'stale', fence: view.fence }\n  return (alone",
      '  return (alone',
    ],
    ['crowd', 'model'],
  ),
  without(
    'fence on reads',
    'a reader does not look at a later fence of the target',
    READ,
    [
      "  if (view.fence.epoch > fence.epoch) return { kind: 'stale', fence: view.fence }\n  if (view.hold",
      '  if (view.hold',
    ],
    ['climb', 'descend', 'swing', 'deaf', 'storm', 'model'],
  ),
  without(
    "reader's help",
    'a reader in live shows what the source may lack',
    READ,
    ['if (strict && view.copy?.open) return', 'if (strict && view.copy?.version < 0) return'],
    ['downwards', 'outages', 'model'],
  ),
  without(
    "fence on a helping reader's copy",
    'a reader shows what the source has refused',
    READ,
    [
      "  if (answer.kind === 'stale') return { kind: 'stale', fence: answer.fence }\n  if (answer.kind === 'hold' ||",
      "  if (answer.kind === 'hold' ||",
    ],
    ['downwards', 'swing', 'model'],
  ),
  without(
    'fallback reads: full flag, no open copies, same fence',
    'the target answers for the source before it is full',
    READ,
    ['alone || !stateOf(fence, task).fullTarget', 'alone'],
    ['outages-not-full', 'model'],
  ),
  without(
    'fallback reads: full flag, no open copies, same fence',
    'the source answers for the target before it is full',
    READ,
    ['!strict || !stateOf(fence, task).fullSource', '!strict'],
    ['outages-not-full', 'model'],
  ),
  without(
    'fallback reads: full flag, no open copies, same fence',
    'the target answers for the source with what the source may lack',
    READ,
    [' || view.hold || view.copy?.open', ' || view.hold'],
    ['outages', 'model'],
  ),
  without(
    'fallback reads: full flag, no open copies, same fence',
    'the target answers for the source under an earlier fence',
    READ,
    ['view.fence?.epoch !== fence.epoch || view.hold || ', 'view.hold || '],
    ['outages', 'model'],
  ),
  without(
    'fallback reads: full flag, no open copies, same fence',
    'the source answers for the target under an earlier fence',
    READ,
    ['if (view.fence.epoch !== fence.epoch || view.hold) return', 'if (view.hold) return'],
    ['outages', 'model'],
  ),
  without(
    'hold refuses open copies, and what was numbered before',
    'what the source may lack is shown under a hold',
    READ,
    ["  if (view.hold && view.copy?.open) return { kind: 'failed', reason: 'on-hold', fence }\n", ''],
    ['left-behind', 'model'],
  ),
  without(
    'lease for reads and refusals of one store',
    'the source speaks alone though the target was out of sight',
    READ,
    ["alone ? null : yield* outOfSight('target', fence)", 'null'],
    ['left-behind', 'model'],
  ),
  without(
    'lease for reads and refusals of one store',
    'the target speaks alone though the source was out of sight',
    READ,
    ["strict ? yield* outOfSight('source', fence) : null", 'null'],
    ['left-behind', 'model'],
  ),
  without(
    'lease for reads and refusals of one store',
    'the target answers for a source that was out of sight',
    READ,
    [
      "return (yield* outOfSight('source', fence)) ?? answered(fence, view.copy, 'target', [], true)",
      "return answered(fence, view.copy, 'target', [], true)",
    ],
    ['left-behind', 'model'],
  ),
  without(
    'lease for reads and refusals of one store',
    'the source answers for a target that was out of sight',
    READ,
    [
      "return (yield* outOfSight('target', fence)) ?? answered(fence, view.copy, 'source', [], true)",
      "return answered(fence, view.copy, 'source', [], true)",
    ],
    ['left-behind', 'model'],
  ),
  without(
    'lease for reads and refusals of one store',
    'a lease never ends',
    PERFORM,
    ['clock.monotonic() - seen.at <= leaseMs', 'seen.at <= clock.monotonic()'],
    ['left-behind', 'model'],
  ),
  without(
    'lease for reads and refusals of one store',
    'a lease of an earlier fence counts',
    PERFORM,
    ['seen.epoch === fence.epoch && clock', 'clock'],
    ['left-behind', 'model'],
  ),
  without(
    'lease for reads and refusals of one store',
    'a lease is counted from the answer on',
    PERFORM,
    ["return clock.monotonic() - at <= leaseMs ? { kind: 'held' } : { kind: 'refused' }", "return { kind: 'held' }"],
    ['left-behind', 'model'],
  ),
  without(
    'listings show what reads show',
    'a listing does not look at later fences',
    LIST,
    [
      'if (restless || states.some(({ fence }, number) => fence.epoch !== epochs[number])) return',
      'if (restless) return',
    ],
    ['lists', 'model'],
  ),
  without(
    'listings show what reads show',
    'a listing shows what the source may lack',
    LIST,
    ['isStrict(stage) ? !held || open :', 'isStrict(stage) ? !held :'],
    ['lists', 'model'],
  ),
  without(
    'listings show what reads show',
    'a listing asks for no lease',
    LIST,
    ['isStrict(stage) ? !held || open :', 'isStrict(stage) ? open :'],
    ['left-behind', 'model'],
  ),
  without(
    'listings show what reads show',
    'a listing goes on beyond what one of the stores told of',
    LIST,
    ['rows: cut === undefined ? inOrder : inOrder.filter(({ id }) => compareIds(id, cut) <= 0)', 'rows: inOrder'],
    ['lists', 'model'],
  ),
  without(
    'listings show what reads show',
    'a record of a listing is judged by a fence learned later',
    LIST,
    [
      'const fence = fenceOf(collection, page.fences, row.id)',
      'const fence = fenceOf(collection, states.map((state) => state.fence), row.id)',
    ],
    ['lists', 'model'],
  ),
]
