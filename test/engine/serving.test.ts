import { describe, expect, it } from 'vitest'
import type { Serving } from '../../lib/core/serving-words.js'
import { STAGES, type Stage } from '../../lib/core/stage.js'
import { leaveBehind } from '../../lib/engine/stages/leave-behind.js'
import { walkStages } from '../../lib/engine/stages/walk.js'
import { collectionStatus } from '../../lib/engine/status.js'
import { begin, change, drain, fill, go, ids, MOVER, put, type World, world } from './runs/world.js'

async function serving(at: World): Promise<Serving> {
  return (await collectionStatus(at.context, 'projects')).serving
}

/** Which stores take a write, in order, while only those of `by` answer until it is acknowledged. */
async function storesOfWrite(at: World, id: string, by: readonly string[]): Promise<string[]> {
  const taken: string[] = []
  let acknowledge = (): void => {}
  const acknowledged = new Promise<void>((resolve) => {
    acknowledge = resolve
  })
  at.faults.before = async (store, call) => {
    const writes =
      (store === 'target' && ['begin', 'applyMany'].includes(call)) || (store === 'source' && call === 'put')
    if (!writes) return
    if (!by.includes(store)) await acknowledged
    if (!taken.includes(store)) taken.push(store)
  }
  await put(at, id, { written: true })
  acknowledge()
  await at.settled()
  at.faults.before = () => undefined
  return taken
}

describe('what is said of reads and writes is what the data plane does', () => {
  it.each(STAGES)('in %s', async (stage) => {
    const at = world()
    await fill(at, 10)
    await go(at, stage)
    await at.settled()
    const { ways, reads, writes, remarks } = await serving(at)
    expect(ways).toHaveLength(1)
    const [way] = ways
    if (way?.writes.kind !== 'acknowledged' || way.reads.kind !== 'answered') throw new Error('it is served')
    const { by, first, stores } = way.writes
    expect(await storesOfWrite(at, 'r0001', by)).toEqual(stores)
    expect(first).toBe(stores[0])
    expect(by).toEqual(stores.slice(0, by.length))
    const read = await at.plane.get('projects', 'r0002')
    expect(way.reads.by).toBe(read.servedBy)
    expect(reads[`${read.servedBy}Percent`]).toBe(100)
    expect(reads.inWords).toBe(`every read is answered by the ${read.servedBy}`)
    expect(writes.inWords).toBe(WORDS[stage])
    expect(remarks).toEqual([])
  })

  it('in a rollout, where a share stands at one stage and the rest at the one before', async () => {
    const at = world({ partitions: 1 })
    const all = await fill(at, 400)
    await go(at, 'shadow')
    await begin(at, {})
    await drain(at)
    const request = { collection: 'projects', direction: 'up' as const, to: 'live' as const, action: 'advance-stage' }
    await walkStages(at.context, { ...request, rolloutPercent: 10.5 }, MOVER)
    const { reads, writes, ways } = await serving(at)
    expect(reads).toMatchObject({ sourcePercent: 89.5, targetPercent: 10.5, failingPercent: 0 })
    expect(reads.inWords).toBe('89.5 % of reads are answered by the source; 10.5 % of reads are answered by the target')
    expect(writes).toMatchObject({ first: 'target', acknowledgedBy: 'both', stores: ['target', 'source'] })
    expect(writes.inWords).toBe(WORDS.live)
    expect(ways.map(({ stage, percent }) => [stage, percent])).toEqual([
      ['shadow', 89.5],
      ['live', 10.5],
    ])
    const served = await Promise.all(all.map((id) => at.plane.get('projects', id)))
    const share = served.filter(({ servedBy }) => servedBy === 'target').length / all.length
    expect(share).toBeGreaterThan(0.05)
    expect(share).toBeLessThan(0.17)
  })

  it('tells of no one store that acknowledges where that differs', async () => {
    const at = world()
    await fill(at, 5)
    await go(at, 'dualwrite')
    await walkStages(
      at.context,
      { collection: 'projects', direction: 'up', to: 'shadow', rolloutPercent: 25, action: 'advance-stage' },
      MOVER,
    )
    const { writes } = await serving(at)
    expect(writes).toMatchObject({ first: null, acknowledgedBy: null, failingPercent: 0 })
    expect(writes.inWords).toBe(
      '75 % of writes go to the source, which acknowledges; the target gets a copy afterwards; 25 % of writes go to both; acknowledged when both have it',
    )
  })
})

const WORDS: { [stage in Stage]: string } = {
  off: 'every write goes to the source alone',
  dualwrite: 'every write goes to the source, which acknowledges; the target gets a copy afterwards',
  shadow: 'every write goes to both; acknowledged when both have it',
  live: 'every write goes to both; acknowledged when both have it',
  rampdown: 'every write goes to the target, which acknowledges; the source gets a copy afterwards',
  complete: 'every write goes to the target alone',
}

