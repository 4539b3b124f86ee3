import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { isJsonObject, type JsonObject } from '../../lib/core/json.js'
import type { OpenapiDocument } from '../../lib/http/openapi-document.js'
import { reachStage } from '../scenario/reach-stage.js'
import { BASE, SECRETS } from './deployment.js'
import { echoServer, IN_ADDRESS, listen, VALUE, type Wiring, wiring } from './leaks-world.js'
import { headersOf, messageOf } from './mcp-messages.js'
import { expectNoSecrets, headersText, type Seen, seen } from './problems.js'
import { sampleOf } from './samples.js'

const RECORD = { id: 'a', name: 'First', secret: VALUE, nested: { token: VALUE } }
const DOCUMENTS = {
  'projects.json': JSON.stringify({ a: RECORD, b: { ...RECORD, id: 'b' } }),
  'resources.json': JSON.stringify([{ id: 'r', projectId: 'a', name: 'R', text: VALUE }]),
}

vi.setConfig({ testTimeout: 60_000 })

let ears: ReturnType<typeof listen>
let at: Wiring | undefined

beforeEach(() => {
  ears = listen()
})

afterEach(async () => {
  await at?.close()
  at = undefined
  ears.stop()
  vi.unstubAllEnvs()
})

test('when all is well, no refusal and no log holds a secret or a value', async () => {
  at = await wiring(DOCUMENTS)
  await reachStage(at.wired, 'shadow')
  const answers = await askEverything(at)
  expect(answers.some(({ status }) => status === 200)).toBe(true)
  await expectNothingLeaked(at, answers)
})

test('while Redis does not answer', async () => {
  at = await wiring(DOCUMENTS)
  await reachStage(at.wired, 'shadow')
  at.redis.outage(true)
  const answers = await askEverything(at, 2)
  expect(answers.some(({ status }) => status === 503)).toBe(true)
  await expectNothingLeaked(at, answers)
  at.redis.outage(false)
})

test('while Redis refuses the token', async () => {
  at = await wiring(DOCUMENTS, { UPSTASH_REDIS_REST_TOKEN: `${SECRETS.redis}-of-another-database` })
  const answers = await askEverything(at)
  expect(answers.some(({ status }) => status === 503)).toBe(true)
  await expectNothingLeaked(at, answers)
})

test('while something in front of Redis repeats what it is sent', async () => {
  const echo = await echoServer()
  at = await wiring(DOCUMENTS, { UPSTASH_REDIS_REST_URL: `${echo.url}/${IN_ADDRESS}` })
  await expectNothingLeaked(at, await askEverything(at))
  await echo.close()
})

test('while what Redis holds is damaged', async () => {
  at = await wiring(DOCUMENTS)
  await reachStage(at.wired, 'live')
  const headers = { Authorization: `Bearer ${SECRETS.redis}` }
  const damaged = [
    ['SET', 'projects:a', `{"id":"a","secret":"${VALUE}`],
    ['SET', 'cutover:m:projects:b', `${VALUE} is no meta`],
    ['SET', 'projects:b', `"${VALUE}"`],
    ['SET', 'cutover:f:resources:0', `1:0:{"${VALUE}":`],
  ]
  for (const command of damaged) {
    await fetch(at.redis.url, { method: 'POST', headers, body: JSON.stringify(command) })
  }
  const answers = await askEverything(at)
  expect(answers.some(({ status }) => status === 500)).toBe(true)
  await expectNothingLeaked(at, answers)
})

