import { afterEach, describe, expect, it } from 'vitest'
import type * as z from 'zod'
import type { costShape } from '../../lib/commands/cost-shape.js'
import { CutoverError } from '../../lib/core/error.js'
import { type RunningApp, runApp } from '../scenario/running-app.js'

const ADMIN = 'admin-token-of-this-test'
const CRON = 'cron-secret-of-this-test'
const ENV = {
  CUTOVER_ADMIN_TOKEN: ADMIN,
  CRON_SECRET: CRON,
  CUTOVER_COMPARE_SHARE: '0',
  // What was metered is written when the test says so.
  CUTOVER_METER_FLUSH_MS: '600000',
}
const DOCUMENTS = {
  'projects.json': JSON.stringify({ one: { name: 'One' }, two: { name: 'Two' } }),
  'resources.json': JSON.stringify({}),
}

let running: RunningApp | undefined
afterEach(async () => {
  await running?.close()
  running = undefined
})

async function open(): Promise<RunningApp> {
  running = await runApp(DOCUMENTS, ENV)
  return running
}

async function operate(app: RunningApp, method: string, path: string, body?: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await fetch(`${app.url}/api/migration${path}`, { method, headers, ...sent })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

async function cost(app: RunningApp, query = ''): Promise<z.output<typeof costShape>> {
  return (await operate(app, 'GET', `/cost${query}`)) as z.output<typeof costShape>
}

/** Clients' work, and with it what was used until it is written. */
async function work(app: RunningApp, writes: number): Promise<void> {
  for (let number = 0; number < writes; number++) {
    const body = JSON.stringify({ name: `Number ${number}` })
    const headers = { 'content-type': 'application/json' }
    await fetch(`${app.url}/api/v1/projects/one`, { method: 'PUT', headers, body })
  }
}

async function written(app: RunningApp): Promise<void> {
  await app.wired.drained()
  await app.wired.metrics?.flush()
}

/** Some of it goes with the first write of counts, and the rest with the next. */
async function metered(app: RunningApp): Promise<void> {
  for (let times = 0; times < 3; times++) {
    await work(app, 1)
    await written(app)
  }
}

type Purpose = 'moving' | 'watching' | 'traffic' | 'looking'

function spentFor({ spentFor: all }: z.output<typeof costShape>, purpose: Purpose) {
  const found = all.find((one) => one.purpose === purpose)
  if (found === undefined) throw new Error(`Nothing is told of ${purpose}.`)
  return found
}

async function ticked(app: RunningApp): Promise<void> {
  const answer = await fetch(`${app.url}/api/cron/tick`, { headers: { authorization: `Bearer ${CRON}` } })
  if (!answer.ok) throw new Error(`The tick answered ${answer.status}.`)
}

const REASON = { reason: 'because' }

describe('the cost so far', () => {
  it('is unknown where nothing was metered, and says so', async () => {
    const app = await open()
    expect(await cost(app)).toMatchObject({
      since: null,
      soFar: { commands: null, messages: null, documentReads: null, usd: null, storageBytes: null },
      estimate: null,
      share: null,
      perMonthAtThisRate: null,
      inWords: 'Nothing was metered yet, so the cost so far is not known.',
    })
  })

  it('has every command that the gateway has counted', async () => {
    const app = await open()
    await operate(app, 'POST', '/collections/projects/advance', { ...REASON, to: 'dualwrite' })
    await operate(app, 'POST', '/collections/projects/advance', { ...REASON, to: 'shadow' })
    await work(app, 7)
    await written(app)
    // Some of it went with the first write of counts, the rest goes with this one.
    await work(app, 1)
    await app.wired.drained()
    const { commands } = app.stack.redis.stats()
    await work(app, 1)
    await written(app)
    const { soFar, perCollection, own, lastHour } = await cost(app)
    const after = app.stack.redis.stats().commands
    expect(soFar.commands).toBeGreaterThanOrEqual(commands)
    expect(soFar.commands).toBeLessThan(after)
    expect(lastHour.commands).toBe(soFar.commands)
    const parts = [...perCollection, own].map((part) => part.commands ?? 0)
    expect(parts.reduce((sum, count) => sum + count, 0)).toBe(soFar.commands)
    expect(perCollection.find(({ collection }) => collection === 'projects')?.documentWrites).toBeGreaterThanOrEqual(8)
    expect(soFar.usd).toBeCloseTo(((soFar.commands ?? 0) * 0.2) / 100_000 + (soFar.messages ?? 0) / 100_000, 5)
  })

  it('is told of one collection without what belongs to none', async () => {
    const app = await open()
    await work(app, 2)
    await written(app)
    await work(app, 1)
    await written(app)
    const all = await cost(app)
    const one = await cost(app, '?collection=projects')
    expect(one.perCollection.map(({ collection }) => collection)).toEqual(['projects'])
    expect(one.soFar.documentWrites).toBe(
      all.perCollection.find(({ collection }) => collection === 'projects')?.documentWrites,
    )
    expect(one.own.commands).toBeNull()
  })
})

describe('against what was estimated', () => {
  it('an operator’s first move keeps what the whole way of a collection was to cost, once', async () => {
    const app = await open()
    const planned = (await operate(app, 'GET', '/plan?course=by-hand&collections=projects')) as {
      totals: { messages: number }
      money: { total: number }
    }
    await work(app, 2)
    await written(app)
    await operate(app, 'POST', '/collections/projects/advance', { ...REASON, to: 'dualwrite' })
    const { estimate } = await cost(app)
    expect(estimate).toMatchObject({
      course: 'by-hand',
      collections: ['projects'],
      madeFor: 'advance-stage',
      totalUsd: planned.money.total,
      messages: planned.totals.messages,
    })
    await operate(app, 'POST', '/collections/projects/roll-back', REASON)
    await operate(app, 'POST', '/collections/projects/advance', { ...REASON, to: 'dualwrite' })
    expect((await cost(app)).estimate).toEqual(estimate)
    await operate(app, 'POST', '/collections/resources/advance', { ...REASON, to: 'dualwrite' })
    const both = await cost(app)
    expect(both.estimate?.collections).toEqual(['projects', 'resources'])
    expect(both.estimate?.commands).toBeGreaterThan(estimate?.commands ?? 0)
    expect((await cost(app, '?collection=projects')).estimate).toEqual(estimate)
  })

  it('counts only from then on, and is told as a share', async () => {
    const app = await open()
    await operate(app, 'GET', '/collections')
    await work(app, 3)
    await written(app)
    const before = await cost(app)
    await operate(app, 'POST', '/plans', { ...REASON })
    await work(app, 3)
    await written(app)
    const after = await cost(app)
    expect(after.estimate).toMatchObject({
      course: 'week',
      collections: ['projects', 'resources'],
      madeFor: 'start-plan',
    })
    const [then, now] = [before.soFar.commands ?? 0, after.soFar.commands ?? 0]
    expect(after.sinceEstimate?.commands).toBe(now - then)
    const moving = spentFor(after, 'moving')
    expect(after.share).toBeCloseTo((moving.sinceEstimate?.usd ?? 0) / (moving.estimated?.usd ?? 0), 1)
    expect(after.inWords).toMatch(/Moving has used .* % ?\) that were estimated for moving once/)
  })

  it('is moving against moving: traffic, ticks and looks are told beside it', { timeout: 30_000 }, async () => {
    const app = await open()
    const base = app.stack.redis.stats().commands
    await operate(app, 'POST', '/collections/projects/advance', { ...REASON, to: 'dualwrite' })
    await metered(app)
    const before = await cost(app)
    const estimated = spentFor(before, 'moving').estimated?.commands ?? 0
    expect(estimated).toBe(before.estimate?.commands)
    for (const purpose of ['traffic', 'watching', 'looking'] as const)
      expect(spentFor(before, purpose).estimated).toBeNull()
    await work(app, 30)
    for (let times = 0; times < 10; times++) {
      await operate(app, 'GET', '/dashboard')
      await ticked(app)
    }
    await metered(app)
    const after = await cost(app)
    const more = (purpose: Purpose): number =>
      spentFor(after, purpose).soFar.commands - spentFor(before, purpose).soFar.commands
    expect(more('traffic')).toBeGreaterThanOrEqual(30)
    expect(more('looking')).toBeGreaterThanOrEqual(40)
    expect(more('watching')).toBeGreaterThanOrEqual(20)
    expect(more('moving')).toBe(0)
    expect(after.share).toBe(before.share)
    expect(after.spentFor.reduce((sum, { soFar }) => sum + soFar.commands, 0)).toBe(after.soFar.commands)
    expect(after.soFar.commands).toBeLessThanOrEqual(app.stack.redis.stats().commands - base)
    await operate(app, 'POST', '/collections/projects/backfill', { ...REASON, throttle: false })
    await metered(app)
    expect(spentFor(await cost(app), 'moving').soFar.commands).toBeGreaterThan(spentFor(after, 'moving').soFar.commands)
  })

  it('of one collection has no share, for what is kept of its runs belongs to none', async () => {
    const app = await open()
    await operate(app, 'POST', '/collections/projects/advance', { ...REASON, to: 'dualwrite' })
    await metered(app)
    expect((await cost(app)).share).not.toBeNull()
    expect((await cost(app, '?collection=projects')).share).toBeNull()
  })

  it('says nothing of a month after a few seconds', async () => {
    const app = await open()
    await metered(app)
    const { soFar, rateOverSeconds, perMonthAtThisRate, inWords } = await cost(app)
    expect(soFar.commands).toBeGreaterThan(0)
    expect({ rateOverSeconds, perMonthAtThisRate }).toEqual({ rateOverSeconds: null, perMonthAtThisRate: null })
    expect(inWords).toContain('too early to say what a month would come to')
    expect(inWords).not.toContain('less than')
  })

  it('is not in the way of the move when keeping it has a fault, which is told of', async () => {
    const app = await open()
    const { metrics } = await app.wired.control()
    metrics.totals = async () => {
      throw new TypeError('A fault of ours.')
    }
    const faults: unknown[] = []
    app.wired.log.error = (event, fields) => void faults.push([event, fields])
    expect(await operate(app, 'POST', '/collections/projects/advance', { ...REASON, to: 'dualwrite' })).toMatchObject({
      kind: 'moved',
    })
    expect(faults).toMatchObject([['answered-around-a-fault', { where: 'keep-estimate' }]])
  })

  it('is not in the way of the move when the ledger is away', async () => {
    const app = await open()
    const { ledger } = await app.wired.control()
    const list = ledger.list.bind(ledger)
    ledger.list = async (prefix, ...rest) => {
      if (prefix === 'estimate/') throw new CutoverError('unavailable', 'The ledger is away.')
      return list(prefix, ...rest)
    }
    expect(await operate(app, 'POST', '/collections/projects/advance', { ...REASON, to: 'dualwrite' })).toMatchObject({
      kind: 'moved',
    })
    ledger.list = list
    expect((await cost(app)).estimate).toBeNull()
  })
})
