import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import type { Path } from '../../../lib/core/metrics/measurement.js'
import { sizeOf } from '../../../lib/core/metrics/sketch.js'
import { dataPlane } from '../../../lib/engine/data-plane/data-plane.js'
import { metered } from '../../../lib/engine/data-plane/metered.js'
import { partitionStates } from '../../../lib/engine/data-plane/partition.js'
import { recordPair, recordVerdict } from '../../../lib/engine/metrics/compared.js'
import { compareSampled } from '../../../lib/engine/validate/sample.js'
import { change, fill, go, operation, type World, world } from '../runs/world.js'
import { all, type Instance, instance } from './measuring.js'

/** A fresh instance over the world's stores, metered. */
function meteredOver(at: World) {
  const measuring = instance()
  const failed: string[] = []
  const { clock, background, report } = at.context
  const plane = dataPlane([at.collection], { clock, background, report })
  const served = metered(plane, {
    recorder: measuring.recorder,
    clock: { monotonic: () => measuring.now() },
    failed: (collection) => failed.push(collection),
  })
  return { measuring, plane, served, failed }
}

async function counted(measuring: Instance, path: Path, name: string): Promise<[number, number] | null> {
  await measuring.recorder.flush()
  const measured = await all(measuring.store, { component: 'projects', path, operation: name })
  if (measured === null) return null
  expect(sizeOf(measured.latencyMs)).toBe(measured.count)
  return [measured.count, measured.errors]
}

describe('an operation is counted', () => {
  it('under the store that answered', async () => {
    for (const [stage, reads, writes] of [
      ['off', 'source', 'source'],
      ['shadow', 'source', 'target'],
      ['live', 'target', 'target'],
    ] as const) {
      const at = world()
      await fill(at, 3)
      if (stage !== 'off') await go(at, stage)
      const { measuring, served } = meteredOver(at)
      await served.get('projects', 'r0000')
      await served.get('projects', 'nobody')
      await served.list('projects', null, 10)
      await change(at, 'r0001', { kind: 'put', value: { id: 'r0001', n: 1 } }, served)
      expect([stage, await counted(measuring, reads, 'read')]).toEqual([stage, [2, 0]])
      expect([stage, await counted(measuring, reads, 'list')]).toEqual([stage, [1, 0]])
      expect([stage, await counted(measuring, writes, 'write')]).toEqual([stage, [1, 0]])
    }
  })

  it('under the store that its stage names where none has answered, and as an error, told at once', async () => {
    for (const [stage, down, path] of [
      ['off', 'source', 'source'],
      ['live', 'target', 'target'],
    ] as const) {
      const at = world()
      await fill(at, 3)
      if (stage !== 'off') await go(at, stage)
      const { measuring, served, failed } = meteredOver(at)
      await served.get('projects', 'r0000') // learns of the stage
      at.faults.before = (store) => {
        if (store === down) throw new CutoverError('unavailable', 'It is down.')
      }
      await expect(served.list('projects', null, 10)).rejects.toThrow()
      await expect(change(at, 'r0001', { kind: 'put', value: { id: 'r0001' } }, served)).rejects.toThrow()
      expect([stage, await counted(measuring, path, 'list')]).toEqual([stage, [1, 1]])
      expect([stage, await counted(measuring, path, 'write')]).toEqual([stage, [1, 1]])
      expect(failed).toEqual(['projects', 'projects'])
    }
  })

  it('without an error where the caller was at fault', async () => {
    const at = world()
    await fill(at, 1)
    const { measuring, served, failed } = meteredOver(at)
    const stale = { kind: 'put' as const, value: { id: 'r0000' }, condition: { kind: 'if-match' as const, etag: 'x' } }
    await expect(change(at, 'r0000', stale, served)).rejects.toMatchObject({ code: 'precondition-failed' })
    await expect(served.write('projects', 'nobody', operation(at.clock), { kind: 'delete' })).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(await counted(measuring, 'source', 'write')).toEqual([2, 0])
    expect(failed).toEqual([])
  })

  it('only if its collection is one', async () => {
    const { measuring, served } = meteredOver(world())
    await expect(served.get('nobody', 'x')).rejects.toMatchObject({ code: 'not-found' })
    await measuring.recorder.flush()
    expect(await all(measuring.store, {})).toBeNull()
  })
})

it('a sampled comparison is timed at both stores, by the same request, and its outcome counted', async () => {
  const at = world({ partitions: 1 })
  await fill(at, 2)
  await go(at, 'live')
  const { measuring } = meteredOver(at)
  at.faults.before = (store, call) => {
    if (call === 'getMany') at.clock.time += 12
    if (store === 'source' && call === 'get') at.clock.time += 4
  }
  const [state] = partitionStates(at.collection)
  if (state === undefined) throw new Error('there is a partition')
  const { kind } = await compareSampled(state, 'r0000', at.clock, (ms) =>
    recordPair(measuring.recorder, 'projects', ms),
  )
  recordVerdict(measuring.recorder, 'projects', kind)
  expect(await counted(measuring, 'source', 'compare')).toEqual([1, 0])
  expect(await counted(measuring, 'target', 'compare')).toEqual([1, 0])
  const outcomes = await all(measuring.store, { component: 'projects', path: null, operation: 'compare' })
  expect(outcomes?.sums).toMatchObject({ matched: 1, pairs: 1 })
  const { differenceMs = 0, differenceMsSquared = 0 } = outcomes?.sums ?? {}
  expect(differenceMs).toBeGreaterThan(0)
  expect(differenceMsSquared).toBeCloseTo(differenceMs ** 2)
})
