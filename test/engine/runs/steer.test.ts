import { describe, expect, it } from 'vitest'
import { startRun } from '../../../lib/engine/runs/start.js'
import { cancelRun, pauseRun, resumeRun } from '../../../lib/engine/runs/steer.js'
import { listRuns } from '../../../lib/engine/runs/store.js'
import { republishStalled } from '../../../lib/engine/runs/watch.js'
import { begin, deliver, drain, expectEqualStores, fill, go, MOVER, pass, runOf, type World, world } from './world.js'

const RECORDS = 120

async function inShadow(): Promise<World> {
  const at = world()
  await fill(at, RECORDS)
  await go(at, 'shadow')
  return at
}

/** Steers at the moment of every call of a store that a whole run makes, one moment in each world. */
async function atEveryMoment(
  steer: (at: World, runId: string) => Promise<void>,
  check: (at: World, runId: string) => Promise<void>,
) {
  let moments = 1
  for (let moment = 0; moment < moments; moment++) {
    const at = await inShadow()
    const run = await begin(at)
    let calls = 0
    at.faults.before = async () => {
      if (calls++ !== moment) return
      at.faults.before = () => undefined
      await steer(at, run.id)
    }
    await drain(at)
    if (moment === 0) {
      const counted = await inShadow()
      await begin(counted)
      counted.faults.before = () => {
        moments++
      }
      await drain(counted)
    }
    await check(at, run.id)
  }
  expect(moments).toBeGreaterThan(20)
}

describe('a run', () => {
  it('paused at any moment stands still, and resumed ends as if nothing had been', async () => {
    await atEveryMoment(
      async (at, runId) => {
        await pauseRun(at.context, { runId, ...MOVER }).catch(expectEnded)
      },
      async (at, runId) => {
        const stood = await runOf(at, runId)
        if (stood.status === 'paused') {
          expect([stood.note, stood.lease, stood.outbox]).toEqual(['because', null, null])
          at.clock.time += 120_000
          expect(await republishStalled(at.context)).toEqual([])
          await resumeRun(at.context, { runId, ...MOVER })
          await drain(at)
        }
        const ended = await runOf(at, runId)
        expect([ended.status, ended.counters.read, ended.result]).toEqual([
          'succeeded',
          RECORDS,
          { slotsDeclaredFull: 20_000 },
        ])
        expect(await expectEqualStores(at)).toEqual([])
      },
    )
  })

  it('cancelled at any moment has ended, and another may begin', async () => {
    await atEveryMoment(
      async (at, runId) => {
        await cancelRun(at.context, { runId, ...MOVER }).catch(expectEnded)
      },
      async (at, runId) => {
        const ended = await runOf(at, runId)
        expect(['cancelled', 'succeeded']).toContain(ended.status)
        expect([ended.lease, ended.outbox, at.queue.peek().length]).toEqual([null, null, 0])
        expect((await pass(at)).status).toBe('succeeded')
      },
    )
  })

  it('cannot be steered where that makes no sense', async () => {
    const at = await inShadow()
    const { id: runId } = await begin(at)
    await expect(resumeRun(at.context, { runId, ...MOVER })).rejects.toMatchObject({ code: 'conflict' })
    await pauseRun(at.context, { runId, ...MOVER })
    await expect(pauseRun(at.context, { runId, ...MOVER })).rejects.toMatchObject({ code: 'conflict' })
    await cancelRun(at.context, { runId, ...MOVER })
    for (const steer of [pauseRun, resumeRun, cancelRun])
      await expect(steer(at.context, { runId, ...MOVER })).rejects.toMatchObject({ code: 'conflict' })
    await expect(pauseRun(at.context, { runId: 'nobody', ...MOVER })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is one at a time on a collection, and the same when it is asked for by one id', async () => {
    const at = await inShadow()
    const first = await startRun(at.context, {
      id: 'mine',
      kind: 'backfill',
      collection: 'projects',
      input: {},
      ...MOVER,
    })
    await expect(begin(at)).rejects.toMatchObject({ code: 'conflict', details: { runId: 'mine' } })
    const second = await startRun(at.context, {
      id: 'mine',
      kind: 'backfill',
      collection: 'projects',
      input: {},
      ...MOVER,
    })
    expect(second).toEqual(first)
    await begin(at, {}, 'validate') // another kind may
    expect((await listRuns(at.context.ledger, { active: true, limit: 10 })).length).toBe(2)
    const both = await Promise.allSettled([1, 2, 3].map(() => begin(world(), {})))
    expect(both.every(({ status }) => status === 'fulfilled')).toBe(true)
  })

  it('begins once when it is asked for three times at once', async () => {
    const at = await inShadow()
    const asked = await Promise.allSettled([1, 2, 3].map(() => begin(at)))
    expect(asked.filter(({ status }) => status === 'fulfilled').length).toBe(1)
    expect(at.queue.peek().length).toBe(1)
  })
})

describe('the watch', () => {
  it('sends again what stalled, and only that', async () => {
    const at = await inShadow()
    at.faults.down.add('queue')
    const run = await begin(at)
    expect(run.status).toBe('running')
    at.clock.time += 5_000
    expect(await republishStalled(at.context)).toEqual([])
    at.clock.time += 16_000
    expect(await republishStalled(at.context)).toEqual([]) // due, but the queue is still down
    at.faults.down.delete('queue')
    at.clock.time += 21_000
    expect(await republishStalled(at.context)).toEqual([run.id])
    expect(await republishStalled(at.context)).toEqual([])
    const ids = at.queue.peek().map(({ deduplicationId }) => deduplicationId)
    expect(new Set(ids).size).toBe(ids.length)
    await drain(at)
    at.clock.time += 100_000
    expect(await republishStalled(at.context)).toEqual([])
    expect((await runOf(at, run.id)).status).toBe('succeeded')
  })

  it('waits for a run that rests', async () => {
    const at = await inShadow()
    const run = await begin(at, { recordsPerSecondMax: 0.1 })
    const [message] = at.queue.takeAll()
    if (message === undefined) throw new Error('no message')
    await deliver(at, message)
    const [next] = at.queue.takeAll() // and is lost
    expect(next?.delaySeconds).toBeGreaterThan(5)
    at.clock.time += (next?.delaySeconds ?? 0) * 1000
    expect(await republishStalled(at.context)).toEqual([])
    at.clock.time += 25_000
    expect(await republishStalled(at.context)).toEqual([run.id])
  })

  it('lets a message that comes too early wait its time', async () => {
    const at = await inShadow()
    const run = await begin(at, { recordsPerSecondMax: 0.1 })
    const [message] = at.queue.takeAll()
    if (message === undefined) throw new Error('no message')
    await deliver(at, message)
    const [next] = at.queue.takeAll()
    if (next === undefined) throw new Error('no message')
    const before = await runOf(at, run.id)
    expect((await deliver(at, next)).kind).toBe('continued')
    const after = await runOf(at, run.id)
    expect([after.done, after.cursor]).toEqual([before.done, before.cursor])
    expect(at.queue.peek()[0]?.delaySeconds).toBeGreaterThan(5)
  })
})

function expectEnded(error: unknown): void {
  expect(error).toMatchObject({ code: 'conflict' })
}
