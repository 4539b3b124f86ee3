import { describe, expect, it } from 'vitest'
import type { Stage } from '../../../lib/core/stage.js'
import { checkpointEntries } from '../../../lib/engine/checkpoints/entries.js'
import { checkpointEvidence } from '../../../lib/engine/checkpoints/evidence.js'
import { explanationOf, findCheckpoint } from '../../../lib/engine/checkpoints/find.js'
import type { TargetCollection } from '../../../lib/ports/store.js'
import { copiesOf, endRun, plantAtSource, plantAtTarget, type World, write } from '../validate/world.js'
import { checked, entered, filled, outcomes, rules } from './world.js'

const RECORDS = 80
const BOTH = rules({ kind: 'data-consistency', sampleSize: 1_000 }, { kind: 'api-compatibility' })

describe('a check of records and answers', () => {
  it.each(['shadow', 'live'] as const)('passes in %s where both stores hold the same', async (stage) => {
    const at = await filled(stage, RECORDS)
    if (stage === 'shadow') await endRun(at, 'backfill')
    await write(at, 'r003', null)
    await at.settled()
    const check = await checked(at, BOTH)
    expect(check).toMatchObject({ outcome: 'pass', checkpoints: [{ finding: { because: 'no-differences' } }, {}] })
    const [sample, api] = check.checkpoints
    expect(sample?.finding?.numbers).toMatchObject({ frame: RECORDS - 1, compared: RECORDS - 1, differingAtMost: 0 })
    expect(api?.finding?.numbers).toMatchObject({ different: 0, inconclusive: 0, recorded: 0 })
    expect(api?.finding?.numbers.withRecords).toBeGreaterThan(20)
  })

  const faults: [string, (at: World) => Promise<void>][] = [
    ['a record that the target lacks', (at) => plantAtSource(at, 'x', { version: 5, op: 'lost', value: { id: 'x' } })],
    ['a record that only the target has', (at) => plantAtTarget(at, 'y', { version: 5, op: 'e', value: { id: 'y' } })],
    [
      'a value that differs under one version',
      async (at) => {
        const { target } = await copiesOf(at, 'r011')
        if (target === null) throw new Error('no copy')
        const { version } = target
        await plantAtSource(at, 'r011', { version: version + 1, op: 'odd', value: { id: 'r011', n: 'ours' } })
        await plantAtTarget(at, 'r011', { version: version + 1, op: 'odd', value: { id: 'r011', n: 'theirs' } })
      },
    ],
    [
      'a deletion that the target has not heard of',
      async (at) => {
        const { source } = await copiesOf(at, 'r020')
        await plantAtSource(at, 'r020', { version: (source?.version ?? 0) + 1, op: 'lost', value: null })
      },
    ],
  ]
  it.each(faults)('finds %s, each way', async (_, harm) => {
    const at = await filled('live', RECORDS)
    await harm(at)
    const check = await checked(at, BOTH)
    expect(outcomes(check)).toEqual({ 'data-consistency': 'breach', 'api-compatibility': 'breach' })
    expect(check.outcome).toBe('breach')
    expect(JSON.stringify(check.checkpoints)).not.toMatch(/ours|theirs/)
    for (const { finding } of check.checkpoints) expect(finding?.examples.length).toBeGreaterThan(0)
  })

  it('finds by its answers what no record shows: a listing that leaves one out, or is in another order', async () => {
    const lacking = (target: TargetCollection): TargetCollection => ({
      ...target,
      page: async (after, limit) => {
        const page = await target.page(after, limit)
        return { ...page, items: page.items.filter(({ id }) => id !== 'r007') }
      },
    })
    const check = await checked(await filled('live', RECORDS, lacking), BOTH)
    expect(outcomes(check)).toEqual({ 'data-consistency': 'pass', 'api-compatibility': 'breach' })
    expect(check.checkpoints[1]?.finding?.numbers['differIn-items']).toBeGreaterThan(0)
  })

  it('takes no store that is not sure of its last page for another API', async () => {
    const unsure = (target: TargetCollection): TargetCollection => ({
      ...target,
      page: async (after, limit) => {
        const page = await target.page(after, limit)
        return { ...page, end: page.end && page.items.length < limit }
      },
    })
    const at = await filled('live', 8, unsure)
    for (let round = 0; round < 10; round++)
      expect((await checked(at, rules({ kind: 'api-compatibility', minRequests: 5 }))).outcome).toBe('pass')
  })

  it('passes nowhere on nothing: before the target has anything, and where there are no records', async () => {
    for (const [stage, records] of [
      ['off', RECORDS],
      ['live', 0],
    ] as [Stage, number][]) {
      const check = await checked(await filled(stage, records), BOTH)
      expect(Object.values(outcomes(check))).toEqual(['not-enough-evidence', 'not-enough-evidence'])
    }
  })

  it('takes as many as a bound takes, and says so where that is more than it may', async () => {
    const at = await filled('live', 200)
    const [asked = null] = (await checked(at, rules({ kind: 'data-consistency', boundShare: 0.05 }))).checkpoints
    expect(asked?.finding).toMatchObject({
      outcome: 'pass',
      numbers: { frame: 200, compared: 47, differingAtMost: 10 },
    })
    const few = await checked(at, rules({ kind: 'data-consistency', boundShare: 0.05, sampleSize: 20 }))
    expect(few.checkpoints[0]?.finding).toMatchObject({ outcome: 'not-enough-evidence', because: 'bound-too-wide' })
  })

  it('comes to the same when it is worked one batch at a time', async () => {
    const at = await filled('live', RECORDS)
    expect((await checked(at, BOTH, { batchwise: true })).outcome).toBe('pass')
    await plantAtSource(at, 'x', { version: 5, op: 'lost', value: { id: 'x' } })
    expect((await checked(at, BOTH, { batchwise: true })).outcome).toBe('breach')
  })
})

