import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import type { AlertMessage, AlertNews } from '../../lib/core/alert.js'
import { CutoverError } from '../../lib/core/error.js'
import { memoryLedger } from '../../lib/drivers/ledgers/memory.js'
import type { AlertContext } from '../../lib/engine/alerts/kept.js'
import { listAlerts } from '../../lib/engine/alerts/list.js'
import { moveAlert } from '../../lib/engine/alerts/move.js'
import { listOutbox, sendDue } from '../../lib/engine/alerts/outbox.js'
import { raiseAlert } from '../../lib/engine/alerts/raise.js'
import { tendAlerts } from '../../lib/engine/alerts/tend.js'
import { failRun } from '../../lib/engine/runs/end.js'
import { readRun } from '../../lib/engine/runs/store.js'
import { webhook } from '../../lib/wire/alerts.js'
import { FakeClock } from './runs/fake-clock.js'
import { begin, MOVER, START, world } from './runs/world.js'

const NEWS: AlertNews = {
  about: 'something',
  severity: 'critical',
  kind: 'breach',
  component: 'projects',
  message: 'It is worse than it may be.',
}
const HOUR = 3_600_000

interface Post {
  id: string
}

/** A receiver that answers as it is told, and the alerts' context with it. */
function desk(takes: (attempt: number) => boolean = () => true) {
  const posts: Post[] = []
  const pending: Promise<unknown>[] = []
  const clock = new FakeClock(START)
  const context: AlertContext & { clock: FakeClock } = {
    ledger: memoryLedger(),
    clock,
    notify: async (message: AlertMessage) => {
      posts.push({ id: message.id })
      if (!takes(posts.length)) throw new CutoverError('unavailable', 'The webhook answered with status 500.')
    },
    background: (work) => void pending.push(work.catch(() => {})),
  }
  return { context, clock, posts, settled: () => Promise.all(pending) }
}

/** By an instance that stops while it sends. */
async function raisedByTheDead(context: AlertContext & { clock: FakeClock }): Promise<void> {
  await raiseAlert({ ...context, notify: () => new Promise(() => {}) }, NEWS)
  await new Promise((resolve) => setTimeout(resolve, 20))
  context.clock.time += HOUR
}

describe('a message to the webhook', () => {
  it('is sent until it is taken, under one id, each wait drawn from a range that doubles', async () => {
    const { context, clock, posts, settled } = desk((attempt) => attempt === 5)
    await raiseAlert(context, NEWS)
    await settled()
    const waits: number[] = []
    for (let turn = 0; turn < 10; turn++) {
      const { waiting } = await listOutbox(context, 10)
      const [next] = waiting
      if (next === undefined) break
      expect(next).toMatchObject({ attempts: posts.length, fault: 'The webhook answered with status 500.' })
      waits.push(next.dueAt - clock.time)
      clock.time = next.dueAt - 1
      expect((await sendDue(context, clock.time + HOUR)).sent).toBe(0)
      clock.time = next.dueAt
      await sendDue(context, clock.time + HOUR)
    }
    expect(new Set(posts.map(({ id }) => id)).size).toBe(1)
    expect(posts.length).toBe(5)
    for (const [at, wait] of waits.entries()) expect(wait).toBeLessThanOrEqual(10_000 + 10_000 * 2 ** at)
    expect(await listOutbox(context, 10)).toEqual({ waiting: [], undelivered: [] })
  })

  it('is given up after a day, marked, and shown', async () => {
    const { context, clock, posts, settled } = desk(() => false)
    await raiseAlert(context, NEWS)
    await settled()
    for (let turn = 0; turn < 50; turn++) {
      const [next] = (await listOutbox(context, 10)).waiting
      if (next === undefined) break
      clock.time = next.dueAt
      await sendDue(context, clock.time + HOUR)
    }
    expect(posts.length).toBeGreaterThan(10)
    expect(posts.length).toBeLessThanOrEqual(24)
    const { waiting, undelivered } = await listOutbox(context, 10)
    expect([waiting.length, undelivered.length]).toEqual([0, 1])
    expect((await listAlerts(context, { limit: 1 })).items).toMatchObject([{ undelivered: 1 }])
  })

  it('outlives the instance that raised it, and is sent once by two that find it', async () => {
    const { context, clock, posts } = desk()
    await raisedByTheDead(context)
    expect(posts).toEqual([])
    await Promise.all([1, 2, 3].map(() => sendDue(context, clock.time + HOUR)))
    expect(posts.length).toBe(1)
  })

  it('is sent again by whoever comes next if its sender stopped before it could say that it was taken', async () => {
    const { context, clock, posts } = desk()
    await raisedByTheDead(context)
    let commits = 0
    const dying = {
      ...context,
      ledger: {
        ...context.ledger,
        commit: async (...of: Parameters<typeof context.ledger.commit>) => {
          commits += 1
          if (commits > 1) throw new CutoverError('unavailable', 'gone')
          return context.ledger.commit(...of)
        },
      },
    }
    await sendDue(dying, clock.time + HOUR).catch(() => {})
    expect(posts.length).toBe(1)
    clock.time += HOUR
    await sendDue(context, clock.time + HOUR)
    expect(posts.length).toBe(2)
    expect(posts[0]?.id).toBe(posts[1]?.id)
  })

  it('is written for nobody where there is no webhook', async () => {
    const { context } = desk()
    const { notify: _none, ...without } = context
    await raiseAlert(without, NEWS)
    expect(await listOutbox(context, 10)).toEqual({ waiting: [], undelivered: [] })
  })
})

