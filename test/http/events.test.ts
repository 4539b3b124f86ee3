import { afterEach, describe, expect, it } from 'vitest'
import { CutoverError } from '../../lib/core/error.js'
import { systemClock } from '../../lib/drivers/clock.js'
import { memoryLedger } from '../../lib/drivers/ledgers/memory.js'
import { auditEntry } from '../../lib/engine/audit.js'
import { stateEntry } from '../../lib/engine/state/journal.js'
import { createApp } from '../../lib/http/app.js'
import { tokenAuthorizer } from '../../lib/http/authorize.js'
import { eventRoutes } from '../../lib/http/events.js'
import { KeptLog } from './harness.js'

const PATH = 'http://localhost/api/migration/events'
const VIEWER = { Authorization: 'Bearer viewer' }
const open: AbortController[] = []

afterEach(() => {
  for (const controller of open.splice(0)) controller.abort()
})

function place(lifeMs = 60_000, ledger = memoryLedger()) {
  const clock = systemClock
  const authorizer = tokenAuthorizer({ viewerToken: 'viewer', apiToken: 'api' })
  const deadlineAt = (): number => Date.now() + lifeMs
  const control = eventRoutes({ authorizer, ledger: async () => ledger, clock, deadlineAt, everyMs: 5 })
  const health = async () => ({ healthy: true, issues: [] })
  const app = createApp({ control, health, clock, log: new KeptLog() })
  const ask = async (query = '', headers: { [name: string]: string } = {}): Promise<Response> => {
    const controller = new AbortController()
    open.push(controller)
    return app.request(PATH + query, { headers: { ...VIEWER, ...headers }, signal: controller.signal })
  }
  return { ledger, ask }
}

interface Event {
  event: string
  id: string
  data: { entry?: { [member: string]: unknown } }
}

/** Reads events until `test` holds, or the stream ends. */
async function read(response: Response, test: (events: Event[]) => boolean = () => false): Promise<Event[]> {
  const reader = response.body?.getReader()
  if (reader === undefined) throw new Error('no body')
  const decoder = new TextDecoder()
  let text = ''
  for (let chunks = 0; chunks < 1_000; chunks++) {
    const { value, done } = await reader.read()
    if (!done) text += decoder.decode(value, { stream: true })
    const blocks = text.split('\n\n').slice(0, -1)
    const events = blocks.flatMap((block): Event[] => {
      const fields = new Map(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      const [event, id, data] = ['event', 'id', 'data'].map((name) => fields.get(name))
      return event === undefined || id === undefined ? [] : [{ event, id, data: JSON.parse(data ?? 'null') }]
    })
    if (done || test(events)) {
      await reader.cancel()
      return events
    }
  }
  throw new Error('the events do not come')
}

const entry = (n: number) => stateEntry('alert-event', { at: n, component: 'projects', n })
const audit = (reason: string) =>
  auditEntry({ at: 1, by: 'ann', action: 'x', collection: null, reason, before: null, after: null })

describe('the event stream', () => {
  it('tells what happens from now on, and that other things have changed', async () => {
    const { ledger, ask } = place()
    await ledger.commit([], [entry(0)])
    const response = await ask()
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
    const reading = read(response, (events) => events.filter(({ event }) => event === 'audit').length === 1)
    await ledger.commit([{ key: 'run/1', ifRevision: null, value: 1 }])
    await ledger.commit([], [entry(1), entry(2)])
    await ledger.commit([], [audit('because')])
    const events = await reading
    const told = events.filter(({ event }) => event !== 'changed')
    expect(told.map(({ event, data }) => [event, data.entry?.n ?? data.entry?.reason])).toEqual([
      ['alert-event', 1],
      ['alert-event', 2],
      ['audit', 'because'],
    ])
    expect(events.some(({ event }) => event === 'changed')).toBe(true)
  })

  it('goes on where a connection was cut, missing and repeating nothing', async () => {
    const { ledger, ask } = place()
    const seen: unknown[] = []
    let last = (await read(await ask(), (events) => events.length > 0)).at(-1)?.id ?? ''
    for (let n = 0; n < 30; n++) {
      await ledger.commit([], [entry(n)])
      if (n % 4 !== 3) continue
      // Cut in the middle of what has come.
      const events = await read(await ask('', { 'Last-Event-ID': last }), (all) => all.length >= 2)
      for (const one of events.slice(0, 2)) {
        if (one.event === 'alert-event') seen.push(one.data.entry?.n)
        last = one.id
      }
    }
    const rest = await read(await ask(`?after=${last}`), (all) => all.some(({ data }) => data.entry?.n === 29))
    seen.push(...rest.flatMap(({ event, data }) => (event === 'alert-event' ? [data.entry?.n] : [])))
    expect(seen).toEqual(Array.from({ length: 30 }, (_, n) => n))
  })

  it('tells of the kinds that were asked for', async () => {
    const { ledger, ask } = place()
    const reading = read(await ask('?kinds=audit'), (all) => all.some(({ event }) => event === 'audit'))
    await ledger.commit([], [entry(1), audit('told')])
    expect((await reading).map(({ event }) => event)).not.toContain('alert-event')
    expect((await ask('?kinds=audit,nonsense')).status).toBe(400)
    expect((await ask('?after=nonsense')).status).toBe(400)
  })

  it('ends before its function does, and says when to come back', async () => {
    const { ask } = place(3_050)
    const response = await ask()
    const text = await response.text()
    expect(text).toMatch(/^retry: 1000\n\n/)
  })

  it('is for viewers, and says so while it still can', async () => {
    const { ask } = place()
    expect((await ask('', { Authorization: 'Bearer api' })).status).toBe(403)
    expect((await ask('', { Authorization: '' })).status).toBe(401)
  })

  it('outlives a ledger that is away, and is a problem where it is away from the start', async () => {
    const ledger = memoryLedger()
    let away = false
    const shaky = {
      ...ledger,
      head: async () => {
        if (away) throw new CutoverError('unavailable', 'The ledger is away.')
        return ledger.head()
      },
    }
    const { ask } = place(60_000, shaky)
    const reading = read(await ask(), (all) => all.some(({ event }) => event === 'alert-event'))
    away = true
    await ledger.commit([], [entry(7)])
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect((await ask()).status).toBe(503)
    away = false
    expect((await reading).find(({ event }) => event === 'alert-event')?.data.entry?.n).toBe(7)
  })
})