describe('what is kept of a check', () => {
  it('is one entry for each checkpoint and one for all, with what they were decided from', async () => {
    const at = await filled('live', RECORDS)
    const before = at.context.clock.now()
    const check = await checked(at, BOTH)
    const entries = await entered(at.context, 'validation-checkpoint')
    expect(entries.map(({ id, outcome, rule }) => [id, outcome, rule])).toEqual(
      check.checkpoints.map(({ id, finding, rule }) => [id, finding?.outcome, rule]),
    )
    expect(await entered(at.context, 'phase-check')).toMatchObject([{ id: check.id, outcome: 'pass', by: 'ann' }])
    const evidence = await checkpointEvidence(at.context, 'projects', before)
    expect(evidence.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['api-compatibility', 'pass'],
      ['data-consistency', 'pass'],
    ])
    expect(await checkpointEvidence(at.context, 'projects', at.context.clock.now() + 1_000)).toEqual([])
    expect(await checkpointEvidence(at.context, 'resources', 0)).toEqual([])
  })

  it('is found by filters and cursor, and by its id, and told in sentences', async () => {
    const at = await filled('live', RECORDS)
    const check = await checked(at, rules({ kind: 'data-consistency', sampleSize: 30 }, { kind: 'api-compatibility' }))
    const { ledger } = at.context
    const first = await checkpointEntries(ledger, { limit: 1 })
    expect(first.items).toMatchObject([{ kind: 'api-compatibility' }])
    const second = await checkpointEntries(ledger, { limit: 1, before: first.next ?? '' })
    expect(second.items).toMatchObject([{ kind: 'data-consistency' }])
    expect(
      (await checkpointEntries(ledger, { kind: 'data-consistency', outcome: 'pass', limit: 9 })).items.length,
    ).toBe(1)
    expect((await checkpointEntries(ledger, { outcome: 'breach', limit: 9 })).items).toEqual([])
    const id = `${check.id}.1`
    expect(await findCheckpoint(at.context, id)).toMatchObject({ is: 'checkpoint', entry: { id } })
    await expect(findCheckpoint(at.context, 'nobody')).rejects.toMatchObject({ code: 'not-found' })
    expect((await explanationOf(at.context, id)).sentences).toEqual([
      'ann asked of projects: because.',
      'Data consistency, by a sample: passed. Sampled 30 of 80, none differ: at most 6 (7.5 %) differ, with 95 % confidence.',
    ])
    expect((await explanationOf(at.context, check.id)).sentences).toHaveLength(4)
  })
})
