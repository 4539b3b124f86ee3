import { describe, expect, it } from 'vitest'
import type { RecordedRequest } from '../../../lib/core/checkpoint/request.js'
import { CutoverError } from '../../../lib/core/error.js'
import { memoryLedger } from '../../../lib/drivers/ledgers/memory.js'
import { forgetHours } from '../../../lib/engine/checkpoints/forget.js'
import { keepRecorded, recordedRequests } from '../../../lib/engine/checkpoints/recorded.js'
import { createApp } from '../../../lib/http/app.js'
import { tokenAuthorizer } from '../../../lib/http/authorize.js'
import { dataRoutes } from '../../../lib/http/data.js'
import { FakeDataPlane } from '../../http/fake-data-plane.js'
import { countingClock, KeptLog, sender } from '../../http/harness.js'
import { checked, filled, NAME, rules } from './world.js'

const HOUR_MS = 3_600_000
const NOW = 1_750_000_000_000
const SECRET = 'do-not-keep-me'

function recorded(samples = true) {
  const taken: [string, Omit<RecordedRequest, 'at'>][] = []
  const dataPlane = new FakeDataPlane()
  const clock = countingClock()
  const recorder = {
    samples: () => samples,
    take: (collection: string, request: Omit<RecordedRequest, 'at'>) => void taken.push([collection, request]),
  }
  const authorize = tokenAuthorizer({ apiToken: 'api' }).authorizeData
  const data = dataRoutes({ dataPlane, authorize, schemas: async () => ({}), clock, recorder })
  const app = createApp({ data, health: async () => ({ healthy: true, issues: [] }), clock, log: new KeptLog() })
  return { taken, dataPlane, send: sender(app) }
}

const ALLOWED = { Authorization: 'Bearer api' }

describe('the recorder', () => {
  it('takes what decides an answer, and nothing else that was sent', async () => {
    const { taken, send } = recorded()
    const odd = { ...ALLOWED, Cookie: SECRET, 'X-Api-Key': SECRET, 'Idempotency-Key': SECRET, Referer: SECRET }
    await send('PUT', `/api/v1/projects/a?token=${SECRET}`, { name: SECRET }, odd)
    await send('GET', `/api/v1/projects/a?token=${SECRET}&limit=3`, undefined, { ...odd, 'If-None-Match': '"1"' })
    await send('GET', `/api/v1/projects?limit=2&cursor=abc&user=${SECRET}`, undefined, odd)
    await send('DELETE', '/api/v1/projects/a%2Fb', undefined, { ...odd, 'If-Match': '*' })
    expect(taken).toEqual([
      ['projects', { method: 'PUT', path: '/a' }],
      ['projects', { method: 'GET', path: '/a', limit: '3', ifNoneMatch: '"1"' }],
      ['projects', { method: 'GET', path: '', cursor: 'abc', limit: '2' }],
      ['projects', { method: 'DELETE', path: '/a%2Fb', ifMatch: '*' }],
    ])
  })

  it('takes nothing of callers that were not let in, of what is not there, or too long', async () => {
    const { taken, send, dataPlane } = recorded()
    await send('GET', '/api/v1/projects/a')
    await send('GET', '/api/v1/projects/a', undefined, { Authorization: `Bearer ${SECRET}` })
    await send('GET', '/api/v1/nobody/a', undefined, ALLOWED)
    await send('GET', '/api/v1/projects/a/b', undefined, ALLOWED)
    await send('GET', '/api/v1/%zz/b', undefined, ALLOWED)
    await send('POST', '/api/v1/projects', undefined, ALLOWED)
    await send('GET', `/api/v1/projects/${'x'.repeat(900)}`, undefined, ALLOWED)
    await send('GET', `/api/v1/projects?cursor=${'x'.repeat(900)}`, undefined, ALLOWED)
    dataPlane.failure = new CutoverError('unavailable', 'It is down.')
    await send('GET', '/api/v1/projects/a', undefined, ALLOWED)
    expect(taken).toEqual([])
  })

  it('takes only what is sampled, and changes no answer', async () => {
    const [all, none] = [recorded(), recorded(false)]
    for (const path of ['/api/v1/projects/a', '/api/v1/projects?limit=0', '/api/v1/projects']) {
      const [a, b] = [await all.send('GET', path, undefined, ALLOWED), await none.send('GET', path, undefined, ALLOWED)]
      expect([a.status, await a.text()]).toEqual([b.status, await b.text()])
    }
    expect([all.taken.length, none.taken]).toEqual([3, []])
  })
})

