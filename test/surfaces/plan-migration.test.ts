import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../../lib/commands/index.js'
import { operatorTools } from '../../lib/mcp/operator-tools.js'
import { cutover } from '../cli/toys.js'
import { endpoint } from '../mcp/endpoint.js'
import { CLIENTS } from '../mcp/official-clients.js'
import { type RunningApp, runApp } from '../scenario/running-app.js'

/** One descriptor, asked by every surface of one deployment, before anything is started. */
const TOKEN = 'viewer-token-of-this-test'
const RECORDS = 120

let running: RunningApp
beforeAll(async () => {
  const records = Array.from({ length: RECORDS }, (_, number) => [`p${number}`, { name: `Project ${number}` }])
  const documents = { 'projects.json': JSON.stringify(Object.fromEntries(records)), 'resources.json': 'no JSON' }
  running = await runApp(documents, { CUTOVER_VIEWER_TOKEN: TOKEN })
})
afterAll(() => running.close())

type Plan = { [member: string]: unknown } & {
  totals: { [name: string]: number }
  money: { [name: string]: number }
  cannotBeRolledBack: { kind: string; what: string; reason: string }[]
  steps: { step: string; seconds: number }[]
  collections: { collection: string; records: number; sampled: boolean }[]
  assumptions: string[]
}

async function get(query: string): Promise<{ status: number; body: Plan }> {
  const headers = { authorization: `Bearer ${TOKEN}` }
  const response = await fetch(`${running.url}/api/migration/plan${query}`, { headers })
  return { status: response.status, body: (await response.json()) as Plan }
}

describe('over HTTP', () => {
  it('says how much, how long and what it costs, and what could not be rolled back', async () => {
    const { status, body } = await get('')
    expect(status).toBe(200)
    expect(body.collections).toMatchObject([
      { collection: 'projects', records: RECORDS, sampled: false },
      { collection: 'resources', records: 0 },
    ])
    expect(body.totals.records).toBe(RECORDS)
    for (const name of ['valueBytes', 'commands', 'messages', 'bytesIn', 'bytesOut', 'storedHighest', 'seconds'])
      expect(body.totals[name], name).toBeGreaterThan(0)
    expect(body.money.total).toBeGreaterThan(0)
    expect(body.prices).toMatchObject({ of: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), currency: 'USD' })
    expect(body.noWayBackFrom).toEqual(['clean-up'])
    const kinds = body.cannotBeRolledBack.map(({ kind, what }) => `${kind} ${what}`)
    expect(kinds).toContain('never step clean-up')
    expect(kinds.find((kind) => kind.startsWith('not-moved'))).toContain('resources.json')
    expect(body.assumptions.join(' ')).toContain('No traffic is counted yet')
  })

  it('takes prices, rates, traffic and the course from the question', async () => {
    const [plain, dear] = [await get('?course=by-hand'), await get('?course=by-hand&redisPer100kCommands=20')]
    expect(dear.body.money.redisCommands).toBeCloseTo(100 * (plain.body.money.redisCommands ?? 0), 3)
    const busy = await get('?readsPerDay=100000&writesPerDay=1000&collections=projects')
    expect(busy.body.trafficMeanwhile).toMatchObject({ commands: expect.any(Number) })
    expect(busy.body.collections).toHaveLength(1)
    const fast = await get('?timeScale=86400&tickSeconds=1&collections=projects')
    expect(fast.body.totals.seconds).toBeLessThan(2_000)
  })

  it('refuses what it does not know', async () => {
    expect((await get('?timescale=2')).status).toBe(400)
    expect((await get('?course=month')).status).toBe(400)
    expect((await get('?collections=nothing')).status).toBe(404)
    expect((await get('?redisPer100kCommands=-1')).status).toBe(400)
  })

  it('starts nothing and writes nothing', async () => {
    running.stack.redis.resetStats()
    const published = running.stack.queue.stats().published
    await get('')
    const { ledger } = await running.wired.control()
    expect((await ledger.list('', null, 10)).items).toEqual([])
    expect(running.stack.queue.stats().published).toBe(published)
    const { commandsByName } = running.stack.redis.stats()
    expect(Object.keys(commandsByName).every((name) => ['GET', 'EVALSHA', 'EVAL'].includes(name))).toBe(true)
  })
})

describe('on the command line', () => {
  const setting = () => ({ url: running.url, tokens: { admin: TOKEN }, parts: { commands } })

  it('is a table for people, with its reasons whole', async () => {
    const { exit, out, err } = await cutover(setting(), 'plan')
    expect([exit, err]).toEqual([0, ''])
    expect(out).toMatch(/^totals\.records +120$/m)
    expect(out).toMatch(/^money\.total +0\.\d+$/m)
    expect(out).toMatch(/^ {2}copy +2 +backfill +86400 /m)
    expect(out).toMatch(/never +step clean-up .*can be restored into the collection\.$/m)
    expect(out).toMatch(/^ {2}Nothing fails, nothing is tried again, .*\.$/m)
  })

  it('is explained by its longer name', async () => {
    const { exit, out } = await cutover(setting(), 'help', 'plan-migration')
    expect([exit, out]).toEqual([0, expect.stringContaining('In short: cutover plan.')])
  })

  it('is one line of JSON where it is asked for, and has its longer name too', async () => {
    const { exit, out } = await cutover(setting(), 'plan-migration', '--json', '--course', 'by-hand')
    expect(exit).toBe(0)
    expect(out.split('\n')).toHaveLength(2)
    expect(JSON.parse(out)).toMatchObject({ course: 'by-hand', totals: { records: RECORDS } })
  })
})

it.each(CLIENTS)('as a tool, by the $name', async ({ connect }) => {
  const control = await running.wired.control()
  const context = {
    engine: control,
    dataPlane: running.wired.dataPlane,
    documents: running.wired.documents,
    checkRecord: (_collection: string, _id: string, value: object) => value as never,
  }
  const { fetchAs } = endpoint({ operatorTools: operatorTools(commands, context) })
  const client = await connect(fetchAs({ name: 'viewer-token', role: 'viewer' }))
  const tool = (await client.listTools()).find(({ name }) => name === 'plan_migration')
  expect(tool?.annotations).toMatchObject({ readOnlyHint: true })
  const { isError, structuredContent } = await client.call('plan_migration', { course: 'week', timeScale: 1 })
  expect(isError ?? false).toBe(false)
  expect(structuredContent).toMatchObject({ course: 'week', totals: { records: RECORDS } })
  await client.close()
})
