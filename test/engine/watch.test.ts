import { describe, expect, it } from 'vitest'
import type { Copy } from '../../lib/core/copy.js'
import { notSent } from '../../lib/core/failing/not-sent.js'
import type { Stage } from '../../lib/core/stage.js'
import { unattendedAlerts as listAlerts } from '../../lib/engine/alerts/list.js'
import { readAudit } from '../../lib/engine/audit.js'
import { dataPlane } from '../../lib/engine/data-plane/data-plane.js'
import { recover } from '../../lib/engine/recover.js'
import { rollBackComponent } from '../../lib/engine/rollback/roll-back-component.js'
import { pairsOf } from '../../lib/engine/stages/move.js'
import { collectionStatus } from '../../lib/engine/status.js'
import { watch, watchCollection } from '../../lib/engine/watch.js'
import {
  begin,
  change,
  drain,
  expectEqualStores,
  fill,
  go,
  ids,
  MOVER,
  put,
  runOf,
  valueAt,
  type World,
  type WorldOptions,
  world,
} from './runs/world.js'

const LEASE_MS = 2_000

async function inStage(stage: Stage, options: WorldOptions = { leaseMs: LEASE_MS }): Promise<World> {
  const at = world(options)
  await fill(at, 60)
  await go(at, stage)
  await warm(at)
  return at
}

/** The instance at hand learns how things stand, in every partition. */
async function warm(at: World): Promise<void> {
  for (const id of ids(10)) await valueAt(at, id)
  await at.settled()
}

async function stageOf(at: World): Promise<Stage> {
  return (await collectionStatus(at.context, at.collection.name)).stage
}

/** One that has learned nothing of what happened meanwhile, and one that begins now. */
function instances(at: World) {
  return [at.plane, dataPlane(at.context.collections, at.context)]
}

describe.each([
  { lost: 'target', stage: 'shadow', goesTo: 'dualwrite' },
  { lost: 'target', stage: 'live', goesTo: 'dualwrite' },
  { lost: 'source', stage: 'shadow', goesTo: 'rampdown' },
  { lost: 'source', stage: 'live', goesTo: 'rampdown' },
] as const)('a $lost that does not answer in $stage', ({ lost, stage, goesTo }) => {
  async function strict(): Promise<World> {
    const at = await inStage(stage === 'shadow' ? 'live' : stage)
    if (stage === 'shadow') await go(at, 'shadow', 'down')
    for (let number = 0; number < 20; number++) await put(at, `before${number}`, { number })
    await at.settled()
    return at
  }

  it('is left behind within seconds, without a lost write', async () => {
    const at = await strict()
    at.faults.down.add(lost)
    await expect(put(at, 'r0001', { too: 'early' })).rejects.toMatchObject({
      code: expect.stringMatching(/^(unavailable|outcome-unknown)$/),
    })
    const from = at.clock.time
    expect(await watchCollection(at.context, at.collection)).toBe(`left-${lost}-behind`)
    expect(at.clock.time - from).toBeLessThan(5_000)
    await warm(at)
    expect(await valueAt(at, 'before7')).toEqual({ id: 'before7', number: 7 })
    await put(at, 'r0002', { after: true })
    expect(await valueAt(at, 'r0002')).toEqual({ id: 'r0002', after: true })
    expect(await watchCollection(at.context, at.collection)).toBe(`${lost}-unreachable`)
    at.faults.down.delete(lost)
    expect(await watchCollection(at.context, at.collection)).toBe('well')
    expect(await stageOf(at)).toBe(goesTo)
    await at.settled()
    await go(at, 'live', goesTo === 'dualwrite' ? 'up' : 'down')
    const { id } = await begin(at)
    await drain(at)
    expect((await runOf(at, id)).status).toBe('succeeded')
    for (let number = 0; number < 20; number++)
      expect(await valueAt(at, `before${number}`)).toEqual({ id: `before${number}`, number })
    expect(await valueAt(at, 'r0002')).toEqual({ id: 'r0002', after: true })
    expect(await expectEqualStores(at)).toEqual([])
  })

  it('is left behind once, with who and why in the audit trail and one alert', async () => {
    const at = await strict()
    at.faults.down.add(lost)
    await Promise.all([1, 2, 3].map(() => watchCollection(at.context, at.collection)))
    await watchCollection(at.context, at.collection)
    at.faults.down.delete(lost)
    await watchCollection(at.context, at.collection)
    const { epoch } = await collectionStatus(at.context, 'projects')
    const { items } = await readAudit(at.context.ledger, { limit: 100 })
    const left = items.filter(({ after }) => (after as { epoch?: number } | null)?.epoch === epoch)
    expect(left).toMatchObject([{ by: 'watch', reason: `the ${lost} does not answer`, after: { stage: goesTo } }])
    expect(await listAlerts(at.context, 10)).toMatchObject([{ kind: 'store-unreachable', severity: 'critical' }])
  })

  it('is waited for where leaving behind is not enabled', async () => {
    const at = await inStage(stage, { leaseMs: null })
    at.faults.down.add(lost)
    expect(await watchCollection(at.context, at.collection)).toBe(`${lost}-unreachable`)
    at.faults.down.delete(lost)
    expect(await stageOf(at)).toBe(stage)
    await put(at, 'r0001', { again: true })
  })
})

