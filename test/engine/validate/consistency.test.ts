import { describe, expect, it } from 'vitest'
import type { CommandContext } from '../../../lib/commands/context.js'
import { showConsistency } from '../../../lib/commands/operators/runs/show-consistency.js'
import type { JsonObject } from '../../../lib/core/json.js'
import { type Measured, nothingMeasured } from '../../../lib/core/metrics/measurement.js'
import { sampledReads } from '../../../lib/engine/metrics/sampled.js'
import { startRun } from '../../../lib/engine/runs/start.js'
import { cancelRun, pauseRun } from '../../../lib/engine/runs/steer.js'
import { latestRunKey } from '../../../lib/engine/runs/store.js'
import { LOOKED_AT_MAX } from '../../../lib/engine/validate/consistency.js'
import type { Ledger } from '../../../lib/ports/ledger.js'
import { endRun, fill, goTo, ids, plantAtSource, plantAtTarget, type World, world } from './world.js'

const VIEWER = { name: 'viewer', role: 'viewer' } as const
const SECRET = 'QQ-only-the-owner-may-read-this'
const MOVER = { by: 'ann', reason: 'because' }

async function shown(at: World, asked: object = {}) {
  const context: CommandContext = { engine: at.context, checkRecord: (_collection, _id, value) => value }
  const answer = showConsistency.output.parse(
    await showConsistency.run(context, showConsistency.input.parse(asked), VIEWER),
  )
  const [first] = answer
  if (first === undefined) throw new Error('there is a collection')
  return first
}

async function filled(records = 40): Promise<World> {
  const at = world()
  await fill(at, records)
  await goTo(at, 'live')
  return at
}

/** Records that are at the source alone, and some of one version with two values. */
async function damaged(at: World, missing: number, differing = 0): Promise<void> {
  for (const id of ids(missing)) await plantAtSource(at, `m-${id}`, { version: 1, op: '', value: { secret: SECRET } })
  for (const id of ids(differing)) {
    const value = (secret: string): JsonObject => ({ id: `v-${id}`, owner: { secret } })
    await plantAtSource(at, `v-${id}`, { version: 1, op: 'same', value: value(SECRET) })
    await plantAtTarget(at, `v-${id}`, { version: 1, op: 'same', value: value(`${SECRET}!`) })
  }
}

function begin(at: World, kind: 'validate' | 'backfill' = 'validate') {
  return startRun(at.context, { kind, collection: 'projects', input: {}, ...MOVER })
}

/** Every access of the ledger by name. */
function counted(at: World): string[] {
  const calls: string[] = []
  const { ledger } = at.context
  const members = Object.entries(ledger).map(([name, member]) => {
    if (typeof member !== 'function') return [name, member]
    const call = (...args: unknown[]): unknown => {
      calls.push(name)
      return (member as (...args: unknown[]) => unknown)(...args)
    }
    return [name, call]
  })
  at.context.ledger = Object.fromEntries(members) as Ledger
  return calls
}

it('of what was never validated nothing is said', async () => {
  expect(await shown(await filled())).toEqual({
    ...{ collection: 'projects', inWords: 'Never validated.', latest: null, running: null, sampled: null },
    ...{ zeroLoss: null, causes: [], more: false, passedSince: null },
  })
})

it('a validation that found nothing says how much it has compared', async () => {
  const at = await filled()
  const run = await endRun(at, 'validate')
  expect(await shown(at, { collection: 'projects' })).toMatchObject({
    inWords: 'All 40 records agreed.',
    latest: {
      ...{ runId: run.id, status: 'succeeded', startedBy: 'test', complete: true, checked: 40, mismatched: 0 },
      ...{ missing: 0, extra: 0, repaired: 0, undecided: 0, perSecond: expect.any(Number) },
    },
  })
})

describe('a validation that found records to differ', () => {
  it('tells what they have in common, and no value', async () => {
    const at = await filled()
    await damaged(at, 3, 2)
    await plantAtTarget(at, 'x', { version: 1, op: '', value: { secret: SECRET } })
    await endRun(at, 'validate')
    const found = await shown(at)
    expect(found.inWords).toBe('6 of 46 records differed.')
    expect(found.latest).toMatchObject({ status: 'failed', complete: true, mismatched: 6, missing: 3, extra: 1 })
    expect(found.causes.map(({ cause, paths, count, repaired }) => [cause, paths, count, repaired])).toEqual([
      ['missing-at-target', [], 3, 0],
      ['values-differ', ['$.owner.secret'], 2, 0],
      ['extra-at-target', [], 1, 0],
    ])
    expect(found.causes[1]?.examples[0]).toEqual({
      ...{ id: 'v-r000', sourceVersion: 1, targetVersion: 1, repaired: false, more: false },
      fields: [{ path: '$.owner.secret', source: 'text of 31 characters', target: 'text of 32 characters' }],
    })
    expect(found.more).toBe(false)
    expect(JSON.stringify(found)).not.toContain(SECRET)
  })

  it('says of which it has brought both copies together', async () => {
    const at = await filled()
    await damaged(at, 3, 1)
    await endRun(at, 'validate', { repair: true })
    const { inWords, latest, causes } = await shown(at)
    expect(inWords).toBe('4 of 44 records differed, 3 repaired.')
    expect(latest).toMatchObject({ mismatched: 4, repaired: 3 })
    expect(causes.map(({ cause, count, repaired }) => [cause, count, repaired])).toEqual([
      ['missing-at-target', 3, 3],
      ['values-differ', 1, 0],
    ])
  })

  it('is followed by a back-fill that may have mended them, which is said', async () => {
    const at = await filled()
    await damaged(at, 2)
    await endRun(at, 'validate')
    expect((await shown(at)).passedSince).toBeNull()
    const { id: runId } = await begin(at, 'backfill')
    expect((await shown(at)).passedSince).toBeNull()
    await cancelRun(at.context, { runId, ...MOVER })
    expect((await shown(at)).passedSince).toBeNull()
    const pass = await endRun(at, 'backfill')
    expect((await shown(at)).passedSince).toMatchObject({
      runId: pass.id,
      inWords: expect.stringContaining('validate'),
    })
    await endRun(at, 'validate')
    expect(await shown(at)).toMatchObject({ inWords: 'All 42 records agreed.', passedSince: null, causes: [] })
  })

  it('says when more differed than are looked at, or kept', async () => {
    const at = await filled(5)
    await damaged(at, LOOKED_AT_MAX + 5)
    await endRun(at, 'validate', { mismatchesKept: 1_000 })
    const { causes, more, latest } = await shown(at)
    expect([causes[0]?.count, more, latest?.missing]).toEqual([LOOKED_AT_MAX, true, LOOKED_AT_MAX + 5])
    await endRun(at, 'validate', { mismatchesKept: 2 })
    expect(await shown(at)).toMatchObject({ causes: [{ count: 2 }], more: true })
  })
})

