import { describe, expect, it } from 'vitest'
import { LANES_MAX } from '../../../lib/core/batch.js'
import { CutoverError } from '../../../lib/core/error.js'
import { partitionOf } from '../../../lib/core/slot.js'
import { together } from '../../../lib/engine/runs/lanes.js'
import { allOf, sideBySide } from '../../../lib/engine/side-by-side.js'
import { collectionStatus } from '../../../lib/engine/status.js'
import { expectEqualStores, fill, go, ids, pass, type World, world } from './world.js'

const PARTITIONS = 7

async function inShadow(): Promise<World> {
  const at = world({ partitions: PARTITIONS })
  await fill(at, 400)
  await go(at, 'shadow')
  return at
}

/** How many copies were on their way to the target at once, at most. */
function besideEachOther(at: World): { most: number } {
  const seen = { most: 0 }
  let now = 0
  at.faults.before = async (store, call) => {
    if (store !== 'target' || call !== 'applyMany') return
    seen.most = Math.max(seen.most, ++now)
    await new Promise((resolve) => setImmediate(resolve))
    now--
  }
  return seen
}

describe('partitions are passed side by side', () => {
  it('four at a time, each record once, and are declared full', async () => {
    const at = await inShadow()
    const seen = besideEachOther(at)
    const run = await pass(at)
    expect(run).toMatchObject({ status: 'succeeded', done: 400, total: 400 })
    expect(run.counters).toMatchObject({ read: 400, copied: 400, same: 0, skipped: 0 })
    expect(seen.most).toBe(LANES_MAX)
    expect((await collectionStatus(at.context, 'projects')).full).toBe(true)
    expect(await expectEqualStores(at)).toEqual([])
  })

  it('one at a time where the run is to keep a pace', async () => {
    const at = await inShadow()
    const seen = besideEachOther(at)
    const run = await pass(at, { recordsPerSecondMax: 50 })
    expect(run).toMatchObject({ status: 'succeeded', done: 400 })
    expect(seen.most).toBe(1)
  })

  it('and wait for each other when one of them fails, which changes nothing in the end', async () => {
    const at = await inShadow()
    let calls = 0
    let under = 0
    const alone: number[] = []
    at.faults.before = async (store, call) => {
      if (store === 'ledger' && call === 'commit') alone.push(under)
      if (store !== 'target' || call !== 'applyMany') return
      under++
      await new Promise((resolve) => setImmediate(resolve))
      under--
      if (++calls === 2 || calls === 7) throw new CutoverError('unavailable', 'The target does not answer.')
    }
    const run = await pass(at)
    expect(new Set(alone)).toEqual(new Set([0]))
    expect(run).toMatchObject({ status: 'succeeded', done: 400 })
    expect(run.counters).toMatchObject({ read: 400, deadLetters: 0 })
    expect(await expectEqualStores(at)).toEqual([])
  })

  it('and what one of them sets aside holds no other up', async () => {
    const at = await inShadow()
    at.faults.before = (store, call, args) => {
      if (store !== 'target' || call !== 'applyMany') return
      const bad = (args[1] as { id: string }[]).some(({ id }) => id === 'r0007')
      if (bad) throw new CutoverError('too-large', 'The record is over the limit of the database.')
    }
    expect((await pass(at)).counters).toMatchObject({ copied: 399, deadLetters: 1 })
    at.faults.before = () => undefined
    const run = await pass(at)
    expect(run).toMatchObject({ status: 'succeeded' })
    expect((await collectionStatus(at.context, 'projects')).full).toBe(true)
    expect(await expectEqualStores(at)).toEqual([])
  })

  it('a target that is emptied before any of them is at its end is found', async () => {
    for (const when of [1, 3, 5, 8]) {
      const at = await inShadow()
      let batches = 0
      at.faults.before = (store, call) => {
        if (store === 'target' && call === 'applyMany' && ++batches === when) at.swapTarget()
      }
      const run = await pass(at)
      expect([when, run.status]).toEqual([when, 'failed'])
      expect(run.note).toContain('lost data')
      expect((await collectionStatus(at.context, 'projects')).full).toBe(false)
    }
  })
})

describe('what lanes have passed together', () => {
  const all = ids(200)
  const of = (partition: number): string[] => all.filter((id) => partitionOf('projects', id, 3) === partition)

  it('is what each of them has passed, and nothing of the others', () => {
    const [, low = '', , , , high = ''] = of(0)
    const passed = together('projects', 3, [
      { partition: 0, after: low, until: high },
      { partition: 2, after: null, until: of(2)[3] ?? '' },
    ])
    const inside = all.filter(passed.includes)
    expect(inside).toEqual([...of(0).slice(2, 6), ...of(2).slice(0, 4)].sort())
    expect(passed.after).toBeNull()
    for (const id of inside) expect(passed.until !== null && id <= passed.until).toBe(true)
  })

  it('has the lowest and the highest end, and none where one of them has none', () => {
    const ends = (...stretches: [string | null, string | null][]) => {
      const { after, until } = together(
        'projects',
        3,
        stretches.map(([after, until], partition) => ({ partition, after, until })),
      )
      return [after, until]
    }
    expect(ends(['b', 'c'], ['a', 'd'])).toEqual(['a', 'd'])
    expect(ends(['a', 'd'], ['b', 'c'])).toEqual(['a', 'd'])
    expect(ends(['a', 'b'], [null, 'c'])).toEqual([null, 'c'])
    expect(ends(['a', null], ['b', 'c'])).toEqual(['a', null])
  })
})

describe('work side by side', () => {
  it('answers in order, some at a time', async () => {
    let [now, most] = [0, 0]
    const answers = await sideBySide(
      [...Array(10).keys()],
      async (item, number) => {
        most = Math.max(most, ++now)
        await new Promise((resolve) => setImmediate(resolve))
        now--
        return [item, number]
      },
      LANES_MAX,
    )
    expect(answers).toEqual([...Array(10).keys()].map((number) => [number, number]))
    expect(most).toBe(LANES_MAX)
  })

  it('throws when all have ended, and not before', async () => {
    let ended = 0
    const late = new Promise<void>((resolve) => setTimeout(resolve, 5)).then(() => {
      ended++
    })
    await expect(allOf([Promise.reject(new Error('early')), late])).rejects.toThrow('early')
    expect(ended).toBe(1)
  })
})
