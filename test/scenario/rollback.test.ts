import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { reachStage } from './reach-stage.js'
import { type RunningApp, runApp } from './running-app.js'

/** Rollbacks and the emergency stop over the local stack, while clients write. */
const ADMIN = 'admin-token-of-this-test'
const CRON = 'cron-secret-of-this-test'
const RECORDS = 40
const WRITERS = 4
const COLLECTIONS = ['projects', 'resources'] as const

let running: RunningApp

async function start(env: { [name: string]: string } = {}): Promise<void> {
  const documents: { [name: string]: string } = {}
  for (const name of COLLECTIONS) {
    const records = Array.from({ length: RECORDS }, (_, n) => [`r${n}`, { name: `${n}`, projectId: 'r1', n: 0 }])
    documents[`${name}.json`] = JSON.stringify(Object.fromEntries(records))
  }
  const secrets = { CUTOVER_ADMIN_TOKEN: ADMIN, CRON_SECRET: CRON }
  running = await runApp(documents, { ...secrets, CUTOVER_METER_FLUSH_MS: '100', ...env })
}

afterEach(() => running.close())

async function operate(method: string, path: string, body?: object): Promise<{ status: number; body: Answer }> {
  const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const response = await fetch(`${running.url}/api/migration${path}`, { method, headers, ...sent })
  return { status: response.status, body: (await response.json()) as Answer }
}

interface Answer {
  [member: string]: unknown
}

async function tick(): Promise<void> {
  const headers = { authorization: `Bearer ${CRON}` }
  expect((await fetch(`${running.url}/api/cron/tick`, { headers })).status).toBe(200)
}

/** Clients that each raise the counts of their own records, and know what was acknowledged. */
function traffic(): { stop: () => Promise<Map<string, number[]>>; acknowledged: () => number } {
  const known = new Map<string, number[]>()
  let over = false
  let count = 0
  const write = async (writer: number): Promise<void> => {
    for (let round = 0; !over; round++) {
      const name = COLLECTIONS[round % COLLECTIONS.length] ?? 'projects'
      const path = `/api/v1/${name}/r${writer + WRITERS * (Math.floor(round / 2) % 10)}`
      const [last = 0] = known.get(path) ?? []
      const response = await fetch(running.url + path, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: JSON.stringify({ n: last + 1 }),
      })
      const body = (await response.json()) as { code?: string }
      if (response.status === 200) {
        known.set(path, [last + 1])
        count += 1
      } else {
        expect([path, response.status]).toEqual([path, 503])
        // It may have happened; the next attempt sets the same count.
        if (body.code === 'outcome-unknown') known.set(path, [last, last + 1])
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer))
  return {
    acknowledged: () => count,
    stop: async () => {
      over = true
      await Promise.all(writers)
      return known
    },
  }
}

async function until(holds: () => Promise<boolean>, ms = 60_000): Promise<void> {
  const end = Date.now() + ms
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it never came to that')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function stages(): Promise<string[]> {
  const { body } = await operate('GET', '/collections')
  return (body as unknown as { stage: string }[]).map(({ stage }) => stage)
}

/** What clients were told is there, in the API, and in the source's own documents of what is back. */
async function expectNothingLost(known: Map<string, number[]>, back: readonly string[] = COLLECTIONS): Promise<void> {
  const documents = new Map<string, { [id: string]: { n: number } }>()
  for (const name of COLLECTIONS) {
    documents.set(name, JSON.parse(await readFile(join(running.dir, `${name}.json`), 'utf8')))
  }
  expect(known.size).toBeGreaterThan(WRITERS)
  for (const [path, counts] of known) {
    const [, , , name = '', id = ''] = path.split('/') // after /api/v1
    const served = (await (await fetch(running.url + path)).json()) as { n: number }
    expect([path, counts.includes(served.n)]).toEqual([path, true])
    if (back.includes(name)) expect([path, documents.get(name)?.[id]?.n]).toEqual([path, served.n])
  }
}

