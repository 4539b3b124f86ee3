import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Wired } from '../../lib/wire.js'
import { reachStage } from './reach-stage.js'
import { type RunningApp, runApp } from './running-app.js'

/** What somebody meets who brings documents of their own, as others wrote them, and only reads the README. */
const ADMIN = 'admin-token-of-this-test'
const OLD = [
  { id: 1, name: 'One', n: 0 },
  { id: 'a/b', name: 'Two' },
]
const BYTE_ORDER_MARK = '\ufeff'

let running: RunningApp
let wired: Wired
let url: string
let dir: string

beforeAll(async () => {
  const documents = { 'projects.json': BYTE_ORDER_MARK + JSON.stringify(OLD) }
  running = await runApp(documents, { CUTOVER_ADMIN_TOKEN: ADMIN, CUTOVER_METER_FLUSH_MS: '50' })
  ;({ wired, url, dir } = running)
})

afterAll(() => running.close())

test('a misspelt member is refused, and moves nothing', async () => {
  const reason = 'a test'
  const refused = await operate('/collections/projects/advance', { reason, rollout_percent: 1 })
  expect(refused).toMatchObject({ status: 400, body: { code: 'invalid-input' } })
  expect(JSON.stringify(refused.body)).toContain('rollout_percent')
  expect((await operate('/collections/projects')).body).toMatchObject({ stage: 'off', epoch: 0 })
})

test('old documents go the whole way: what is read can be written back, and what is exported has its old shape', {
  timeout: 60_000,
}, async () => {
  const path = `${url}/api/v1/projects/1`
  for (const stage of ['off', 'dualwrite', 'shadow', 'live', 'rampdown', 'complete'] as const) {
    await reachStage(wired, stage)
    const read = await fetch(path)
    expect(read.headers.get('cutover-stage')).toBe(stage)
    const record = (await read.json()) as (typeof OLD)[number]
    const headers = { 'content-type': 'application/json', 'if-match': read.headers.get('etag') ?? '' }
    const body = JSON.stringify({ ...record, stage })
    expect((await fetch(path, { method: 'PUT', headers, body })).status).toBe(200)
    if (stage !== 'shadow') continue
    const other = `${url}/api/v1/projects/a%2Fb` // nothing has brought it to the target yet
    const patched = await fetch(other, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: '{"n":1}',
    })
    expect([patched.status, patched.headers.get('location')]).toEqual([200, null])
  }
  expect((await operate('/collections/projects/export', {})).status).toBe(200)
  const exported = JSON.parse(await readFile(join(dir, 'exports/projects.json'), 'utf8'))
  expect(exported).toStrictEqual([
    { ...OLD[0], stage: 'complete' },
    { ...OLD[1], n: 1 },
  ])
})

test('after the clean-up the database holds the application data alone, and goes on so', {
  timeout: 60_000,
}, async () => {
  for (const name of ['projects', 'resources']) {
    const { body } = await operate(`/collections/${name}/clean-up`, { reason: 'a test', quietMs: 0 })
    const ended = async () => (await operate(`/runs/${(body as { runId: string }).runId}`)).body
    await expect.poll(ended, { timeout: 20_000 }).toMatchObject({ status: 'succeeded' })
  }
  expect((await operate('/close-ledger', {})).status).toBe(200)
  for (let round = 0; round < 3; round++) {
    expect((await fetch(`${url}/api/v1/projects/1`)).status).toBe(200)
    expect((await fetch(`${url}/api/v1/projects/none`, { method: 'DELETE' })).status).toBe(404)
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  await wired.drained()
  const headers = { authorization: `Bearer ${running.stack.redis.token}` }
  const keys = await fetch(running.stack.redis.url, { method: 'POST', headers, body: JSON.stringify(['KEYS', '*']) })
  const { result } = (await keys.json()) as { result: string[] }
  expect(result.toSorted()).toEqual(['projects', 'projects:1', 'projects:a/b'])
})

async function operate(path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/api/migration${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json() }
}
