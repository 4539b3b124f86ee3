import { describe, expect, it } from 'vitest'
import { nothingMeasured } from '../../../lib/core/metrics/measurement.js'
import { progressOf } from '../../../lib/core/run.js'
import { DUTY_MIN, RECORDS_MIN, REST_MS_MAX } from '../../../lib/core/throttle.js'
import { gaugeOf } from '../../../lib/engine/runs/gauge.js'
import { pauseRun, resumeRun } from '../../../lib/engine/runs/steer.js'
import { begin, deliver, drain, expectEqualStores, fill, go, MOVER, runOf, type World, world } from './world.js'

const RECORDS = 1_200

async function inShadow(records = RECORDS, partitions = 1): Promise<World> {
  const at = world({ partitions })
  await fill(at, records)
  await go(at, 'shadow')
  at.calls.length = 0
  return at
}

/** What an instance that serves the application measures. */
async function traffic(at: World, agoMs = 0): Promise<void> {
  const series = { component: 'projects', path: 'source' as const, operation: 'read' }
  await at.context.metrics.add(at.clock.time - agoMs, [{ ...series, ...nothingMeasured(), count: 1 }])
}

interface Weather {
  batchMs: number
  idleMs: number
  busyMs: number
}

/** A batch takes `batchMs`; a small answer of the target `idleMs`, but `busyMs` while a batch is being worked. */
function weather(at: World, seen: Weather): { sizes: number[]; spans: [number, number][] } {
  const sizes: number[] = []
  const spans: [number, number][] = []
  let working = false
  at.faults.before = async (store, call, args) => {
    if (store !== 'target') return
    if (call === 'control') at.clock.time += working ? seen.busyMs : seen.idleMs
    if (call !== 'applyMany') return
    sizes.push((args[1] as unknown[]).length)
    const from = at.clock.time
    working = true
    await at.clock.sleep(seen.batchMs)
    working = false
    spans.push([from, at.clock.time])
  }
  return { sizes, spans }
}

/** Drains with the application in use all the while. */
async function drainInUse(at: World): Promise<number> {
  let deliveries = 0
  for (; deliveries < 2_000; deliveries++) {
    const [next] = at.queue.peek()
    if (next === undefined) return deliveries
    at.queue.lose(next.messageId)
    at.clock.time += (next.delaySeconds ?? 0) * 1000
    await traffic(at)
    await deliver(at, next)
  }
  throw new Error('the run does not end')
}

