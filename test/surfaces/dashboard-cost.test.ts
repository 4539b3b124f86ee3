import { afterEach, describe, expect, it } from 'vitest'
import { OFTEN_SHOWN } from '../../lib/core/often-shown.js'
import { type RunningApp, runApp } from '../scenario/running-app.js'

/** What one look at the dashboard costs, as it is billed: docs/state.md tells these figures, and what an open page comes to. */
const ADMIN = 'admin-token-of-this-test'
const ENV = { CUTOVER_ADMIN_TOKEN: ADMIN, CUTOVER_COMPARE_SHARE: '0', CUTOVER_METER_FLUSH_MS: '600000' }
const DOCUMENTS = {
  'projects.json': JSON.stringify({ one: { name: 'One' }, two: { name: 'Two' } }),
  'resources.json': JSON.stringify({}),
}
const OFTEN = OFTEN_SHOWN.join(',')
const REASON = { reason: 'because' }

let running: RunningApp | undefined
afterEach(async () => {
  await running?.close()
  running = undefined
})

interface Counts {
  commands: number
  documentReads: number
}

async function open(): Promise<
  RunningApp & { look(parts?: string): Promise<Counts & { answer: { missing: object[] } }> }
> {
  const app = await runApp(DOCUMENTS, ENV)
  running = app
  const { documents } = app.wired
  let documentReads = 0
  const get = documents.get.bind(documents)
  documents.get = (...args) => {
    documentReads++
    return get(...args)
  }
  const look = async (parts?: string) => {
    const query = parts === undefined ? '' : `?parts=${parts}`
    await settled(app)
    const before = { commands: app.stack.redis.stats().commands, documentReads }
    const answer = (await operate(app, 'GET', `/dashboard${query}`)) as { missing: object[] }
    const counts = {
      commands: app.stack.redis.stats().commands - before.commands,
      documentReads: documentReads - before.documentReads,
    }
    return { ...counts, answer }
  }
  return { ...app, look }
}

async function operate(app: RunningApp, method: string, path: string, body?: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await fetch(`${app.url}/api/migration${path}`, { method, headers, ...sent })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

/** Nothing under way that would be counted along: runs go on in deliveries of the queue. */
async function settled(app: RunningApp): Promise<void> {
  await app.wired.drained()
  for (let turn = 0; turn < 3_000; turn++) {
    const { pending, inFlight } = app.stack.queue.stats()
    if (pending + inFlight === 0) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('The queue is never empty.')
}

/** Plans, a program, alerts, an experiment's flag, runs that have ended and one that is paused, checks and a rollback. */
async function busy(app: RunningApp): Promise<void> {
  const put = async (number: number): Promise<unknown> =>
    fetch(`${app.url}/api/v1/projects/p${number}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: `P ${number}` }),
    })
  for (const to of ['dualwrite', 'shadow'])
    await operate(app, 'POST', '/collections/projects/advance', { ...REASON, to })
  for (let number = 0; number < 20; number++) await put(number)
  await operate(app, 'POST', '/collections/projects/backfill', { ...REASON, throttle: false })
  await settled(app)
  await operate(app, 'POST', '/collections/projects/advance', { ...REASON, to: 'live', rolloutPercent: 10 })
  for (const kind of ['validate', 'backfill']) {
    await operate(app, 'POST', `/collections/projects/${kind}`, { ...REASON, throttle: false })
    await settled(app)
  }
  await operate(app, 'POST', '/plans', { ...REASON, name: 'resources', collections: ['resources'] })
  await operate(app, 'POST', '/programs', { ...REASON, example: 'five-phases' })
  await operate(app, 'POST', '/rollback/projects', REASON)
  await settled(app)
}

/** What is asked of the ledger: the position, and everything else in one access. */
const LEDGER = 2
/** Each collection's target in one, its source's document in one. */
const COLLECTIONS = 2
/** Beside the sources' documents: what instances say of the target, and rollbacks that the ledger has not heard of. */
const NOTES = 2
/** The audit trail and the checkpoints. */
const TRAILS = 2
/** Of the metrics: the totals, the last hour, and the windows of components and of consistency. */
const WINDOWS = 3

describe('one look at the dashboard', () => {
  it('of an idle system is a handful of commands, and a few for what changes often', { timeout: 60_000 }, async () => {
    const app = await open()
    await app.look() // texts of scripts are sent once
    const { answer, ...all } = await app.look()
    expect(answer.missing).toEqual([])
    expect(all.commands).toBeLessThanOrEqual(LEDGER + COLLECTIONS + TRAILS + WINDOWS)
    expect(all.documentReads).toBe(COLLECTIONS + NOTES)
    const often = await app.look(OFTEN)
    expect(often).toMatchObject({ commands: LEDGER + COLLECTIONS, documentReads: COLLECTIONS + NOTES })
    expect(often.answer).toMatchObject({ asked: OFTEN_SHOWN, missing: [], cost: null })
    expect(await app.look('collections')).toMatchObject({ commands: LEDGER + COLLECTIONS, documentReads: COLLECTIONS })
  })

  it('of a busy one costs hardly more, and says what each verb says', { timeout: 60_000 }, async () => {
    const app = await open()
    await busy(app)
    await app.look()
    const { answer, ...all } = await app.look()
    expect(answer.missing).toEqual([])
    expect(all.commands).toBeLessThanOrEqual(LEDGER + COLLECTIONS + TRAILS + WINDOWS)
    expect(all.documentReads).toBe(COLLECTIONS + NOTES)
    const often = await app.look(OFTEN)
    expect(often).toMatchObject({ commands: LEDGER + COLLECTIONS, documentReads: COLLECTIONS + NOTES })
    for (const [part, path] of Object.entries(ROUTES)) {
      expect(answer, part).toMatchObject({ [part]: await operate(app, 'GET', path) })
    }
  })

  it('is refused when it asks for a part that there is not', async () => {
    const app = await open()
    const headers = { authorization: `Bearer ${ADMIN}` }
    const refused = await fetch(`${app.url}/api/migration/dashboard?parts=collections,weather`, { headers })
    expect(refused.status).toBe(400)
  })
})

const ROUTES = {
  health: '/health',
  collections: '/collections',
  components: '/components',
  runs: '/runs?active=true',
  latestRuns: '/runs?settled=true&limit=10',
  alerts: '/alerts?status=unresolved&limit=50',
  rollbacks: '/rollbacks?limit=10',
  checkpoints: '/checkpoints?limit=10',
  overrides: '/overrides',
  audit: '/audit?limit=20',
}