describe('the turn of alerts', () => {
  it('escalates what nobody has acknowledged in time, and tells so', async () => {
    const at = world()
    const told: string[] = []
    const context = { ...at.context, notify: async ({ type }: AlertMessage) => void told.push(type) }
    const { id } = await raiseAlert(context, { ...NEWS, escalateAfterMs: 60_000 })
    const seen = await raiseAlert(context, { ...NEWS, about: 'another', escalateAfterMs: 60_000 })
    await moveAlert(context, seen.id, 'acknowledge-alert', MOVER)
    at.clock.time += 59_000
    await tendAlerts(context, at.clock.time + HOUR)
    at.clock.time += 1_000
    await Promise.all([1, 2].map(() => tendAlerts(context, at.clock.time + HOUR)))
    await at.settled()
    const { items } = await listAlerts(context, { limit: 10 })
    expect(items.map((one) => [one.id === id, one.status])).toEqual(
      expect.arrayContaining([
        [true, 'escalated'],
        [false, 'acknowledged'],
      ]),
    )
    expect(told).toEqual(['alert.raised', 'alert.raised', 'alert.escalated'])
  })

  it('raises what the audit trail tells, once, also if an instance stops in between', async () => {
    const at = world()
    const run = await begin(at)
    await failRun(at.context, await readRun(at.context.ledger, run.id), 'conflict: it cannot go on')
    at.faults.before = (store, call, [changes]) => {
      const keys = Array.isArray(changes) ? (changes as { key: string }[]).map(({ key }) => key) : []
      if (store === 'ledger' && call === 'commit' && keys.some((key) => key.startsWith('alert-place/')))
        throw new CutoverError('unavailable', 'The instance is gone.')
    }
    await tendAlerts(at.context, at.clock.time + HOUR).catch(() => {})
    at.faults.before = () => undefined
    for (let turn = 0; turn < 3; turn++) await tendAlerts(at.context, at.clock.time + HOUR)
    expect((await listAlerts(at.context, { limit: 10 })).items).toMatchObject([
      { kind: 'run-failed', severity: 'warning', component: 'projects', count: 1 },
    ])
  })

  it('forgets what was resolved a year ago, and nothing that is unresolved', async () => {
    const at = world()
    const { id } = await raiseAlert(at.context, NEWS)
    await moveAlert(at.context, id, 'resolve-alert', MOVER)
    await raiseAlert(at.context, { ...NEWS, about: 'another' })
    at.clock.time += 366 * 24 * HOUR
    await tendAlerts(at.context, at.clock.time + HOUR)
    expect((await listAlerts(at.context, { limit: 10 })).items.map(({ about }) => about)).toEqual(['another'])
  })
})

describe('the webhook', () => {
  const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`
  let server: Server | undefined
  afterEach(() => void server?.close())

  async function receiver(status: number) {
    const got: { headers: IncomingHttpHeaders; body: string }[] = []
    server = createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += part
      got.push({ headers: request.headers, body })
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end()
    })
    const listening = server.listen(0, '127.0.0.1')
    await new Promise((resolve) => listening.once('listening', resolve))
    return { got, url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}/hook` }
  }

  async function posted(status: number, secret: string | undefined, now = Date.now()) {
    const { got, url } = await receiver(status)
    const context = desk().context
    await raiseAlert(context, NEWS)
    const [alert] = (await listAlerts(context, { limit: 1 })).items
    if (alert === undefined) throw new Error('no alert')
    const send = webhook(url, secret, { now: () => now })
    const outcome = await send?.({ id: 'msg_1', type: 'alert.raised', at: now, alert }).then(
      () => 'taken',
      (error: unknown) => (error as Error).message,
    )
    const [first] = got
    if (first === undefined) throw new Error('nothing came')
    return { outcome, ...first }
  }

  it('is signed as the official library of Standard Webhooks verifies it', async () => {
    const { outcome, headers, body } = await posted(204, SECRET)
    expect(outcome).toBe('taken')
    const verified = new Webhook(SECRET).verify(body, headers as { [name: string]: string })
    expect(verified).toMatchObject({ type: 'alert.raised', data: { about: 'something', severity: 'critical' } })
    expect(headers['webhook-id']).toBe('msg_1')
    expect(() => new Webhook(SECRET).verify(`${body} `, headers as { [name: string]: string })).toThrow()
  })

  it('is not accepted when it is played again later', async () => {
    const { headers, body } = await posted(204, SECRET, Date.now() - HOUR)
    expect(() => new Webhook(SECRET).verify(body, headers as { [name: string]: string })).toThrow(/old/)
  })

  it.each([500, 302, 404])('has not taken a message that it answers with %d', async (status) => {
    expect((await posted(status, SECRET)).outcome).toBe(`The webhook answered with status ${status}.`)
  })

  it('is not signed without a secret, and there is none without an address', async () => {
    expect((await posted(200, undefined)).headers['webhook-signature']).toBe(undefined)
    expect(webhook(undefined, SECRET, { now: Date.now })).toBe(undefined)
  })
})
