import { Client } from '@upstash/qstash'
import type { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyDelivery } from '../../lib/drivers/queues/receiver.js'
import { programsOf } from '../../lib/engine/programs/on-stores.js'
import { startProgram } from '../../lib/engine/programs/steer.js'
import { workProgram } from '../../lib/engine/programs/turn.js'
import { workRun } from '../../lib/engine/runs/work.js'
import { createApp } from '../../lib/http/app.js'
import { cronRoutes } from '../../lib/http/cron.js'
import { jobRoutes } from '../../lib/http/jobs.js'
import { type QstashServer, startQstashServer } from '../../scripts/stack/qstash/server.js'
import { begin, fill, go, runOf, type World, world } from '../engine/runs/world.js'
import { KeptLog, sender } from '../http/harness.js'
import { type Destination, startDestination } from '../stack/qstash/destination.js'

/** Deliveries as the queue makes them: caught at a destination, and brought to the app by hand. */
let queue: QstashServer
let destination: Destination

const FIRST = { currentSigningKey: 'sig_first', nextSigningKey: 'sig_second' }

beforeAll(async () => {
  destination = await startDestination()
  queue = await startQstashServer({ ...FIRST, backoffScale: 0.001 })
})
afterAll(async () => {
  await queue.close()
  await destination.close()
})

interface Delivery {
  body: string
  signature: string
}

/** What the queue sends for `path` of the deployment whose public URL is the destination's. */
async function delivered(path: string, body: unknown): Promise<Delivery> {
  const client = new Client({ baseUrl: queue.url, token: queue.token, devMode: false, retry: false })
  const before = destination.calls.length
  await client.publishJSON({ url: destination.url + path, body })
  await destination.received(before + 1)
  const call = destination.calls.at(-1)
  if (call === undefined) throw new Error('nothing was delivered')
  return { body: call.body, signature: String(call.headers['upstash-signature']) }
}

interface Deployment {
  app: Hono
  at: World
  ticks: number
  log: KeptLog
}

function deployment(keys: { currentSigningKey: string; nextSigningKey: string } = FIRST, secret?: string): Deployment {
  const at = world()
  const log = new KeptLog()
  const made: Deployment = { app: undefined as unknown as Hono, at, ticks: 0, log }
  const tick = async () => ({ ticked: ++made.ticks })
  made.app = createApp({
    jobs: jobRoutes({
      verify: ({ signature, body, path }) => verifyDelivery({ signature, body, url: destination.url + path, ...keys }),
      workRun: (message) => workRun(at.context, message, at.clock.now() + 10_000),
      workProgram: (message) => workProgram(at.context, message, at.clock.now() + 10_000),
      tick,
    }),
    cron: cronRoutes({ secret, tick }),
    health: async () => ({ healthy: true, issues: [] }),
    clock: at.clock,
    log,
  })
  return made
}

async function bring({ app }: Deployment, path: string, { body, signature }: Partial<Delivery>) {
  const headers: { [name: string]: string } = signature === undefined ? {} : { 'Upstash-Signature': signature }
  const answer = await sender(app)('POST', path, body ?? '', headers)
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as { [name: string]: unknown } }
}

async function withRun(keys = FIRST): Promise<Deployment & { runId: string }> {
  const made = deployment(keys)
  await fill(made.at, 10)
  await go(made.at, 'shadow')
  return Object.assign(made, { runId: (await begin(made.at)).id })
}

