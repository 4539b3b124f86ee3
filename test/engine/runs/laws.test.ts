import { describe, expect, it } from 'vitest'
import { isEnded } from '../../../lib/core/run.js'
import { republishStalled } from '../../../lib/engine/runs/watch.js'
import { FakeClock } from './fake-clock.js'
import {
  begin,
  change,
  copies,
  deliver,
  drain,
  expectEqualStores,
  fill,
  go,
  pass,
  put,
  runOf,
  START,
  type World,
  world,
} from './world.js'

const RECORDS = 230

/** In shadow, with records of before, tombstones, and nothing passed yet. */
async function inShadow(records = RECORDS): Promise<World> {
  const at = world()
  const ids = await fill(at, records)
  await change(at, ids[3] ?? '', { kind: 'delete' })
  await go(at, 'shadow')
  await put(at, 'later', { since: 'shadow' })
  await at.settled()
  return at
}

describe('a back-fill', () => {
  it('brings both stores to the same copies, and declares them full', async () => {
    const at = await inShadow()
    const run = await pass(at)
    expect(run.status).toBe('succeeded')
    expect(await expectEqualStores(at)).toEqual([])
    expect(run.result).toEqual({ slotsDeclaredFull: 20_000 })
    expect(run.counters).toMatchObject({ read: RECORDS + 1, deadLetters: 0, clashes: 0, setBacks: 0 })
    expect(run.done).toBe(run.total)
    expect(await again(at)).toBe(0)
  })

  it('ends alike however its messages are cut, doubled, late, out of order or lost', async () => {
    const reference = await pass(await inShadow())
    for (let seed = 1; seed <= 25; seed++) {
      const at = await inShadow()
      const run = await begin(at)
      await stormy(at, run.id, seed)
      const ended = await runOf(at, run.id)
      expect([seed, ended.status, await expectEqualStores(at)]).toEqual([seed, 'succeeded', []])
      expect([seed, withoutBatches(ended.counters)]).toEqual([seed, withoutBatches(reference.counters)])
      expect([ended.done, ended.total]).toEqual([reference.done, reference.total])
    }
  })

  it('loses nothing when its worker dies between the work and the commit', async () => {
    const at = await inShadow()
    const run = await begin(at)
    const [message] = at.queue.takeAll()
    let applied = 0
    at.faults.before = (store, call) => {
      if (store === 'target' && call === 'applyMany') applied++
      // The commit after the third batch, and everything that the dying worker would still say.
      if (store === 'ledger' && applied >= 3) throw new Error('killed')
    }
    await expect(deliver(at, message ?? fail())).rejects.toThrow('killed')
    at.faults.before = () => undefined
    const left = await runOf(at, run.id)
    expect([left.status, left.step, left.lease === null]).toEqual(['running', 1, false])
    at.clock.time += 60_000
    expect(await republishStalled(at.context)).toEqual([run.id])
    await drain(at)
    const ended = await runOf(at, run.id)
    expect([ended.status, ended.counters.read]).toEqual(['succeeded', RECORDS + 1])
    expect(await expectEqualStores(at)).toEqual([])
  })

  it('is worked by one of two workers that get the same message at once', async () => {
    const at = await inShadow()
    const run = await begin(at)
    const [message] = at.queue.takeAll()
    const worked = await Promise.all([1, 2, 3].map(() => deliver(at, message ?? fail())))
    expect(worked.map(({ kind }) => kind).sort()).toEqual(['ended', 'ignored', 'ignored'])
    expect(worked.flatMap((one) => (one.kind === 'ignored' ? [one.reason] : []))).toEqual(['leased', 'leased'])
    expect((await runOf(at, run.id)).counters.read).toBe(RECORDS + 1)
  })

  it('is not committed by a worker that was frozen past its lease', async () => {
    const at = await inShadow()
    const run = await begin(at)
    const [message] = at.queue.takeAll()
    let thaw: () => void = () => undefined
    const frozen = new Promise<void>((resolve) => {
      thaw = resolve
    })
    let calls = 0
    at.faults.before = async (store, call) => {
      if (store === 'target' && call === 'applyMany' && ++calls === 2) await frozen
    }
    const first = deliver(at, message ?? fail())
    while (calls < 2) await new Promise((resolve) => setImmediate(resolve))
    expect(await republishStalled(at.context)).toEqual([])
    at.clock.time += 60_000
    expect(await republishStalled(at.context)).toEqual([run.id])
    await drain(at)
    const ended = await runOf(at, run.id)
    thaw()
    expect(await first).toEqual({ kind: 'ignored', reason: 'lost-lease' })
    expect(await runOf(at, run.id)).toEqual(ended)
    expect(ended.counters.read).toBe(RECORDS + 1)
    expect(await expectEqualStores(at)).toEqual([])
  })
})

/** A second pass copies nothing. */
async function again(at: World): Promise<number> {
  const before = await copies(at)
  const { counters } = await pass(at)
  expect(await copies(at)).toEqual(before)
  return (counters.copied ?? 0) + (counters.returned ?? 0)
}

function withoutBatches({ batches: _, ...others }: { [name: string]: number }): object {
  return others
}

const EVENTS_MAX = 400

/** Everything that a queue may do, drawn by `seed`; time passes, and the cron comes now and then. */
async function stormy(at: World, runId: string, seed: number): Promise<void> {
  const chance = new FakeClock(START)
  for (let skip = 0; skip < seed * 3; skip++) chance.random()
  const draw = (limit: number): number => Math.floor(chance.random() * limit)
  const late: Parameters<typeof deliver>[1][] = []
  // Each batch costs a second, so that a delivery ends after a few.
  at.faults.before = (store, call) => {
    if (store === 'source' && call === 'get') at.clock.time += draw(700)
  }
  for (let event = 0; event < EVENTS_MAX; event++) {
    if (isEnded((await runOf(at, runId)).status)) return
    const waiting = at.queue.peek()
    const message = waiting[draw(waiting.length)]
    const kind = draw(10)
    if (kind === 0) at.queue.loseNext()
    else if (kind === 1) at.queue.reorder(() => draw(100))
    else if (kind === 2 && message !== undefined) at.queue.duplicate(message.messageId)
    else if (kind === 3 && message !== undefined) late.push({ ...message })
    else if (kind === 4 && late.length > 0) await deliver(at, late[draw(late.length)] ?? fail(), 4_000)
    else if (message !== undefined) {
      at.queue.lose(message.messageId)
      await deliver(at, message, 2_000 + draw(4_000))
    } else {
      at.clock.time += 15_000
      await republishStalled(at.context)
    }
  }
  throw new Error(`seed ${seed} never ended: ${JSON.stringify(await runOf(at, runId))}`)
}

function fail(): never {
  throw new Error('there is no message')
}