describe('a run beside an application that is in use', () => {
  const pressed: Weather = { batchMs: 100, idleMs: 1, busyMs: 80 }

  it('works a small share of the time in small batches while they are felt, says so, and ends', async () => {
    const at = await inShadow()
    const seen = weather(at, pressed)
    const run = await begin(at)
    const [message] = at.queue.takeAll()
    if (message === undefined) throw new Error('no message')
    await traffic(at)
    await deliver(at, message)
    const slowed = await runOf(at, run.id)
    expect(slowed.note).toMatch(
      /^Slowed down to \d+ % of the time.*: the target answers in \d+ ms during a batch, in 1\.0 ms/,
    )
    expect(slowed.throttle?.duty).toBeLessThan(0.1)
    expect(progressOf(slowed).perSecond).toBeLessThan((1000 * 2 * RECORDS_MIN) / (pressed.batchMs + 150))
    await drainInUse(at)
    const ended = await runOf(at, run.id)
    expect([ended.status, ended.note]).toEqual(['succeeded', null])
    expect(await expectEqualStores(at)).toEqual([])
    expect(Math.max(...seen.sizes)).toBeLessThanOrEqual(2 * RECORDS_MIN)
    expect(seen.sizes.at(-2)).toBe(RECORDS_MIN)
    const worked = seen.spans.reduce((sum, [from, to]) => sum + to - from, 0)
    const all = (seen.spans.at(-1)?.[1] ?? 0) - (seen.spans[0]?.[0] ?? 0)
    expect(worked / all).toBeLessThan(0.35)
    expect(worked / all).toBeGreaterThan(DUTY_MIN / 2)
  })

  it('rests half a second at most after a batch: a small collection is through in seconds', async () => {
    const at = await inShadow(100)
    weather(at, { ...pressed, batchMs: 3_000 })
    const from = at.clock.time
    const run = await begin(at)
    await drainInUse(at)
    expect((await runOf(at, run.id)).counters.batches).toBeLessThan(10)
    expect(at.clock.slept.filter((ms) => ms !== 3_000).every((ms) => ms <= REST_MS_MAX)).toBe(true)
    expect(at.clock.time - from).toBeLessThan(10 * (3_000 + REST_MS_MAX + 1_000))
  })

  it('passes one partition at a time, from its first batch on', async () => {
    const at = await inShadow(400, 4)
    const { spans } = weather(at, pressed)
    await begin(at)
    await drainInUse(at)
    expect(spans.length).toBeGreaterThan(8)
    for (const [number, [from]] of spans.entries()) expect(from).toBeGreaterThanOrEqual(spans[number - 1]?.[1] ?? 0)
  })

  it('takes what it wants when nothing is felt', async () => {
    const at = await inShadow()
    const seen = weather(at, { batchMs: 100, idleMs: 1, busyMs: 1 })
    const run = await begin(at)
    await drainInUse(at)
    const { status, throttle } = await runOf(at, run.id)
    expect(status).toBe('succeeded')
    expect(throttle?.recordsMax).toBe(500)
    expect(Math.max(...seen.sizes)).toBe(500)
  })

  it('is let go once the application has not been used for a minute', async () => {
    const at = await inShadow()
    const seen = weather(at, pressed)
    await traffic(at, 61_000)
    const run = await begin(at)
    await drain(at)
    const { status, throttle, note } = await runOf(at, run.id)
    expect([status, throttle, note]).toEqual(['succeeded', undefined, null])
    expect(Math.max(...seen.sizes)).toBe(500)
    expect(at.clock.slept.every((ms) => ms === pressed.batchMs)).toBe(true)
  })

  it('is not slowed down where that was not wanted', async () => {
    const at = await inShadow()
    const seen = weather(at, pressed)
    await traffic(at)
    const run = await begin(at, { throttle: false })
    await drain(at)
    expect(await runOf(at, run.id)).toMatchObject({ status: 'succeeded', note: null })
    expect(Math.max(...seen.sizes)).toBe(500)
  })

  it('keeps what it has learnt over a pause', async () => {
    const at = await inShadow()
    weather(at, pressed)
    const { id: runId } = await begin(at)
    const [message] = at.queue.takeAll()
    if (message === undefined) throw new Error('no message')
    await traffic(at)
    await deliver(at, message)
    const { throttle } = await runOf(at, runId)
    at.queue.takeAll()
    await pauseRun(at.context, { runId, ...MOVER })
    const resumed = await resumeRun(at.context, { runId, ...MOVER })
    expect(resumed.throttle).toEqual(throttle)
    expect(throttle?.idleMs).toBe(1)
  })

  it('sees nothing where a look gets no answer, and works all the same', async () => {
    const at = await inShadow(10)
    await traffic(at)
    const gauge = gaugeOf(at.context, await begin(at))
    expect(await gauge.inUse()).toBe(true)
    at.faults.before = (_store, call) => {
      if (call === 'control') throw new Error('no answer')
    }
    const { done, seen } = await gauge.during(async () => 'worked')
    expect([done, seen]).toEqual(['worked', { idleMs: null, busyMs: null }])
    await expect(gauge.during(() => Promise.reject(new Error('the work failed')))).rejects.toThrow('the work failed')
  })

  it('asks the target a command or two every 200 ms, and the metrics every 5 s', async () => {
    const at = await inShadow(10)
    await traffic(at)
    const gauge = gaugeOf(at.context, await begin(at))
    let asked = 0
    const { read } = at.context.metrics
    at.context.metrics.read = (query) => {
      asked++
      return read(query)
    }
    at.calls.length = 0
    for (let turn = 0; turn < 1_000; turn++) {
      await gauge.inUse()
      await gauge.during(async () => {
        at.clock.time += 10
      })
    }
    expect(asked).toBe(2)
    expect(at.calls.length).toBeLessThanOrEqual(2 * 51)
    expect(at.calls.length).toBeGreaterThan(40)
  })
})