/** What an instance knows of the stages it learns from answers; a store that does not answer teaches nothing. */
describe('an instance asks the other store when the one it knows of does not answer', () => {
  it('begins with the source away', async () => {
    const at = await inStage('live')
    at.faults.down.add('source')
    await watchCollection(at.context, at.collection)
    const [, cold] = instances(at)
    expect(await valueAt(at, 'r0001', cold)).toEqual({ id: 'r0001', number: 1 })
    const [, listing] = instances(at)
    expect((await listing?.list('projects', null, 100))?.items.length).toBe(60)
    const [, writing] = instances(at)
    await put(at, 'r0001', { from: 'cold' }, writing)
  })

  it('only writes, and the target is away', async () => {
    const at = await inStage('live')
    at.faults.down.add('target')
    await watchCollection(at.context, at.collection)
    await put(at, 'r0001', { first: 'fails' }).catch(() => {})
    await put(at, 'r0001', { second: 'goes through' })
  })
})

it('many partitions are left behind together, not one after the other', async () => {
  const at = await inStage('live', { leaseMs: 3_000, partitions: 12 })
  at.clock.sleep = async (ms) => {
    at.clock.slept.push(ms)
    await new Promise((resolve) => setImmediate(resolve))
  }
  at.faults.down.add('target')
  at.clock.slept.length = 0
  let rounds = 0
  let inFlight = 0
  at.clock.sleep = async (ms) => {
    if (ms < 3_000) return
    if (inFlight++ === 0) rounds++
    await new Promise((resolve) => setTimeout(resolve, 20))
    inFlight--
  }
  expect(await watchCollection(at.context, at.collection)).toBe('left-target-behind')
  expect(rounds).toBe(1)
})

describe('a hold that nobody lived to end', () => {
  async function held(lost: 'source' | 'target'): Promise<World> {
    const at = await inStage('live')
    at.faults.down.add(lost)
    const sleep = at.clock.sleep.bind(at.clock)
    at.clock.sleep = async (ms) => {
      if (ms >= LEASE_MS) throw new Error('killed')
      await sleep(ms)
    }
    await expect(watchCollection(at.context, at.collection)).rejects.toThrow('killed')
    at.clock.sleep = sleep
    await expect(put(at, 'r0001', {})).rejects.toMatchObject({ code: expect.stringMatching(/unavailable|unknown/) })
    return at
  }

  it.each(['source', 'target'] as const)('is ended by the next watch while the %s is still away', async (lost) => {
    const at = await held(lost)
    const from = at.clock.time
    expect(await watchCollection(at.context, at.collection)).toBe(`left-${lost}-behind`)
    expect(at.clock.time - from).toBeGreaterThanOrEqual(LEASE_MS)
    await warm(at)
    await put(at, 'r0001', { goes: 'on' })
    expect(await valueAt(at, 'r0001')).toEqual({ id: 'r0001', goes: 'on' })
  })

  it.each(['source', 'target'] as const)('is ended by the next watch when the %s is back', async (lost) => {
    const at = await held(lost)
    at.faults.down.delete(lost)
    expect(await watchCollection(at.context, at.collection)).toBe('well')
    for (const [source, target] of pairsOf(at.collection)) {
      expect([(await source.control()).hold, (await target.control()).hold]).toEqual([false, false])
    }
    await put(at, 'r0001', { goes: 'on' })
  })
})

