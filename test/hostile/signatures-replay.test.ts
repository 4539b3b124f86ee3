import { describe, expect, it } from 'vitest'
import type { Run } from '../../lib/core/run.js'
import { begin, copies, expectEqualStores, fill, go, runOf } from '../engine/runs/world.js'
import { type Deployed, deploy } from './authorization-world.js'
import { genuine, URL_TICK } from './signatures-tokens.js'

/**
 * A signed delivery that comes again is genuine again: the queue delivers at least once, and whoever has recorded a
 * delivery can repeat it for five minutes. It must have no second effect.
 */
const RECORDS = 60

interface Given extends Deployed {
  runId: string
}

/** A run that takes many deliveries: each has time for one batch of five records. */
async function withRun(): Promise<Given> {
  const deployed = await deploy()
  await fill(deployed.at, RECORDS)
  await go(deployed.at, 'shadow')
  deployed.invocation.ms = 1
  const { id: runId } = await begin(deployed.at, { recordsPerSecondMax: 1 })
  return { ...deployed, runId }
}

/** The messages that wait are the queue's to deliver; what was delivered is recorded, with the signature it had. */
interface Recorded {
  body: string
  signature: string
}

function next({ at }: Deployed): Recorded | null {
  const [message] = at.queue.peek()
  if (message === undefined) return null
  at.queue.lose(message.messageId)
  at.clock.time += (message.delaySeconds ?? 0) * 1000
  const body = JSON.stringify(message.body)
  return { body, signature: genuine({ body }) }
}

async function bring({ ask }: Deployed, { body, signature }: Recorded): Promise<string> {
  const answer = await ask({ method: 'POST', path: '/api/jobs/run', headers: [['upstash-signature', signature]], body })
  expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('kind')])
  return (JSON.parse(answer.text) as { kind: string }).kind
}

/** Everything there is: both stores, the documents, the whole ledger with its streams, and what waits in the queue. */
async function everything({ at }: Deployed): Promise<string> {
  const { ledger } = at.context
  const kept = await ledger.list('', null, 200)
  const audit = await ledger.entries('audit', { newestFirst: true, limit: 500 })
  return JSON.stringify([await copies(at), kept, audit, at.queue.peek()])
}

/** What a run has come to, without when and in what time. */
function achieved({ status, done, total, step, counters, cursor, lease, result, note }: Run): unknown {
  return { status, done, total, step, counters, cursor, lease, result, note }
}

const DELIVERIES_MAX = 100

/** Carries the run to its end, bringing every delivery as `how` says; answers the deliveries in their order. */
async function carry(
  given: Given,
  how: (delivery: Recorded, before: readonly Recorded[]) => Promise<void>,
): Promise<Recorded[]> {
  const recorded: Recorded[] = []
  for (let count = 0; count < DELIVERIES_MAX; count++) {
    const delivery = next(given)
    if (delivery === null) return recorded
    await how(delivery, recorded)
    recorded.push(delivery)
  }
  throw new Error('the run does not end')
}

async function undisturbed(): Promise<{ given: Given; recorded: Recorded[] }> {
  const given = await withRun()
  const recorded = await carry(given, async (delivery) => void (await bring(given, delivery)))
  return { given, recorded }
}

function signal(): { given: Promise<void>; give: () => void } {
  let give = (): void => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}