const whole = JSON.stringify({ a: RECORD, b: { ...RECORD, id: 'b' } }, null, 1)
test.each<[string, string | Uint8Array]>([
  ['cut off within a value', whole.slice(0, whole.indexOf(VALUE) + 9)],
  ['cut off', whole.slice(0, -2)],
  ['not UTF-8', Buffer.concat([Buffer.from(whole), Buffer.from([0xff])])],
  ['a text alone', JSON.stringify(VALUE)],
  ['a list of texts', JSON.stringify([VALUE])],
  ['with a number that is lost', whole.replace(`"${VALUE}"`, `[9007199254740993,"${VALUE}"]`)],
  ['with half a surrogate pair', whole.replace(VALUE, `\\ud800${VALUE}`)],
  ['with a member twice', whole.replace('"name"', `"secret":"${VALUE}","name"`)],
  ['with a control character', whole.replace(VALUE, `\n${VALUE}`)],
  ['with a damaged fence', `{"a":${JSON.stringify(RECORD)},"$cutover":{"fence":"${VALUE}"}}`],
])('while a document is damaged: %s', async (_how, text) => {
  at = await wiring({ ...DOCUMENTS, 'projects.json': text })
  const answers = await askEverything(at, 9)
  expect(answers.some(({ status }) => status === 500)).toBe(true)
  await expectNothingLeaked(at, answers)
})

test('while a document is replaced by hand under a running deployment', async () => {
  at = await wiring(DOCUMENTS)
  await reachStage(at.wired, 'dualwrite')
  await writeFile(join(at.dir, 'projects.json'), whole.slice(0, -9))
  await expectNothingLeaked(at, await askEverything(at, 3))
})

test('while the Blob store refuses the token and repeats what it is sent', async () => {
  const echo = await echoServer()
  vi.stubEnv('VERCEL_BLOB_RETRIES', '0')
  vi.stubEnv('VERCEL_BLOB_API_URL', echo.url)
  const token = `vercel_blob_rw_Store_${SECRETS.redis}`
  const urls = { VERCEL_BLOB_API_URL: echo.url, CUTOVER_BLOB_READ_URL: echo.url }
  at = await wiring({}, { BLOB_READ_WRITE_TOKEN: token, ...urls })
  const answers = await askEverything(at, 3)
  expect(answers.some(({ status }) => status === 503)).toBe(true)
  await expectNothingLeaked(at, answers)
  await echo.close()
})

/** Every operation of the description and every tool, sound and with a secret where none is wanted. */
async function askEverything({ app }: Wiring, thoroughness = 1): Promise<(Seen & { what: string })[]> {
  const answers: (Seen & { what: string })[] = []
  const document = (await (await app.request(`${BASE}/openapi.json`)).json()) as OpenapiDocument
  const ask = async (what: string, request: Request): Promise<void> => {
    answers.push({ what, ...(await seen(await app.request(request))) })
  }
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const control = path.startsWith('/api/migration')
      // The verbs that only wait for a store need not be asked again and again while there is none.
      if (thoroughness > 1 && control && operation.operationId.length % thoroughness !== 0) continue
      const url = BASE + path.replace(/\{(\w+)\}/g, (_, name) => (name === 'id' ? 'a' : 'projects'))
      for (const body of bodiesOf(document, operation.requestBody, control)) {
        const type = method === 'patch' ? 'application/merge-patch+json' : 'application/json'
        const headers = { Authorization: `Bearer ${SECRETS.admin}`, 'Content-Type': type }
        const init = { method: method.toUpperCase(), headers, ...(body === null ? {} : { body }) }
        await ask(operation.operationId, new Request(url, init))
      }
    }
  }
  for (const { method, params } of messages()) {
    for (const era of ['2026-07-28', '2025-11-25'] as const) {
      const headers = headersOf(era, method, params)
      const body = JSON.stringify(messageOf(era, method, params))
      await ask('mcp', new Request(`${BASE}/mcp`, { method: 'POST', headers, body }))
    }
  }
  for (const token of [...Object.values(SECRETS), VALUE]) {
    const headers = { Authorization: `Basic ${token}`, 'Upstash-Signature': token }
    for (const path of [
      '/api/migration/runs',
      '/api/v1/projects/a',
      '/api/cron/tick',
      `/api/v1/projects?cursor=${VALUE}`,
    ]) {
      await ask('door', new Request(BASE + path, { headers }))
    }
    await ask('door', new Request(`${BASE}/api/jobs/run`, { method: 'POST', headers, body: VALUE }))
    await ask('door', new Request(`${BASE}/mcp`, { method: 'POST', headers: { Authorization: `Bearer ${token}x` } }))
  }
  const cron = { Authorization: `Bearer ${SECRETS.cron}` }
  await ask('tick', new Request(`${BASE}/api/cron/tick`, { headers: cron }))
  return answers
}