describe('under traffic', () => {
  test('an emergency stop from complete answers at once, and loses no acknowledged write', {
    timeout: 120_000,
  }, async () => {
    await start()
    await reachStage(running.wired, 'complete')
    const clients = traffic()
    await until(async () => clients.acknowledged() > 100)
    const from = Date.now()
    const stopped = await operate('POST', '/emergency-stop', { reason: 'smoke' })
    expect(Date.now() - from).toBeLessThan(20_000)
    expect(stopped).toMatchObject({ status: 200, body: { state: 'failed', reason: 'smoke', recorded: true } })
    expect((stopped.body.rollbacks as { component: string }[]).map(({ component }) => component)).toEqual(COLLECTIONS)
    const refused = await operate('POST', '/collections/projects/advance', { reason: 'on', to: 'complete' })
    expect(refused).toMatchObject({ status: 409, body: { kind: 'refused', reason: 'emergency-stopped' } })
    await until(async () => {
      await tick()
      const { body } = await operate('GET', '/rollbacks?status=under-way')
      return (body.items as unknown[]).length === 0
    })
    expect(await stages()).toEqual(['dualwrite', 'dualwrite'])
    const before = clients.acknowledged()
    await until(async () => clients.acknowledged() > before + 20)
    await expectNothingLost(await clients.stop())
    expect((await operate('GET', '/status')).body).toMatchObject({ stopped: { reason: 'smoke', open: [] } })
    expect(await operate('POST', '/emergency-stop/lift', { reason: 'it was steam' })).toMatchObject({ status: 200 })
    const up = await operate('POST', '/collections/projects/advance', { reason: 'on', to: 'shadow' })
    expect(up).toMatchObject({ status: 200, body: { kind: 'moved', to: 'shadow' } })
  })

  test('a rollback from complete goes on by the queue alone when its pass has ended, and says how far it is', {
    timeout: 120_000,
  }, async () => {
    await start()
    await reachStage(running.wired, 'complete')
    const clients = traffic()
    await until(async () => clients.acknowledged() > 50)
    const { body } = await operate('GET', '/collections/projects')
    expect(body.rollbackReadiness).toMatchObject({
      kind: 'after-pass',
      inWords: expect.stringMatching(/records?, about/),
    })
    const rehearsal = await operate('POST', '/rollback/projects', { reason: 'what if', rehearsal: true })
    expect(rehearsal.body).toMatchObject({ rehearsal: true, status: 'completed' })
    expect(await stages()).toEqual(['complete', 'complete'])
    const { body: begun } = await operate('POST', '/rollback/projects', { reason: 'slow' })
    await until(async () => (await operate('GET', `/rollbacks/${begun.rollbackId}`)).body.status === 'completed')
    expect(await stages()).toEqual(['shadow', 'complete'])
    await expectNothingLost(await clients.stop(), ['projects'])
    const history = await operate('GET', '/rollbacks?component=projects')
    expect(history.body).toMatchObject({ items: [{ reason: 'slow', steps: [{}, { runId: expect.any(String) }, {}] }] })
  })

  test('an emergency stop while Redis, target and ledger, does not answer leaves it behind and stands', {
    timeout: 120_000,
  }, async () => {
    await start({ CUTOVER_REDIS_TIMEOUT_MS: '300', CUTOVER_LEASE_MS: '300' })
    await reachStage(running.wired, 'live')
    const clients = traffic()
    await until(async () => clients.acknowledged() > 50)
    await outage(true)
    const stopped = await operate('POST', '/emergency-stop', { reason: 'Redis is gone' })
    expect(stopped).toMatchObject({ status: 200, body: { recorded: false } })
    const before = clients.acknowledged()
    await until(async () => clients.acknowledged() > before + 20)
    await outage(false)
    await until(async () => {
      await tick()
      const { body } = await operate('GET', '/emergency-stop')
      return body.kind === 'stopped' && (body.open as unknown[]).length === 0
    })
    await until(async () => {
      await tick()
      return (await stages()).every((stage) => stage === 'dualwrite')
    })
    await expectNothingLost(await clients.stop())
    expect((await operate('GET', '/emergency-stop')).body).toMatchObject({ reason: 'Redis is gone' })
  })
})

async function outage(down: boolean): Promise<void> {
  const { url, token } = running.stack.redis
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const response = await fetch(`${url}/__admin/outage`, { method: 'POST', headers, body: JSON.stringify({ down }) })
  expect(response.ok).toBe(true)
}