/** The target as it was: copies, fences and heartbeats. Its memory of operations is lost with the rest. */
async function snapshot(at: World) {
  const { items } = await at.collection.target.page(null, 10_000)
  const copies = items.map(({ id, copy: { version, op, value } }) => ({ id, copy: { version, op, value } as Copy }))
  const partitions = await Promise.all(
    at.collection.target.partitions.map(async (target) => ({
      fence: (await target.control()).fence,
      count: await target.beat(0),
    })),
  )
  return async (): Promise<void> => {
    at.swapTarget()
    for (const [number, target] of at.collection.target.partitions.entries()) {
      const { fence = null, count = 0 } = partitions[number] ?? {}
      if (fence === null) continue
      await target.raise(fence)
      await target.beat(count)
      const { partitionOf } = await import('../../lib/core/slot.js')
      const mine = copies.filter(({ id }) => partitionOf('projects', id, partitions.length) === number)
      if (mine.length > 0) await target.applyMany(fence, mine)
    }
  }
}

describe('a target that has lost acknowledged data', () => {
  it.each(['shadow', 'live'] as const)(
    'all of it, in %s: is found, and filled again from the source',
    async (stage) => {
      const at = await inStage(stage)
      await put(at, 'r0003', { acknowledged: true })
      await change(at, 'r0004', { kind: 'delete' })
      await at.settled()
      at.swapTarget()
      await put(at, 'r0005', { while: 'lost' }).catch(() => {})
      expect(await watchCollection(at.context, at.collection)).toBe('target-recovered')
      expect(await stageOf(at)).toBe('shadow')
      for (const plane of instances(at))
        expect(await valueAt(at, 'r0003', plane)).toEqual({ id: 'r0003', acknowledged: true })
      await put(at, 'r0006', { meanwhile: true })
      await drain(at)
      expect(await watchCollection(at.context, at.collection)).toBe('well')
      expect((await collectionStatus(at.context, 'projects')).full).toBe(true)
      await go(at, 'live')
      for (const plane of instances(at)) {
        expect(await valueAt(at, 'r0003', plane)).toEqual({ id: 'r0003', acknowledged: true })
        expect(await valueAt(at, 'r0004', plane)).toBeNull()
        expect(await valueAt(at, 'r0006', plane)).toEqual({ id: 'r0006', meanwhile: true })
      }
      expect(await expectEqualStores(at)).toEqual([])
      expect(await listAlerts(at.context, 10)).toMatchObject([{ kind: 'target-lost-data', acknowledgedBy: null }])
    },
  )

  it('the latest of it: a heartbeat that was set back tells, also where versions were given twice', async () => {
    const at = await inStage('live')
    for (let beats = 0; beats < 3; beats++) await watchCollection(at.context, at.collection)
    await put(at, 'clash', { number: 1 })
    const setBack = await snapshot(at)
    await put(at, 'clash', { number: 2, acknowledged: true })
    await put(at, 'r0001', { acknowledged: true })
    await at.settled()
    for (let beats = 0; beats < 3; beats++) await watchCollection(at.context, at.collection)
    await setBack()
    // The target gives a version again that the source knows by another write: nobody is told that this one counts.
    await expect(put(at, 'clash', { number: 3 })).rejects.toMatchObject({ code: 'outcome-unknown' })
    expect(at.events).toContainEqual(expect.objectContaining({ kind: 'target-lost-data' }))
    expect(await watchCollection(at.context, at.collection)).toBe('target-recovered')
    await drain(at)
    expect(await watchCollection(at.context, at.collection)).toBe('well')
    expect((await collectionStatus(at.context, 'projects')).full).toBe(true)
    await go(at, 'live')
    for (const plane of instances(at)) {
      expect(await valueAt(at, 'r0001', plane)).toEqual({ id: 'r0001', acknowledged: true })
      expect(await valueAt(at, 'clash', plane)).toEqual({ id: 'clash', number: 2, acknowledged: true })
    }
    expect(await expectEqualStores(at)).toEqual([])
  })

  it('is followed by a pass also when ledger and queue were away, or an older pass was under way', async () => {
    const at = await inStage('shadow')
    const older = await begin(at)
    at.swapTarget()
    at.faults.down.add('ledger').add('queue')
    expect(await watchCollection(at.context, at.collection)).toBe('target-recovered')
    at.faults.down.delete('ledger')
    expect(await watchCollection(at.context, at.collection)).toBe('well')
    expect((await runOf(at, older.id)).status).toBe('cancelled')
    at.faults.down.delete('queue')
    at.clock.time += 60_000
    const { republished } = await watch(at.context)
    expect(republished.length).toBe(1)
    await drain(at)
    expect((await collectionStatus(at.context, 'projects')).full).toBe(true)
    expect((await listAlerts(at.context, 10)).length).toBe(1)
    const { items } = await readAudit(at.context.ledger, { action: 'start-backfill', limit: 10 })
    expect(items.filter(({ by }) => by === 'watch').length).toBe(1)
  })

  it('is recovered once by watches that come together', async () => {
    const at = await inStage('live')
    at.swapTarget()
    const { epoch } = await collectionStatus(at.context, 'projects').catch(() => ({ epoch: 0 }))
    await Promise.all([1, 2, 3].map(() => watchCollection(at.context, at.collection)))
    await drain(at)
    expect((await collectionStatus(at.context, 'projects')).epoch).toBe(epoch + 1)
    expect((await listAlerts(at.context, 10)).length).toBe(1)
    expect((await collectionStatus(at.context, 'projects')).full).toBe(true)
  })

  it('is not one that has lost nothing', async () => {
    for (const stage of ['off', 'dualwrite'] as const) {
      const at = await inStage(stage)
      expect((await recover(at.context, at.collection, MOVER)).partitions).toEqual([])
      expect(await listAlerts(at.context, 10)).toEqual([])
      expect(at.queue.peek()).toEqual([])
    }
    const over = await inStage('complete')
    await begin(over, { quietMs: 0 }, 'clean-up')
    await drain(over)
    expect((await recover(over.context, over.collection, MOVER)).partitions).toEqual([])
    expect(await valueAt(over, 'r0001')).toEqual({ id: 'r0001', number: 1 })
  })

  it('in rampdown is told as what it is', async () => {
    const at = await inStage('rampdown')
    at.swapTarget()
    expect(await watchCollection(at.context, at.collection)).toBe('target-recovered')
    const [alert] = await listAlerts(at.context, 10)
    expect(alert?.message).toContain('is lost')
    expect(await stageOf(at)).toBe('rampdown')
    await go(at, 'live', 'down')
    await begin(at)
    await drain(at)
    expect(await valueAt(at, 'r0001')).toEqual({ id: 'r0001', number: 1 })
  })
})