function bodiesOf(document: OpenapiDocument, described: JsonObject | undefined, control: boolean): (string | null)[] {
  if (described === undefined) return [null]
  const wrong = [`{"name":"${VALUE}`, `{"name":["${VALUE}"],"id":"${VALUE}"}`, `{"name":1e400,"x":"${VALUE}"}`]
  if (!control) return [JSON.stringify(RECORD), ...wrong, `{"name":"n","x":"${VALUE}","id":null}`]
  const [content] = Object.values(described.content as { [type: string]: { schema: JsonObject } })
  const { $ref } = content?.schema ?? {}
  const named = typeof $ref === 'string' ? document.components.schemas[$ref.split('/').at(-1) ?? ''] : content?.schema
  const schema = isJsonObject(named) ? (named as JsonObject) : {}
  const { collection: _, ...sound } = fc.sample(sampleOf(schema), { numRuns: 1, seed: 7 })[0] as JsonObject
  return [JSON.stringify(sound), JSON.stringify({ ...sound, limit: VALUE, reason: [VALUE], value: { v: VALUE } })]
}

function messages(): { method: string; params: JsonObject }[] {
  const call = (name: string, args: JsonObject) => ({ method: 'tools/call', params: { name, arguments: args } })
  return [
    call('get_project', { id: 'a', extra: VALUE }),
    call('get_project', { id: 'b' }),
    call('list_projects', { cursor: VALUE }),
    call('search_projects', { query: 'none' }),
    call('create_project', { id: 'a', name: [VALUE] }),
    call('create_project', { id: 'a', name: 'n', secret: VALUE }),
    call('update_project', { id: 'a', changes: { name: null, secret: VALUE } }),
    call('update_project', { id: 'a', changes: { description: 'd' }, ifMatch: '7' }),
    call('delete_project', { id: 'none' }),
    call('migration_status', {}),
    call('backfill', { collection: 'projects', reason: 'r', recordsPerSecondMax: VALUE }),
    call('list_dead_letters', { collection: 'projects' }),
    call(VALUE, {}),
    { method: 'resources/read', params: { uri: 'cutover://projects/b' } },
    { method: 'resources/list', params: { cursor: VALUE } },
    { method: 'logging/setLevel', params: { level: VALUE } },
  ]
}

/** What may show values: records, their lists, and comparisons that an operator has asked for. */
const SHOWS_VALUES = /^(?:get|list|put|patch)-(?:projects|resources)$|^mcp$|^validate-records$|^list-mismatches$/

async function expectNothingLeaked({ wired }: Wiring, answers: readonly (Seen & { what: string })[]): Promise<void> {
  await wired.drained()
  for (const { what, status, headers, text, body } of answers) {
    const where = `${what} ${status}\n${headersText(headers)}\n${text}`
    expectNoSecrets(where, [IN_ADDRESS])
    // Unknown names of tools, methods and cursors are the client's own words; values of records are not among them.
    const refused = status >= 400 || (isJsonObject(body) && isFailed(body as JsonObject))
    if (what === 'mcp' ? refused && !text.includes(`Tool ${VALUE}`) : refused || !SHOWS_VALUES.test(what)) {
      expect(where).not.toContain(VALUE)
    }
  }
  const heard = ears.heard()
  // The ears hear: every refusal is in the log, with its request's id.
  expect(heard).toContain('"requestId":')
  expectNoSecrets(heard, [IN_ADDRESS])
  expect(heard).not.toContain(VALUE)
}

function isFailed({ error, result }: JsonObject): boolean {
  return error !== undefined || (isJsonObject(result) && result.isError === true)
}
