import { describe, expect, it } from 'vitest'
import { memoryTarget } from '../../../lib/drivers/stores/memory/target.js'
import { pairsOf } from '../../../lib/engine/stages/move.js'
import { beginMarks, checkMarks } from '../../../lib/engine/validate/zero-loss-marks.js'
import { watchCollection } from '../../../lib/engine/watch.js'
import type { TargetCollection } from '../../../lib/ports/store.js'
import { begin, drain, fill, go, pass, put, runOf, type World, world } from '../runs/world.js'

/** A target that can fail over to a replica that has stopped following. */
function replicated(): { at: World; stopFollowing: () => Promise<void>; failOver: () => Promise<TargetCollection> } {
  const made: TargetCollection[] = []
  const at = world({
    partitions: 1,
    target: (collection, clock) => {
      const target = memoryTarget({ collection, partitions: 1, clock })
      made.push(target)
      return target
    },
  })
  let restore = async (_: TargetCollection): Promise<void> => {}
  const latest = (): TargetCollection => made.at(-1) as TargetCollection
  return {
    at,
    async stopFollowing() {
      const [partition] = latest().partitions
      if (partition === undefined) throw new Error('no partition')
      const { fence } = await partition.control()
      const { items } = await latest().page(null, 1_000)
      const counts = [await partition.beat(0), await partition.beat(0, 'check')] as const
      restore = async ({ partitions: [replica] }) => {
        if (replica === undefined || fence === null) throw new Error('nothing to restore')
        await replica.raise(fence)
        await replica.applyMany(
          fence,
          items.map(({ id, copy: { version, op, value } }) => ({ id, copy: { version, op, value } })),
        )
        await replica.beat(counts[0])
        await replica.beat(counts[1], 'check')
      }
    },
    async failOver() {
      at.swapTarget()
      await restore(latest())
      return latest()
    },
  }
}

async function fullTarget({ collection }: World): Promise<boolean> {
  const [pair] = pairsOf(collection)
  const fence = (await pair?.[0].control())?.fence
  return fence?.ranges.every((range) => range.fullTarget) ?? false
}

describe('a check for loss at the time of a set-back', () => {
  it('does not hide it from the watch', async () => {
    const { at, stopFollowing, failOver } = replicated()
    await fill(at, 300)
    await go(at, 'shadow')
    await pass(at)
    for (let n = 0; n < 2; n++) await watchCollection(at.context, at.collection)
    await stopFollowing()
    for (let n = 0; n < 3; n++) {
      await put(at, `new${n}`, { n })
      await at.settled()
      await watchCollection(at.context, at.collection)
    }
    const run = await begin(at, { zeroLoss: true }, 'validate')
    await failOver()
    await drain(at)
    const check = await runOf(at, run.id)
    expect(check.status).toBe('failed')
    expect(await watchCollection(at.context, at.collection)).toBe('target-recovered')
    expect(await fullTarget(at)).toBe(false)
  })

  it('does not make up for the marks of a back-fill that is under way', async () => {
    const { at, stopFollowing, failOver } = replicated()
    await fill(at, 300)
    await go(at, 'shadow')
    const run = await begin(at)
    let batches = 0
    let marks: number[] = []
    at.faults.before = async (store, call) => {
      if (store !== 'target' || call !== 'applyMany') return
      batches++
      if (batches === 2) {
        marks = (await beginMarks(at.collection)).marks
        await stopFollowing()
      }
      if (batches === 3) await checkMarks({ ...at.collection, target: await failOver() }, marks)
    }
    await drain(at)
    at.faults.before = () => undefined
    expect(batches).toBeGreaterThanOrEqual(3)
    expect((await runOf(at, run.id)).status).toBe('failed')
    expect(await fullTarget(at)).toBe(false)
  })
})