describe('the watch', () => {
  it('looks after every collection and every run, whatever is wrong with one', async () => {
    const at = world({ names: ['projects', 'resources'], leaseMs: LEASE_MS })
    await at.plane.write(
      'resources',
      'x',
      { op: 'o1', startedAt: at.clock.now(), named: false },
      { kind: 'put', value: { id: 'x' } },
    )
    const stored = await at.documents.get('projects-0.json')
    const etag = stored === null || stored === 'unchanged' ? null : stored.etag
    at.faults.down.add('queue')
    const run = await begin(at)
    at.faults.down.delete('queue')
    at.clock.time += 60_000
    await at.documents.put('projects-0.json', '{"broken', { ifMatch: etag })
    const report = await watch(at.context)
    expect(report.collections).toEqual({ projects: 'failed', resources: 'well' })
    expect(report.republished).toEqual([run.id])
  })

  it.each(['source', 'target'] as const)('leaves no %s behind that was not even asked', async (store) => {
    const at = await inStage('live')
    at.faults.before = (of) => {
      if (of === store) throw notSent('throttled', store, 1)
    }
    expect((await watch(at.context)).collections).toEqual({ projects: 'failed' })
    const request = { component: 'projects', to: 'dualwrite', cause: { kind: 'operator' } } as const
    expect(await rollBackComponent(at.context, request, MOVER)).toMatchObject({ status: 'under-way' })
    at.faults.before = () => undefined
    expect(['live', 'shadow']).toContain(await stageOf(at))
  })

  it('says that neither store answers, and does nothing', async () => {
    const at = await inStage('live')
    at.faults.down.add('source').add('target')
    expect(await watchCollection(at.context, at.collection)).toBe('both-unreachable')
  })

  it('goes on without the ledger', async () => {
    const at = await inStage('live')
    at.faults.down.add('ledger')
    expect(await watch(at.context)).toEqual({ republished: [], collections: { projects: 'well' } })
    at.faults.down.add('target')
    expect(await watchCollection(at.context, at.collection)).toBe('left-target-behind')
  })

  it('leaves a collection that is cleaned up, and the ledger that is gone, alone', async () => {
    const at = await inStage('complete')
    await begin(at, { quietMs: 0 }, 'clean-up')
    await drain(at)
    await at.context.ledger.destroy()
    expect(await watchCollection(at.context, at.collection)).toBe('finished')
    expect((await at.context.ledger.list('', null, 10)).items).toEqual([])
    expect((await readAudit(at.context.ledger, { limit: 10 })).items).toEqual([])
    for (const target of at.collection.target.partitions) expect((await target.control()).fence).toBeNull()
  })
})