describe('a delivery of the queue', () => {
  it('that is signed for this URL and body is worked, and again does nothing', async () => {
    const made = await withRun()
    const delivery = await delivered('/api/jobs/run', { runId: made.runId, step: 1 })
    expect(await bring(made, '/api/jobs/run', delivery)).toMatchObject({ status: 200, body: { kind: 'ended' } })
    const ended = await runOf(made.at, made.runId)
    expect(ended.status).toBe('succeeded')
    expect(await bring(made, '/api/jobs/run', delivery)).toMatchObject({ status: 200, body: { kind: 'ignored' } })
    expect(await runOf(made.at, made.runId)).toEqual(ended)
  })

  it.each([
    ['without a signature', async (d: Delivery) => ({ body: d.body }), 'no-signature'],
    [
      'with another body',
      async (d: Delivery) => ({ ...d, body: d.body.replace('"step":1', '"step":2') }),
      'other-body',
    ],
    ['with a signature of nobody', async (d: Delivery) => ({ ...d, signature: 'a.b.c' }), 'bad-signature'],
    [
      'signed for another URL',
      async (d: Delivery) => ({ ...d, signature: (await delivered('/api/jobs/other', JSON.parse(d.body))).signature }),
      'other-url',
    ],
  ] as const)('%s is refused, and nothing is worked', async (_, forge, why) => {
    const made = await withRun()
    const genuine = await delivered('/api/jobs/run', { runId: made.runId, step: 1 })
    const answer = await bring(made, '/api/jobs/run', await forge(genuine))
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated', details: { reason: why } } })
    expect(await runOf(made.at, made.runId)).toMatchObject({ status: 'running', step: 1, done: 0, lease: null })
  })

  it('gives a program a turn, and one of a program that is gone is done with', async () => {
    const made = deployment()
    const { context } = made.at
    const week = { name: 'records', components: ['projects'], course: { kind: 'week' as const }, checks: [] }
    const phases = [{ ...week, dependsOn: [], onFail: 'turn-back' as const }]
    const program = { name: 'p', phases, parallel: 1, timeScale: 1 }
    await startProgram(programsOf(context), program, { by: 'ann', reason: 'r' })
    const path = '/api/jobs/program'
    const delivery = await delivered(path, { program: 'p' })
    expect(await bring(made, path, delivery)).toMatchObject({ status: 200, body: { kind: 'worked' } })
    expect(await context.ledger.read('plan/p--records--1')).not.toBeNull()
    const gone = await delivered(path, { program: 'gone' })
    expect(await bring(made, path, gone)).toMatchObject({ status: 200, body: { kind: 'gone' } })
    const nothing = await bring(made, path, await delivered(path, { runId: 'x' }))
    expect(nothing).toMatchObject({ status: 489, body: { reason: 'not-a-program-message' } })
    expect(await bring(made, path, { body: delivery.body })).toMatchObject({ status: 401 })
  })

  it('replayed to another route is refused there', async () => {
    const made = await withRun()
    const genuine = await delivered('/api/jobs/run', { runId: made.runId, step: 1 })
    expect(await bring(made, '/api/jobs/tick', genuine)).toMatchObject({ status: 401 })
    expect(made.ticks).toBe(0)
    const tick = await delivered('/api/jobs/tick', {})
    expect(await bring(made, '/api/jobs/run', tick)).toMatchObject({ status: 401 })
    expect(await bring(made, '/api/jobs/tick', tick)).toMatchObject({ status: 200, body: { ticked: 1 } })
  })

  it('that is genuine and no message of ours is not wanted again', async () => {
    const made = await withRun()
    for (const body of [
      {},
      { runId: made.runId },
      { runId: made.runId, step: '1' },
      { runId: '', step: 1 },
      'text',
      null,
    ]) {
      const answer = await bring(made, '/api/jobs/run', await delivered('/api/jobs/run', body))
      expect([body, answer.status, answer.headers.get('upstash-nonretryable-error')]).toEqual([body, 489, 'true'])
    }
  })

  it('of a run that nobody knows is taken and forgotten', async () => {
    const made = await withRun()
    const answer = await bring(made, '/api/jobs/run', await delivered('/api/jobs/run', { runId: 'nobody', step: 1 }))
    expect(answer).toMatchObject({ status: 200, body: { kind: 'ignored' } })
  })

  it('that met a store that is down is wanted again', async () => {
    const made = await withRun()
    const delivery = await delivered('/api/jobs/run', { runId: made.runId, step: 1 })
    made.at.faults.down.add('target')
    const answer = await bring(made, '/api/jobs/run', delivery)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)])
    made.at.faults.down.delete('target')
    expect(await bring(made, '/api/jobs/run', delivery)).toMatchObject({ status: 200, body: { kind: 'ended' } })
  })

  it('over its limit is refused before it is looked at', async () => {
    const made = await withRun()
    expect(await bring(made, '/api/jobs/run', { body: 'x'.repeat(70_000), signature: 'a' })).toMatchObject({
      status: 413,
    })
  })
})

describe('keys', () => {
  it('of before one rotation are good, of before two are not', async () => {
    const made = await withRun(FIRST)
    const { current } = await queue.rotateKeys()
    expect(current).toBe(FIRST.nextSigningKey)
    const afterOne = await delivered('/api/jobs/tick', {})
    expect(await bring(made, '/api/jobs/tick', afterOne)).toMatchObject({ status: 200 })
    await queue.rotateKeys()
    const afterTwo = await delivered('/api/jobs/tick', {})
    expect(await bring(made, '/api/jobs/tick', afterTwo)).toMatchObject({
      status: 401,
      body: { details: { reason: 'bad-signature' } },
    })
    const renewed = await withRun({ currentSigningKey: queue.currentSigningKey, nextSigningKey: queue.nextSigningKey })
    expect(await bring(renewed, '/api/jobs/tick', afterTwo)).toMatchObject({ status: 200 })
    // What was signed with the key of then is a replay by now.
    expect(await bring(renewed, '/api/jobs/tick', afterOne)).toMatchObject({ status: 401 })
  })

  it('that are missing let nobody in, and say so', async () => {
    const made = await withRun({ currentSigningKey: '', nextSigningKey: '' })
    expect(await bring(made, '/api/jobs/tick', { body: '{}', signature: 'a.b.c' })).toMatchObject({
      status: 500,
      body: { code: 'configuration' },
    })
  })
})

describe('the cron', () => {
  const call = async (made: Deployment, authorization?: string) => {
    const headers: { [name: string]: string } = authorization === undefined ? {} : { Authorization: authorization }
    return (await sender(made.app)('GET', '/api/cron/tick', undefined, headers)).status
  }

  it('is called with its secret and by nobody else', async () => {
    const made = deployment(FIRST, 'cron-secret-of-the-test')
    for (const wrong of [
      undefined,
      '',
      'Bearer',
      'Bearer wrong',
      'Basic cron-secret-of-the-test',
      'cron-secret-of-the-test',
    ])
      expect([wrong, await call(made, wrong)]).toEqual([wrong, 401])
    expect(made.ticks).toBe(0)
    expect(await call(made, 'Bearer cron-secret-of-the-test')).toBe(200)
    expect(await call(made, 'bearer cron-secret-of-the-test')).toBe(200)
    expect(made.ticks).toBe(2)
    expect(JSON.stringify(made.log.entries)).not.toContain('cron-secret')
  })

  it('without a secret is shut', async () => {
    const made = deployment(FIRST)
    for (const any of [undefined, 'Bearer ', 'Bearer undefined', 'Bearer x']) expect(await call(made, any)).toBe(401)
    expect(made.ticks).toBe(0)
  })
})
