import { describe, expect, it } from 'vitest'
import { cached } from '../../../lib/engine/data-plane/cached.js'
import { bundle, bundleFolder } from '../../mutants/bundle.js'
import { change, go, ids, put, world } from '../runs/world.js'
import { history, instance } from './sessions.js'

const CACHED = 'lib/engine/data-plane/cached.ts'
const SESSION = 'lib/core/session.ts'
const SEEDS = Array.from({ length: 16 }, (_, seed) => seed + 1)

describe('a client that carries its session', () => {
  it('never sees a record go back, whichever instances it meets and whatever the stages do', async () => {
    let hits = 0
    for (const seed of SEEDS) {
      const found = await history(seed)
      expect([seed, found.older]).toEqual([seed, 0])
      hits += found.hits
    }
    expect(hits).toBeGreaterThan(SEEDS.length * 5)
  })

  it.each([
    ['the version of what is kept is not compared', CACHED, 'version >= least.version && ', ''],
    ['what the client has seen is not looked up', SESSION, 'session.records.get(recordKey(collection, id)) ?? ', ''],
  ])('would see it if %s', { timeout: 60_000 }, async (_, file, find, replace) => {
    const folder = bundleFolder()
    try {
      const outfile = `${folder.path}/sessions.mjs`
      await bundle('test/engine/data-plane/sessions.ts', [{ file, find, replace }], outfile)
      const mutant = (await import(/* @vite-ignore */ outfile)) as { history: typeof history }
      let older = 0
      for (const seed of SEEDS) older += (await mutant.history(seed)).older
      expect(older).toBeGreaterThan(0)
    } finally {
      folder.close()
    }
  })
})

describe('what is kept', () => {
  it('is given out only to those who say that they are content with it', async () => {
    const at = world()
    const [one, other] = [instance(at).plane, instance(at).plane]
    await put(at, 'r0001', { n: 1 }, one)
    expect(await one.get('projects', 'r0001')).toMatchObject({ value: { n: 1 } })
    await put(at, 'r0001', { n: 2 }, other)
    expect(one.recall?.('projects', 'r0001', { ageMsMax: 10_000 })).toMatchObject({ value: { n: 1 } })
    expect(await one.get('projects', 'r0001')).toMatchObject({ value: { n: 2 } })
    expect(one.recall?.('projects', 'r0001', { ageMsMax: 10_000 })).toMatchObject({ value: { n: 2 } })
  })

  it('ages, and is given to nobody beyond what they name or what is configured', async () => {
    const at = world()
    const { plane } = instance(at, { msMax: 5_000 })
    await put(at, 'r0001', { n: 1 }, plane)
    at.clock.time += 3_000
    expect(plane.recall?.('projects', 'r0001', { ageMsMax: 2_999 })).toBeNull()
    expect(plane.recall?.('projects', 'r0001', {})).toMatchObject({ ageMs: expect.any(Number) })
    at.clock.time += 2_001
    expect(plane.recall?.('projects', 'r0001', { ageMsMax: 60_000 })).toBeNull()
  })

  it('is what this instance wrote itself, at once; a write whose outcome is not known leaves nothing', async () => {
    const at = world()
    const { plane } = instance(at)
    await put(at, 'r0001', { n: 1 }, plane)
    await put(at, 'r0001', { n: 2 }, plane)
    expect(plane.recall?.('projects', 'r0001', {})).toMatchObject({ value: { n: 2 } })
    await change(at, 'r0001', { kind: 'delete' }, plane)
    expect(plane.recall?.('projects', 'r0001', {})).toMatchObject({ kind: 'absent' })
    await put(at, 'r0001', { n: 3 }, plane)
    at.faults.down.add('source')
    await put(at, 'r0001', { n: 4 }, plane).catch(() => null)
    at.faults.down.clear()
    expect(plane.recall?.('projects', 'r0001', {})).toBeNull()
  })

  it.each(['dualwrite', 'live', 'complete'] as const)(
    'is never the answer of a named write of long ago in %s',
    async (stage) => {
      const at = world()
      await go(at, stage)
      const [one, other] = [instance(at).plane, instance(at).plane]
      const named = { op: 'n'.repeat(32), startedAt: at.clock.now(), named: true }
      await one.write('projects', 'r0001', named, { kind: 'put', value: { id: 'r0001', n: 1 } })
      await put(at, 'r0001', { n: 2 }, other)
      await at.settled()
      at.clock.time += 60_000
      const again = instance(at).plane
      await again.write('projects', 'r0001', named, { kind: 'put', value: { id: 'r0001', n: 1 } })
      expect(again.recall?.('projects', 'r0001', { ageMsMax: 10_000 })).toBeNull()
      expect(await again.get('projects', 'r0001')).toMatchObject({ value: { n: 2 } })
    },
  )

  it('is not given out once this instance has heard of a stage change', async () => {
    const at = world()
    const { plane } = instance(at)
    await put(at, 'r0001', { n: 1 }, plane)
    await go(at, 'dualwrite')
    expect(plane.recall?.('projects', 'r0001', {})).not.toBeNull()
    for (const id of ids(8).filter((one) => one !== 'r0001')) await plane.get('projects', id)
    expect(plane.recall?.('projects', 'r0001', {})).toBeNull()
  })

  it('of two answers that cross is the later one', async () => {
    const at = world({ partitions: 1 })
    const { plane } = instance(at)
    await put(at, 'r0001', { n: 1 }, plane)
    let free = (): void => {}
    const gate = new Promise<void>((resolve) => {
      free = resolve
    })
    const real = at.context.dataPlane
    const slow = cached(
      { ...real, get: async (collection, id) => real.get(collection, id).then((old) => gate.then(() => old)) },
      { cache: new Map(), clock: at.clock, msMax: 60_000, epochOf: () => 0 },
    )
    const reading = slow.get('projects', 'r0001')
    await new Promise((resolve) => setImmediate(resolve))
    await put(at, 'r0001', { n: 2 }, slow)
    free()
    expect(await reading).toMatchObject({ value: { n: 1 } })
    expect(slow.recall?.('projects', 'r0001', {})).toMatchObject({ value: { n: 2 } })
  })
})
