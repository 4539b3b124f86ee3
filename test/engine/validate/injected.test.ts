import { describe, expect, it } from 'vitest'
import type { MismatchReason } from '../../../lib/core/compare/verdict.js'
import { versionOf } from '../../../lib/core/copy.js'
import type { JsonObject } from '../../../lib/core/json.js'
import type { Stage } from '../../../lib/core/stage.js'
import { keptMismatches } from '../../../lib/engine/validate/mismatches.js'
import { validateIds } from '../../../lib/engine/validate/validate-ids.js'
import { copiesOf, endRun, fill, goTo, plantAtSource, plantAtTarget, type World, world, write } from './world.js'

const RECORDS = 40

/** What is done to one record, and what a validation must call it. */
const INJECTIONS: { [name: string]: { reason: MismatchReason; inject: (at: World) => Promise<string> } } = {
  'a record that only the source has': {
    reason: 'missing-at-target',
    inject: async (at) => {
      await plantAtSource(at, 'x-missing', { version: 1, op: '', value: { id: 'x-missing' } })
      return 'x-missing'
    },
  },
  'a record that only the target has': {
    reason: 'extra-at-target',
    inject: async (at) => {
      await plantAtTarget(at, 'x-extra', { version: 1, op: '', value: { id: 'x-extra' } })
      return 'x-extra'
    },
  },
  'one version with two values': {
    reason: 'values-differ',
    inject: async (at) => {
      await plantAtSource(at, 'x-values', { version: 1, op: 'same', value: { id: 'x-values', n: 1 } })
      await plantAtTarget(at, 'x-values', { version: 1, op: 'same', value: { id: 'x-values', n: 2 } })
      return 'x-values'
    },
  },
  'one version of two operations': {
    reason: 'version-names-two-values',
    inject: async (at) => {
      await plantAtSource(at, 'x-clash', { version: 1, op: 'one', value: { id: 'x-clash' } })
      await plantAtTarget(at, 'x-clash', { version: 1, op: 'two', value: { id: 'x-clash' } })
      return 'x-clash'
    },
  },
  'a lost update at the target': {
    reason: 'target-behind',
    inject: async (at) => {
      const { source } = await copiesOf(at, 'r007')
      await plantAtSource(at, 'r007', { version: versionOf(source) + 1, op: 'lost', value: { id: 'r007', n: 2 } })
      return 'r007'
    },
  },
  'a lost update at the source': {
    reason: 'source-behind',
    inject: async (at) => {
      const { source } = await copiesOf(at, 'r008')
      await plantAtTarget(at, 'r008', { version: versionOf(source) + 1, op: 'lost', value: { id: 'r008', n: 2 } })
      return 'r008'
    },
  },
}

const STAGES_THAT_COMPARE: Stage[] = ['dualwrite', 'shadow', 'live', 'rampdown', 'complete']

for (const stage of STAGES_THAT_COMPARE) {
  describe(`In ${stage}`, () => {
    it('a validation after a complete pass finds nothing, and both digests are one', async () => {
      const at = await filled(stage)
      const run = await endRun(at, 'validate')
      expect(run).toMatchObject({ status: 'succeeded', note: null, counters: { mismatched: 0, inconclusive: 0 } })
      expect(run.counters.compared).toBe(RECORDS)
      expect(run.result).toMatchObject({ compared: RECORDS, matched: RECORDS })
      const { digestSource, digestTarget } = run.result as JsonObject
      expect(digestSource).toBe(digestTarget)
      expect(digestSource).not.toBe('0000000000000000')
    })

    it('each injected difference is found exactly once, and named', async () => {
      const at = await filled(stage)
      const wanted = new Map<string, MismatchReason>()
      for (const { reason, inject } of Object.values(INJECTIONS)) wanted.set(await inject(at), reason)
      const run = await endRun(at, 'validate', {}, { batchwise: true })
      expect(run.status).toBe('failed')
      expect(run.counters).toMatchObject({ mismatched: wanted.size, extra: 1, inconclusive: 0, repaired: 0 })
      const kept = await keptMismatches(at.context.ledger, run.id, null, 200)
      expect(new Map(kept.items.map(({ id, reason }) => [id, reason]))).toEqual(wanted)
      expect(kept.items.find(({ id }) => id === 'x-values')).toMatchObject({
        stage,
        differences: [{ path: '$.n', kind: 'changed', source: 1, target: 2 }],
      })
      const { digestSource, digestTarget } = run.result as JsonObject
      expect(digestSource).not.toBe(digestTarget)
    })
  })
}

for (const [what, { reason, inject }] of Object.entries(INJECTIONS)) {
  it(`asked for ids, calls ${what} ${reason}, and the others a match`, async () => {
    const at = await filled('live')
    const id = await inject(at)
    const outcomes = await validateIds(at.context, at.collection, ['r001', id, 'r002', 'nobody', id])
    expect(outcomes.map((one) => [one.id, one.verdict.kind])).toEqual([
      ['r001', 'match'],
      [id, 'mismatch'],
      ['r002', 'match'],
      ['nobody', 'match'],
    ])
    expect(outcomes[1]).toMatchObject({ verdict: { reason }, stage: 'live', repaired: false })
  })
}

it('in off nothing is a mismatch, and what is not at the target is said not to be of this stage', async () => {
  const at = world()
  await fill(at, 10)
  const run = await endRun(at, 'validate')
  expect(run).toMatchObject({ status: 'succeeded', counters: { compared: 10, inconclusive: 10, mismatched: 0 } })
})

it('before the back-fill of a dualwrite, records are missing at the target', async () => {
  const at = world()
  await fill(at, 30)
  await goTo(at, 'dualwrite')
  await write(at, 'r005', { id: 'r005', touched: true })
  await at.settled()
  const run = await endRun(at, 'validate', { mismatchesKept: 7 })
  expect(run.counters).toMatchObject({ compared: 30, matched: 1, mismatched: 29 })
  expect((await keptMismatches(at.context.ledger, run.id, null, 200)).items).toHaveLength(7)
})

it('redaction hides values in what is kept and in what is answered', async () => {
  const at = await filled('live')
  const secret = (n: number, id = 'x'): JsonObject => ({ id, inner: { token: `SECRET-${n}` }, open: n })
  await plantAtSource(at, 'x', { version: 1, op: 'same', value: secret(1) })
  await plantAtTarget(at, 'x', { version: 1, op: 'same', value: secret(2) })
  await plantAtSource(at, 'y', { version: 1, op: 'same', value: secret(3, 'y') })
  const redact = ['$.**.token']
  const run = await endRun(at, 'validate', { redact })
  const kept = await keptMismatches(at.context.ledger, run.id, null, 200)
  const answered = await validateIds(at.context, at.collection, ['x', 'y'], { redact })
  for (const shown of [kept.items, answered, run]) expect(JSON.stringify(shown)).not.toContain('SECRET')
  expect(kept.items[0]?.differences).toEqual([
    { path: '$.inner.token', kind: 'changed', source: '[redacted]', target: '[redacted]' },
    { path: '$.open', kind: 'changed', source: 1, target: 2 },
  ])
  expect(kept.items[1]?.differences).toEqual([
    { path: '$', kind: 'only-source', source: { id: 'y', inner: { token: '[redacted]' }, open: 3 } },
  ])
})

async function filled(stage: Stage): Promise<World> {
  const at = world()
  await fill(at, RECORDS)
  await goTo(at, 'dualwrite')
  await endRun(at, 'backfill')
  await goTo(at, stage)
  return at
}