describe('the same signed delivery', () => {
  it('brought again after the run has ended, in any order and number, changes nothing at all', async () => {
    const { given, recorded } = await undisturbed()
    expect(await runOf(given.at, given.runId)).toMatchObject({ status: 'succeeded', done: RECORDS + 2 })
    expect(recorded.length).toBeGreaterThan(10)
    expect(await expectEqualStores(given.at)).toEqual([])
    const before = await everything(given)
    for (const order of [recorded, recorded.toReversed(), [...recorded, ...recorded]]) {
      for (const delivery of order) expect(await bring(given, delivery)).toBe('ignored')
    }
    await Promise.all(recorded.map((delivery) => bring(given, delivery)))
    expect(await everything(given)).toBe(before)
  })

  it('brought three times in a row, each time of the way, carries the run exactly as far as once', async () => {
    const wanted = await undisturbed()
    const given = await withRun()
    const recorded = await carry(given, async (delivery) => {
      await bring(given, delivery)
      const before = await everything(given)
      for (const _ of [1, 2]) expect(await bring(given, delivery)).toBe('ignored')
      expect(await everything(given)).toBe(before)
    })
    expect(recorded.length).toBe(wanted.recorded.length)
    expect(achieved(await runOf(given.at, given.runId))).toEqual(
      achieved(await runOf(wanted.given.at, wanted.given.runId)),
    )
  })

  it('brought four times at the same moment is worked by one of them', async () => {
    const wanted = await undisturbed()
    const given = await withRun()
    await carry(given, async (delivery) => {
      const kinds = await Promise.all([1, 2, 3, 4].map(() => bring(given, delivery)))
      expect(kinds.filter((kind) => kind !== 'ignored')).toHaveLength(1)
    })
    expect(achieved(await runOf(given.at, given.runId))).toEqual(
      achieved(await runOf(wanted.given.at, wanted.given.runId)),
    )
    expect(await expectEqualStores(given.at)).toEqual([])
  })

  it('brought again while it is being worked is left to the one who works it', async () => {
    const given = await withRun()
    const delivery = next(given)
    if (delivery === null) throw new Error('nothing was published')
    const note = given.at.faults.before
    const [begun, mayGoOn] = [signal(), signal()]
    let isHeld = false
    given.at.faults.before = async (store, call, args) => {
      void note(store, call, args)
      if (store !== 'target' || call !== 'applyMany' || isHeld) return
      isHeld = true
      begun.give()
      await mayGoOn.given
    }
    const first = bring(given, delivery)
    await begun.given
    const during = await everything(given)
    for (const _ of [1, 2, 3]) expect(await bring(given, delivery)).toBe('ignored')
    expect(await everything(given)).toBe(during)
    mayGoOn.give()
    expect(await first).toBe('continued')
    expect(await runOf(given.at, given.runId)).toMatchObject({ step: 2, counters: { batches: 1 }, lease: null })
  })

  it('mixed with all that came before it, newest first, carries the run exactly as far as alone', async () => {
    const wanted = await undisturbed()
    const given = await withRun()
    await carry(given, async (delivery, before) => {
      for (const late of before.toReversed()) expect(await bring(given, late)).toBe('ignored')
      await Promise.all([bring(given, delivery), ...before.map((late) => bring(given, late))])
    })
    expect(achieved(await runOf(given.at, given.runId))).toEqual(
      achieved(await runOf(wanted.given.at, wanted.given.runId)),
    )
  })

  it('of a run that was cancelled meanwhile does nothing', async () => {
    const given = await withRun()
    const first = next(given)
    if (first === null) throw new Error('nothing was published')
    await bring(given, first)
    const second = next(given)
    if (second === null) throw new Error('nothing more was published')
    const { cancelRun } = await import('../../lib/engine/runs/steer.js')
    await cancelRun(given.at.context, { runId: given.runId, by: 'ann', reason: 'enough' })
    const before = await everything(given)
    for (const delivery of [first, second, first, second]) expect(await bring(given, delivery)).toBe('ignored')
    expect(await everything(given)).toBe(before)
  })

  it('that names a step which has not come is ignored until that step is due', async () => {
    const given = await withRun()
    const body = JSON.stringify({ runId: given.runId, step: 2 })
    const early = { body, signature: genuine({ body }) }
    const before = await everything(given)
    expect(await bring(given, early)).toBe('ignored')
    expect(await everything(given)).toBe(before)
  })

  it('of the tick, again and again where nothing is due, changes nothing that is kept', async () => {
    const { given } = await undisturbed()
    const headers = [['upstash-signature', genuine({ url: URL_TICK, body: '{}' })]] as const
    const tick = () => given.ask({ method: 'POST', path: '/api/jobs/tick', headers, body: '{}' })
    expect((await tick()).status).toBe(200)
    const before = await everything(given)
    const answers = await Promise.all([1, 2, 3, 4].map(tick))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(await everything(given)).toBe(before)
  })
})