describe('a validation that is under way', () => {
  it('is told beside the one before it, also while it is paused', async () => {
    const at = await filled()
    await damaged(at, 1)
    const first = await endRun(at, 'validate')
    const { id: runId } = await begin(at)
    const found = await shown(at)
    expect(found).toMatchObject({ latest: { runId: first.id }, causes: [{ count: 1 }] })
    expect(found.running).toMatchObject({ runId, status: 'running', done: 0, total: 41, mismatched: 0 })
    expect(found.inWords).toBe('1 of 41 records differed; another is at 0 of 41 records.')
    await pauseRun(at.context, { runId, ...MOVER })
    expect((await shown(at)).running?.status).toBe('paused')
  })

  it('the first has none before it', async () => {
    const at = await filled()
    await begin(at)
    expect(await shown(at)).toMatchObject({ latest: null, inWords: 'The first validation is at 0 of 40 records.' })
  })

  it('and was cancelled is not complete', async () => {
    const at = await filled()
    const { id: runId } = await begin(at)
    await cancelRun(at.context, { runId, ...MOVER })
    const { latest, inWords } = await shown(at)
    expect(latest).toMatchObject({ runId, status: 'cancelled', complete: false })
    expect(inWords).toBe('The latest validation was cancelled after 0 records, of which 0 differed.')
  })

  it('finds the one before it also where that was not kept with it', async () => {
    const at = await filled()
    const first = await endRun(at, 'validate')
    await endRun(at, 'backfill')
    const { id: runId } = await begin(at)
    const key = latestRunKey('projects', 'validate')
    const revision = (await at.context.ledger.read(key))?.revision ?? null
    await at.context.ledger.commit([{ key, ifRevision: revision, value: { runId } }])
    expect(await shown(at)).toMatchObject({ latest: { runId: first.id }, running: { runId } })
  })
})

it('a zero-loss check says what it has proved, or what is missing', async () => {
  const at = await filled()
  await endRun(at, 'validate', { zeroLoss: true })
  expect((await shown(at)).zeroLoss).toMatchObject({
    ...{ proved: true, stage: 'live', records: 40, inWords: 'Proved in live for 40 copies, deletions too.' },
  })
  await damaged(at, 1)
  await endRun(at, 'validate', { zeroLoss: true })
  const { zeroLoss } = await shown(at)
  expect(zeroLoss?.proved).toBe(false)
  expect(zeroLoss?.inWords).toMatch(/^Not proved\. 1 copies of the source were not at the target/)
})

it('sampled reads are those of the collection within the minutes asked for', async () => {
  const at = await filled()
  const now = at.context.clock.now()
  const add = (minutesAgo: number, component: string, sums: Measured['sums'], operation = 'compare'): Promise<void> => {
    const series = { component, path: null, operation }
    return at.context.metrics.add(now - minutesAgo * 60_000, [{ ...series, ...nothingMeasured(), sums }])
  }
  await add(5, 'projects', { matched: 2, mismatched: 1, inconclusive: 1 })
  await add(30, 'projects', { matched: 2 })
  await add(5, 'others', { mismatched: 1 })
  await add(5, 'projects', { matched: 100 }, 'runtime')
  expect((await shown(at)).sampled).toEqual({ checked: 3, mismatched: 1, undecided: 1, windowMinutes: 15 })
  expect((await shown(at, { minutes: 60 })).sampled).toMatchObject({ checked: 5, windowMinutes: 60 })
  const names = ['a', 'b', 'c', 'd', 'projects']
  const all = await sampledReads(at.context, names, { from: now - 900_000, to: now })
  expect(all.get('projects')).toEqual({ checked: 3, mismatched: 1, undecided: 1 })
})

it('costs one access of the ledger, two after a validation, and once one more where records differed', async () => {
  const at = await filled()
  const accesses = async (): Promise<string[]> => {
    const calls = counted(at)
    await shown(at)
    return calls
  }
  expect(await accesses()).toEqual(['look'])
  await endRun(at, 'validate', { zeroLoss: true })
  expect(await accesses()).toEqual(['look', 'look'])
  await damaged(at, 5)
  await endRun(at, 'validate')
  await begin(at)
  expect(await accesses()).toEqual(['look', 'look', 'look'])
  expect(await accesses()).toEqual(['look', 'look'])
})