describe('a store that cannot be reached', () => {
  const CASES = STAGES.flatMap((stage) => (['source', 'target'] as const).map((lost) => [stage, lost] as const))

  it.each(CASES)('in %s, the %s: what fails is said to fail, and what does not is not', async (stage, lost) => {
    const at = world()
    await fill(at, 10)
    await go(at, 'live')
    await go(at, stage, ['off', 'dualwrite', 'shadow'].includes(stage) ? 'down' : 'up')
    await at.settled()
    await begin(at, {})
    await drain(at)
    at.faults.down.add(lost)
    const { reads, writes, remarks } = await serving(at)
    const [read] = await Promise.allSettled([at.plane.get('projects', 'r0003')])
    if (read?.status === 'fulfilled') expect(reads[`${read.value.servedBy}Percent`]).toBe(100)
    else expect(reads.failingPercent).toBe(100)
    const mutation = { kind: 'put', value: { id: 'r0003', again: true } } as const
    const [write] = await Promise.allSettled([change(at, 'r0003', mutation)])
    expect(writes.failingPercent).toBe(write?.status === 'fulfilled' ? 0 : 100)
    expect(remarks).toHaveLength(1)
    expect(remarks[0]).toContain(`The ${lost} cannot be reached`)
    const waits = read?.status === 'rejected' || write?.status === 'rejected'
    expect(remarks[0]?.includes('operations wait for it')).toBe(waits)
    await at.settled()
  })

  it('is said to have been left behind once nothing waits for it', async () => {
    const at = world({ leaseMs: 5_000 })
    await fill(at, 10)
    await go(at, 'live')
    at.faults.down.add('target')
    expect((await serving(at)).writes.inWords).toBe('every write fails: the target cannot be reached')
    await leaveBehind(at.context, at.collection, 'target', MOVER)
    const { reads, writes, remarks } = await serving(at)
    expect(reads).toMatchObject({ sourcePercent: 100, failingPercent: 0 })
    expect(writes).toMatchObject({ first: 'source', acknowledgedBy: 'source', stores: ['source', 'target'] })
    expect(remarks).toEqual([
      'The target cannot be reached; nothing waits for it, and a pass brings what it misses once it is back.',
    ])
    at.faults.down.delete('target')
    expect((await serving(at)).remarks).toEqual([
      'One store has not heard of the latest stage change yet: the next access, or the watch, tells it.',
    ])
  })

  it('while the other is held, writes are said to fail for some seconds', async () => {
    const at = world({ leaseMs: 5_000 })
    await fill(at, 10)
    await go(at, 'shadow')
    const [source] = at.collection.source.partitions
    await source?.updateControl((control) => ({ ...control, hold: true }))
    const { writes, remarks } = await serving(at)
    expect(writes.failingPercent).toBe(50)
    expect(writes.inWords).toContain('50 % of writes fail: a store is being left behind, which takes some seconds')
    expect(remarks).toEqual([
      'A store is on hold while the other one is left behind: writes are refused for some seconds.',
    ])
  })
})

it('a hold at the target is told of where the target acknowledges', async () => {
  const at = world()
  await fill(at, 10)
  await go(at, 'rampdown')
  const [target] = at.collection.target.partitions
  const fence = (await target?.control())?.fence
  if (fence) await target?.amend(fence, { hold: true })
  expect((await serving(at)).writes.failingPercent).toBe(50)
})

it('after the clean-up the target is all there is', async () => {
  const at = world()
  await fill(at, 5)
  await go(at, 'complete')
  await begin(at, { quietMs: 0 }, 'clean-up')
  await drain(at)
  const { reads, writes, ways } = await serving(at)
  expect(reads.targetPercent).toBe(100)
  expect(writes).toMatchObject({ stores: ['target'], acknowledgedBy: 'target' })
  expect(ways.map(({ stage }) => stage)).toEqual(['complete'])
  at.faults.down.add('target')
  expect((await serving(at)).reads.failingPercent).toBe(100)
})

it('each partition is told with its records, stage and epoch', async () => {
  const at = world({ partitions: 3 })
  await fill(at, 60)
  await go(at, 'dualwrite')
  const { partitions, source } = await collectionStatus(at.context, 'projects')
  expect(partitions).toHaveLength(3)
  expect(partitions.reduce((sum, { records }) => sum + (records ?? 0), 0)).toBe(source.records)
  expect(partitions).toMatchObject(partitions.map(() => ({ stage: 'dualwrite', rolloutPercent: 100, epoch: 1 })))
  expect(new Set(partitions.map(({ source: label }) => label)).size).toBe(3)
  expect(ids(60)).toHaveLength(source.records ?? 0)
})
