import { type Mutant, without } from '../mutant.js'

const PASS = 'lib/engine/pass/pass.ts'
const BACKFILL = 'lib/engine/runs/backfill.ts'
const FULL = 'lib/engine/stages/full.ts'
const MEND = 'lib/engine/pass/mend.ts'
const TARGET = 'lib/drivers/stores/memory/partition.ts'
const SOURCE = 'lib/drivers/stores/documents/source.ts'

const COUNTS = 'a pass counts what was answered, under one fence'

/** Of the pass, and of what it declares. */
export const PASS_MUTANTS: readonly Mutant[] = [
  without(
    COUNTS,
    'a pass reads a source that is behind it',
    PASS,
    [
      '  learn(state, fence)\n  if (fence.epoch === state.fence.epoch) return true\n  await state.source.raise(state.fence)\n  return false',
      '  learn(state, fence)\n  return true',
    ],
    ['passes-and-shares', 'model'],
  ),
  without(
    COUNTS,
    'a pass reads a target that is behind it',
    PASS,
    [
      '  learn(state, fence)\n  if (fence.epoch === state.fence.epoch) return true\n  await state.target.raise(state.fence)\n  return false',
      '  learn(state, fence)\n  return true',
    ],
    ['passes-and-shares', 'model'],
  ),
  without(
    COUNTS,
    'a pass counts what the target has refused',
    PASS,
    [
      "    learn(state, answers.fence)\n    return 'stale'\n  }\n  if (marks",
      '    learn(state, answers.fence)\n    return counts\n  }\n  if (marks',
    ],
    ['passes-and-shares', 'model'],
  ),
  without(
    COUNTS,
    'a pass counts what the source has refused',
    PASS,
    [
      "    learn(state, answers.fence)\n    return 'stale'\n  }\n  if (answers.some",
      '    learn(state, answers.fence)\n    return { returned: 0, clashes: 0 }\n  }\n  if (answers.some',
    ],
    ['passes-and-shares', 'model'],
  ),
  without(
    COUNTS,
    'a pass does not bring back what the target has later',
    PASS,
    ['const back = later.filter(({ id }) => isStrict(stageOf(state, id)))', 'const back = later.slice(later.length)'],
    ['unfilled', 'passes-and-shares', 'model'],
  ),
  without(
    COUNTS,
    'a pass counts what the source has put off',
    PASS,
    ["if (answers.some(({ kind }) => kind === 'hold')) {", 'if (answers.length < 0) {'],
    ['left-behind', 'model'],
  ),
  without(
    COUNTS,
    'a pass leaves open what only the target has',
    BACKFILL,
    ["if (lane.phase === 'source') return { ...lane, phase: 'open', after: null }\n", ''],
    ['passes', 'model'],
  ),
  without(
    COUNTS,
    'a pass settles what the source knows by another write',
    PASS,
    ["const agreed = kept.filter((_, at) => answers[at]?.kind !== 'clash')", 'const agreed = kept'],
    ['loss', 'model'],
  ),
  without(
    'full flags only in the period of the pass',
    'a pass declares full what stands in a strict stage at its end',
    BACKFILL,
    [
      'await reconcile(source, target)\n        return declareFull(source, target, ranges)',
      'return declareFull(source, target, strictRanges((await reconcile(source, target)).source.fence))',
    ],
    ['passes-and-shares', 'model'],
  ),
  without(
    'full flags only in the period of the pass',
    'a pass that has lost its marks declares full all the same',
    BACKFILL,
    ['const lost = gone.length > 0 ? gone : ends', 'const lost = gone.length > 0 ? [] : ends'],
    ['loss', 'model'],
  ),
  without(
    'hold and its length',
    'declaring full ends a hold',
    FULL,
    ['if (!(await target.control()).hold) await target.amend', 'await target.amend'],
    ['left-behind', 'model'],
  ),
  without(
    'proof of lawful overtaking (only a target that lost data needs it)',
    'one version by two writes is left as it is',
    MEND,
    ['if (!isStrict(stage) || !fullSource || fullTarget) return false', 'return true'],
    ['loss', 'model'],
  ),
  {
    guard: 'fence on copies to the target, and on the copies of a pass (either alone is enough)',
    name: 'copies to the target do not look at a later fence',
    edits: [
      {
        file: TARGET,
        find: '      const stale = admit(partition, fence)\n      if (stale !== null) return stale\n      if (mark',
        replace: '      admit(partition, fence)\n      if (mark',
      },
    ],
    hunt: ['passes', 'model'],
    redundant: 'the copies of a pass are fenced at the source as well: see the pair',
  },
  {
    guard: 'fence on copies to the target, and on the copies of a pass (either alone is enough)',
    name: "a pass's copies to the source do not look at a later fence",
    edits: [
      {
        file: SOURCE,
        find: "        const refusal = admit(draft, fence)\n        if (refusal?.kind === 'stale') return refusal\n        return copies",
        replace:
          '        const refusal = draft.document.fence.epoch > fence.epoch ? null : admit(draft, fence)\n        return copies',
      },
    ],
    hunt: ['passes', 'model'],
    redundant: 'what a pass brings back was fenced at the target just before: see the pair',
  },
  {
    guard: 'fence on copies to the target, and on the copies of a pass (either alone is enough)',
    name: 'no copy of a pass looks at a later fence',
    edits: [
      {
        file: TARGET,
        find: '      const stale = admit(partition, fence)\n      if (stale !== null) return stale\n      if (mark',
        replace: '      admit(partition, fence)\n      if (mark',
      },
      {
        file: SOURCE,
        find: "        const refusal = admit(draft, fence)\n        if (refusal?.kind === 'stale') return refusal\n        return copies",
        replace:
          '        const refusal = draft.document.fence.epoch > fence.epoch ? null : admit(draft, fence)\n        return copies',
      },
    ],
    hunt: ['passes-and-shares', 'downwards', 'model'],
  },
]
