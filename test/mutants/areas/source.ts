import { type Mutant, without } from '../mutant.js'

const SOURCE = 'lib/drivers/stores/documents/source.ts'
const COMMIT = 'lib/drivers/stores/documents/commit.ts'
const READ = 'lib/core/protocol/read.ts'
const STRICT = 'lib/core/protocol/write-strict.ts'

const ADMIT_APPLY = 'return admit(draft, fence) ?? applyCopy(draft, id, copy, apply, clock.now())'

/** `apply` without the fence, where the caller says so. */
const unfenced = (when: string) => ({
  file: SOURCE,
  find: ADMIT_APPLY,
  replace: `return (${when} && draft.document.fence.epoch > fence.epoch ? null : admit(draft, fence)) ?? applyCopy(draft, id, copy, apply, clock.now())`,
})

/** Of the source store: one JSON document. */
export const SOURCE_MUTANTS: readonly Mutant[] = [
  without(
    "fence on the source's compare-and-swap",
    'a compare-and-swap does not look at a later fence',
    SOURCE,
    [
      "  const refusal = admit(draft, fence)\n  if (refusal?.kind === 'stale') return refusal\n  const { document } = draft",
      '  const refusal = draft.document.fence.epoch > fence.epoch ? null : admit(draft, fence)\n  const { document } = draft',
    ],
    ['climb', 'deaf', 'model'],
  ),
  {
    guard: "fence on a writer's copy to the source",
    name: "a strict writer's copy does not look at a later fence",
    edits: [unfenced('apply.named !== undefined')],
    hunt: ['downwards', 'left-behind', 'model'],
  },
  {
    guard: "fence on a helping reader's copy",
    name: "a helping reader's copy does not look at a later fence",
    edits: [
      unfenced('apply.unfenced'),
      {
        file: READ,
        find: "ask('source.apply', { fence, id: task.id, copy: closed(open) })",
        replace: "ask('source.apply', { fence, id: task.id, copy: closed(open), options: { unfenced: true } })",
      },
    ],
    hunt: ['downwards', 'model'],
  },
  {
    guard: 'help before judging again, fenced',
    name: "a helping writer's copy does not look at a later fence",
    edits: [
      unfenced('apply.unfenced'),
      {
        file: STRICT,
        find: "ask('source.apply', { fence, id: task.id, copy: closed(open) })",
        replace: "ask('source.apply', { fence, id: task.id, copy: closed(open), options: { unfenced: true } })",
      },
    ],
    hunt: ['bound', 'model'],
  },
  without(
    'version check at both stores',
    'the source takes an earlier version',
    SOURCE,
    ['if (held !== undefined && version > copy.version) {', 'if (held !== undefined && version < 0) {'],
    ['deaf', 'storm', 'model'],
  ),
  without(
    'base check of the compare-and-swap',
    'a compare-and-swap does not look at its base',
    SOURCE,
    ["  if (versionOf(held) !== write.base) return { kind: 'conflict', copy: held }\n", ''],
    ['crowd', 'model'],
  ),
  without(
    'tombstones',
    'the source forgets what was deleted',
    SOURCE,
    [
      '  document.copies.set(id, copy)\n',
      '  if (copy.value === null) document.copies.delete(id)\n  else document.copies.set(id, copy)\n',
    ],
    ['crowd', 'storm', 'model'],
  ),
  without(
    'raise and mutate in one access',
    'a compare-and-swap behind which a later stage stands does not raise the source',
    SOURCE,
    [
      "  const refusal = admit(draft, fence)\n  if (refusal?.kind === 'stale') return refusal\n  const { document } = draft",
      "  const refusal = draft.document.fence.epoch < fence.epoch ? null : admit(draft, fence)\n  if (refusal?.kind === 'stale') return refusal\n  const { document } = draft",
    ],
    ['swing', 'deaf', 'model'],
  ),
  without(
    'raise and mutate in one access',
    'a copy behind which a later stage stands does not raise the source',
    SOURCE,
    [
      ADMIT_APPLY,
      'return (draft.document.fence.epoch < fence.epoch ? null : admit(draft, fence)) ?? applyCopy(draft, id, copy, apply, clock.now())',
    ],
    ['swing', 'left-behind', 'model'],
  ),
  without(
    'hold and its length',
    'the source does not refuse under a hold',
    SOURCE,
    ["return document.hold ? { kind: 'hold' } : null", 'return null'],
    ['left-behind', 'model'],
  ),
  without(
    'names that may be older than the process',
    'the source does not remember what it was brought',
    SOURCE,
    ['if (named || isNamed(copy.op)) remember(draft, copy, now)', 'if (named) remember(draft, copy, now)'],
    ['named', 'model'],
  ),
  without(
    'names that may be older than the process',
    'the source does not remember what was overtaken',
    SOURCE,
    ['if (options.named && options.overtaken) remember(draft, copy, now)', ''],
    ['named', 'model'],
  ),
  without(
    'proof of lawful overtaking (only a target that lost data needs it)',
    'the source does not compare the base of a copy with what it has',
    SOURCE,
    ["  if (options.base !== undefined && options.base < version) return { kind: 'loss' }\n", ''],
    ['loss', 'model'],
  ),
  without(
    'proof of lawful overtaking (only a target that lost data needs it)',
    'the source takes one version by two writes for one',
    SOURCE,
    ["return held.op === copy.op ? { kind: 'same' } : { kind: 'clash', copy: held }", "return { kind: 'same' }"],
    ['loss', 'model'],
  ),
  without(
    'one document, one conditional write',
    'a document is put over whatever is there',
    COMMIT,
    [
      'const put = await store.put(name, text, { ifMatch: base.etag })',
      'const there = await store.get(name)\n      const put = await store.put(name, text, { ifMatch: there === null ? null : there.etag })',
    ],
    ['crowd', 'model'],
  ),
  without(
    'one document, one conditional write',
    'what was fetched long ago is taken for the document as it is',
    COMMIT,
    ['        if ((await fetch()).etag !== base.etag) continue\n', ''],
    ['crowd', 'model'],
  ),
  without(
    'one document, one conditional write',
    'a read joins a fetch that began before it',
    COMMIT,
    ['if (fetching === null) return start()', 'if (fetching !== null) return fetching\n    return start()'],
    ['crowd', 'model'],
  ),
  without(
    'one document, one conditional write',
    'a document whose put was not answered is taken for known',
    COMMIT,
    ['      held.clear() // until the put is answered nobody knows\n', ''],
    ['deaf', 'storm', 'model'],
  ),
]
