import { describe, expect, it } from 'vitest'
import { faultOfReply } from '../../../lib/drivers/redis/fault.js'
import { resumeRun } from '../../../lib/engine/runs/steer.js'
import { republishStalled } from '../../../lib/engine/runs/watch.js'
import { begin, deliver, drain, expectEqualStores, fill, go, MOVER, runOf, type World, world } from './world.js'

const REFUSALS = [
  'ERR max requests limit exceeded. Limit: 500000, Usage: 500007',
  'ERR max daily request limit exceeded',
  'ERR DB capacity quota exceeded',
]

async function inShadow(): Promise<World> {
  const at = world({ partitions: 1 })
  await fill(at, 200)
  await go(at, 'shadow')
  return at
}

describe('a store whose quota is used up', () => {
  it.each(REFUSALS)('pauses a run with its reason, asked once: %s', async (refusal) => {
    const at = await inShadow()
    const run = await begin(at)
    let refused = 0
    at.faults.before = (store, call) => {
      if (store !== 'target' || call !== 'applyMany') return
      refused++
      throw faultOfReply(refusal, 'EVALSHA')
    }
    const [message] = at.queue.takeAll()
    if (message === undefined) throw new Error('no message')
    expect(await deliver(at, message)).toMatchObject({ kind: 'paused' })
    const paused = await runOf(at, run.id)
    expect([refused, paused.status, paused.lease, paused.outbox]).toEqual([1, 'paused', null, null])
    expect(paused.note).toMatch(/^unavailable: .*quota/)
    const { items } = await at.context.ledger.entries('audit', { before: null, newestFirst: true, limit: 1 })
    expect(items[0]?.value).toMatchObject({ action: 'pause-run', by: 'cutover', reason: paused.note })
    at.clock.time += 120_000
    expect(await republishStalled(at.context)).toEqual([])
    expect(await deliver(at, message)).toEqual({ kind: 'ignored', reason: 'not-running' })

    at.faults.before = () => undefined
    await resumeRun(at.context, { runId: run.id, ...MOVER })
    await drain(at)
    expect((await runOf(at, run.id)).status).toBe('succeeded')
    expect(await expectEqualStores(at)).toEqual([])
  })

  it('leaves a run standing that cannot even be paused, and it goes on by itself', async () => {
    const at = await inShadow()
    const run = await begin(at)
    const [message] = at.queue.takeAll()
    if (message === undefined) throw new Error('no message')
    let calls = 0
    at.faults.before = (store) => {
      if (store !== 'source' && calls++ > 12) throw faultOfReply(REFUSALS[0] ?? '', 'EVALSHA')
    }
    await expect(deliver(at, message)).rejects.toMatchObject({ code: 'unavailable' })
    const asked = calls
    await expect(deliver(at, message)).rejects.toMatchObject({ code: 'unavailable' })
    expect(calls - asked).toBeLessThanOrEqual(2)
    at.faults.before = () => undefined
    at.clock.time += 60_000
    expect(await republishStalled(at.context)).toEqual([run.id])
    await drain(at)
    expect((await runOf(at, run.id)).status).toBe('succeeded')
  })

  it('is not one with too many connections, or one that is busy', async () => {
    for (const reply of ['ERR max concurrent connections exceeded', 'LOADING Redis is loading the dataset in memory']) {
      const at = await inShadow()
      const run = await begin(at)
      let failures = 1
      at.faults.before = (store, call) => {
        if (store === 'target' && call === 'applyMany' && failures-- > 0) throw faultOfReply(reply, 'EVALSHA')
      }
      await drain(at)
      expect((await runOf(at, run.id)).status).toBe('succeeded')
    }
  })
})