describe('recorded requests', () => {
  const request = (number: number, at = NOW): RecordedRequest => ({ at, method: 'GET', path: `/r${number}` })

  it('are bounded however many come, each as likely to be kept', async () => {
    const ledger = memoryLedger()
    let seed = 1
    const chance = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    for (let batch = 0; batch < 40; batch++) {
      const some = Array.from({ length: 50 }, (_, number) => request(batch * 50 + number))
      await keepRecorded(ledger, NAME, some, chance)
    }
    const kept = await recordedRequests(ledger, NAME, 0, 10_000)
    expect(kept).toHaveLength(200)
    const late = kept.filter(({ path }) => Number(path.slice(2)) >= 1_000).length
    expect(late).toBeGreaterThan(70)
    expect(late).toBeLessThan(130)
  })

  it('are kept from many instances at once, and asked once each, the newest first', async () => {
    const ledger = memoryLedger()
    await Promise.all([1, 2, 3].map((number) => keepRecorded(ledger, NAME, [request(number), request(0)], () => 0)))
    await keepRecorded(ledger, NAME, [request(9, NOW + 2 * HOUR_MS)], () => 0)
    const kept = await recordedRequests(ledger, NAME, 0, 10)
    expect(kept.map(({ path }) => path).sort()).toEqual(['/r0', '/r1', '/r2', '/r3', '/r9'])
    expect(kept[0]?.path).toBe('/r9')
    expect(await recordedRequests(ledger, NAME, NOW + HOUR_MS, 10)).toHaveLength(1)
    expect(await recordedRequests(ledger, 'resources', 0, 10)).toEqual([])
  })

  it('are forgotten after two days, written over or removed', async () => {
    const ledger = memoryLedger()
    await keepRecorded(ledger, NAME, [request(1)], () => 0)
    await keepRecorded(ledger, NAME, [request(2, NOW + 48 * HOUR_MS)], () => 0)
    expect((await recordedRequests(ledger, NAME, 0, 10)).map(({ path }) => path)).toEqual(['/r2'])
    // A late instance does not bring back what was written over.
    await keepRecorded(ledger, NAME, [request(1)], () => 0)
    expect((await recordedRequests(ledger, NAME, 0, 10)).map(({ path }) => path)).toEqual(['/r2'])
    expect(await forgetHours(ledger, NOW + 90 * HOUR_MS)).toBe(0)
    expect(await forgetHours(ledger, NOW + 97 * HOUR_MS)).toBe(1)
    expect(await recordedRequests(ledger, NAME, 0, 10)).toEqual([])
  })

  it('are replayed as reads, and their writes as reads of what they were aimed at', async () => {
    const at = await filled('live', 30)
    const now = at.context.clock.now()
    const requests: RecordedRequest[] = [
      { at: now, method: 'GET', path: '/r001' },
      { at: now, method: 'PUT', path: '/r002', ifMatch: '"1"' },
      { at: now, method: 'DELETE', path: '/r003' },
      { at: now, method: 'GET', path: '', limit: '5' },
      { at: now, method: 'GET', path: '/%zz' },
    ]
    await keepRecorded(at.context.ledger, NAME, requests, () => 0)
    const asked = rules({ kind: 'api-compatibility', builtIn: false, minRequests: 4 })
    const check = await checked(at, asked)
    expect(check.checkpoints[0]?.finding).toMatchObject({
      outcome: 'pass',
      numbers: { compared: 5, recorded: 5, withRecords: 4 },
    })
    expect((await at.plane.get(NAME, 'r003')).kind).toBe('found')
    const more = await checked(at, rules({ kind: 'api-compatibility', builtIn: false, minRequests: 5 }))
    expect(more.checkpoints[0]?.finding).toMatchObject({ outcome: 'not-enough-evidence', because: 'too-few-requests' })
  })
})
