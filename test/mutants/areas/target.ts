import { type Mutant, without } from '../mutant.js'

const TARGET = 'lib/drivers/stores/memory/partition.ts'
const DATA = 'lib/drivers/stores/memory/data.ts'
const VERSION = 'lib/core/version.ts'
const SINGLY = 'either check alone is enough: see the pair'

const KNOWN = "  if (done?.op === op) return { kind: 'known', version: done.version }\n"
const FAIL =
  "  if (base !== undefined && (write.compare === 'at-most' ? stored > base : stored !== base))\n    return { kind: 'fail', copy: held }\n"
const SETTLE_VERSION = 'meta.version !== version || '
const SETTLE_OP = ' || meta.op !== op) continue'

/** Of the target store, as it is kept in memory; its Redis scripts have mutants of their own. */
export const TARGET_MUTANTS: readonly Mutant[] = [
  without(
    'fence on begin',
    'begin does not look at a later fence',
    TARGET,
    [
      '  const stale = admit(partition, fence)\n  if (stale !== null) return stale\n  const done = recall(partition, op)\n',
      '  admit(partition, fence)\n  const done = recall(partition, op)\n',
    ],
    ['climb', 'descend', 'swing', 'contract', 'model'],
  ),
  without(
    'version check at both stores',
    'the target takes an earlier version',
    TARGET,
    ['if (held === null || copy.version > held.version) {', 'if (held === null || copy.version !== held.version) {'],
    ['deaf', 'storm', 'contract', 'model'],
  ),
  without(
    'epoch in the version',
    'versions of all epochs are counted on',
    VERSION,
    ['return Math.max(stored + 1, epoch * EPOCH_UNIT)', 'return stored + 1'],
    ['crowd', 'model'],
  ),
  {
    guard: 'epoch in the version',
    name: 'versions of all epochs are counted on, and none is of an era that is over',
    edits: [
      { file: VERSION, find: 'return Math.max(stored + 1, epoch * EPOCH_UNIT)', replace: 'return stored + 1' },
      { file: VERSION, find: 'return era * EPOCH_UNIT', replace: 'return 0' },
    ],
    hunt: ['crowd', 'deaf', 'storm', 'model'],
  },
  without(
    'tombstones',
    'the target forgets what was deleted',
    DATA,
    [
      '  data.metas.set(id, { version, op, open, tombstone: value === null })\n',
      '  if (value === null) data.metas.delete(id)\n  else data.metas.set(id, { version, op, open, tombstone: false })\n',
    ],
    ['crowd', 'storm', 'model'],
  ),
  without(
    'open mark',
    'what the target numbers is not marked',
    TARGET,
    ['open: true, value', 'open: false, value'],
    ['crowd', 'storm', 'contract', 'model'],
  ),
  {
    guard: 'settle only for the same version and operation (either check alone is enough)',
    name: 'settles whatever version is there',
    edits: [{ file: TARGET, find: SETTLE_VERSION, replace: '' }],
    hunt: ['deaf', 'storm', 'model'],
    redundant: SINGLY,
  },
  {
    guard: 'settle only for the same version and operation (either check alone is enough)',
    name: 'settles whatever operation is there',
    edits: [{ file: TARGET, find: SETTLE_OP, replace: ') continue' }],
    hunt: ['deaf', 'storm', 'model'],
    redundant: SINGLY,
  },
  without(
    'settle only for the same version and operation (either check alone is enough)',
    'settles whatever is there',
    TARGET,
    ['meta.version !== version || meta.op !== op) continue', 'version < 0) continue'],
    ['crowd', 'climb', 'descend', 'swing', 'deaf', 'storm', 'contract', 'model'],
  ),
  without(
    'operation memory',
    'a begin that comes twice is made twice',
    TARGET,
    [KNOWN, ''],
    ['deaf', 'storm', 'model'],
  ),
  without(
    'operation memory',
    'operations are forgotten as soon as they may come no more',
    TARGET,
    ['remember(data, { version, op }, now + 2 * latenessMs)', 'remember(data, { version, op }, now + latenessMs / 2)'],
    ['strays', 'contract', 'model'],
  ),
  without(
    'operation memory',
    'a begin may come as late as it likes',
    TARGET,
    ["  if (now - write.startedAt > latenessMs) return { kind: 'expired' }\n", ''],
    ['strays', 'contract', 'model'],
  ),
  without(
    'operation memory',
    'a begin from the future is refused for good, and its stray is not',
    'lib/core/protocol/write-target.ts',
    ["      return unknown('clock-ahead', fence)\n", "      return failedOrUnknown(doubtful, 'too-late', fence)\n"],
    ['strays', 'model'],
  ),
  without(
    'operation memory',
    'a begin may be made as early as it likes',
    TARGET,
    ["  if (write.startedAt - now > latenessMs) return { kind: 'early' }\n", ''],
    ['strays', 'contract'],
  ),
  {
    guard: 'operation memory before the condition',
    name: 'the condition is looked at before the operation memory',
    edits: [
      { file: TARGET, find: KNOWN, replace: '' },
      { file: TARGET, find: FAIL, replace: `${FAIL}${KNOWN}` },
    ],
    hunt: ['bound-deaf', 'contract', 'model'],
  },
  without(
    'base compared where the number is given',
    'a bound write is not compared with its base',
    TARGET,
    [FAIL, ''],
    ['bound', 'contract', 'model'],
  ),
  without(
    'shadow judges on the source; at most, not equal',
    'in live a write is let through at most at its base',
    TARGET,
    ["write.compare === 'at-most' ? stored > base : stored !== base", 'stored > base'],
    ['bound', 'bound-deaf', 'loss', 'contract', 'model'],
  ),
  without(
    'shadow judges on the source; at most, not equal',
    'in shadow the base has to be there',
    TARGET,
    ["write.compare === 'at-most' ? stored > base : stored !== base", 'stored !== base'],
    ['bound', 'bound-deaf', 'contract', 'model'],
  ),
  without(
    'raise and mutate in one access',
    'the target is not raised by what is asked of it',
    TARGET,
    [
      '  if (held === undefined || held.epoch < fence.epoch) data.fences.set(number, { fence: frozen(fence), hold: false })\n',
      '',
    ],
    ['deaf', 'storm', 'sleepers', 'contract', 'model'],
  ),
  without(
    'hold and its length',
    'the target numbers under a hold',
    TARGET,
    ["  if (data.fences.get(number)?.hold) return { kind: 'hold' }\n", ''],
    ['left-behind', 'contract', 'model'],
  ),
  without(
    'raising only ever lifts a fence',
    'a target is lowered by a late raise',
    TARGET,
    ['if (epoch < fence.epoch && (ifEpoch', 'if (epoch !== fence.epoch && (ifEpoch'],
    ['deaf', 'storm', 'contract', 'model'],
  ),
  without(
    'raising only ever lifts a fence',
    'what is set in place lowers the target',
    TARGET,
    ['if (control().fence?.epoch === fence.epoch) data.fences', 'if (control().fence !== null) data.fences'],
    ['deaf', 'storm', 'passes', 'contract', 'model'],
  ),
  without(
    'raising only ever lifts a fence',
    'a target that has moved on is left behind all the same',
    TARGET,
    [' && (ifEpoch === undefined || ifEpoch === epoch)', ''],
    ['left-behind', 'contract', 'model'],
  ),
  without(
    'asked after an unanswered begin',
    'what is asked does not look at a later fence',
    TARGET,
    [
      "      const stale = admit(partition, fence)\n      if (stale !== null) return stale\n      const done = recall(partition, op)\n      return done?.op === op ? { kind: 'known'",
      "      admit(partition, fence)\n      const done = recall(partition, op)\n      return done?.op === op ? { kind: 'known'",
    ],
    ['deaf', 'storm', 'named', 'contract', 'model'],
  ),
  without(
    'asked after an unanswered begin',
    'what is asked does not raise the target',
    TARGET,
    [
      "      const stale = admit(partition, fence)\n      if (stale !== null) return stale\n      const done = recall(partition, op)\n      return done?.op === op ? { kind: 'known'",
      "      const stale = control().fence?.epoch < fence.epoch ? null : admit(partition, fence)\n      if (stale !== null) return stale\n      const done = recall(partition, op)\n      return done?.op === op ? { kind: 'known'",
    ],
    ['deaf', 'storm', 'named', 'climb', 'descend', 'swing', 'contract', 'model'],
  ),
  without(
    'proof of lawful overtaking (only a target that lost data needs it)',
    'a base by another operation is taken for the base',
    TARGET,
    [
      "  if (held !== null && held.version === base && baseOp !== undefined && held.op !== baseOp) return { kind: 'loss' }\n",
      '',
    ],
    ['loss', 'contract', 'model'],
  ),
  without(
    'proof of lawful overtaking (only a target that lost data needs it)',
    'everything is proved',
    TARGET,
    ["return { kind: proved ? 'proved' : 'not-proved' }", "return { kind: 'proved' }"],
    ['loss', 'contract', 'model'],
  ),
  without(
    'proof of lawful overtaking (only a target that lost data needs it)',
    'the target numbers without a fence where it must have one',
    TARGET,
    ["  if (write.fenceExpected && !data.fences.has(number)) return { kind: 'lost' }\n", ''],
    ['loss', 'contract', 'model'],
  ),
]
