import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { isJsonObject, type Json, type JsonObject } from '../../lib/core/json.js'
import { type Deployment, deployment, SECRETS } from './deployment.js'
import { hostileValue, mutatedBytes, mutatedJson } from './json.js'
import { expectUnpolluted } from './judge.js'
import { holdsAsync } from './law.js'
import { answerOf, ERAS, type Era, headersOf, messageOf, post } from './mcp-messages.js'
import { expectNoSecrets, headersText, type Seen } from './problems.js'
import { sampleOf } from './samples.js'
import { hostileHeader, hostileText } from './texts.js'

interface ListedTool {
  name: string
  inputSchema: JsonObject
  outputSchema: JsonObject
}

let deployed: Deployment
let tools: ListedTool[] = []
const validators = new Map<string, (value: unknown) => { valid: boolean; errorMessage?: string | undefined }>()

beforeAll(async () => {
  deployed = await deployment()
  for (const version of ERAS) {
    const sent = JSON.stringify(messageOf(version, 'tools/list', {}))
    const seen = await post(deployed, headersOf(version, 'tools/list', {}), sent)
    tools = (seen.body as { result: { tools: ListedTool[] } }).result.tools
    for (const { name, outputSchema } of tools) {
      // The eras differ in how an answer that is a list is put into an object.
      validators.set(`${version} ${name}`, new AjvJsonSchemaValidator().getValidator(outputSchema as never))
    }
  }
})

const era = fc.constantFrom<Era>(...ERAS)

/** Calls of every tool with arguments that are sound, nearly sound, or anything at all. */
function callOfTool(): fc.Arbitrary<{ era: Era; name: string; text: string }> {
  const tool = fc.constantFrom(...tools)
  return fc.tuple(era, tool).chain(([version, { name, inputSchema }]) => {
    const sound = sampleOf(inputSchema)
    const whole = (args: Json) => messageOf(version, 'tools/call', { name, arguments: args })
    const text = fc.oneof(
      { weight: 3, arbitrary: sound.map((args) => JSON.stringify(whole(args))) },
      // The arguments are changed, and what is around them stays what a client would send.
      {
        weight: 4,
        arbitrary: mutatedJson(sound).map((args) => JSON.stringify(whole('$args')).replace('"$args"', () => args)),
      },
      { weight: 1, arbitrary: hostileValue.map((args) => JSON.stringify(whole(args))) },
    )
    return text.map((made) => ({ era: version, name, text: made }))
  })
}

test('arguments of every tool: an answer of the promised shape, or an error with a code; never an internal one', async () => {
  let before = await deployed.state()
  const done = new Set<string>()
  await holdsAsync(callOfTool(), 700, async ({ era: version, name, text }) => {
    const sent = text.replaceAll('$run', deployed.latestRun())
    const answer = await post(deployed, headersOf(version, 'tools/call', { name }), sent)
    const message = expectMessage(answer)
    const after = await deployed.state()
    const result = isJsonObject(message.result) ? (message.result as JsonObject) : null
    const failed = result === null || result.isError === true
    if (result !== null && failed) expect(JSON.stringify(result.content)).not.toContain('internal: ')
    if (result !== null && !failed) {
      const judged = validators.get(`${version} ${name}`)?.(result.structuredContent)
      expect(judged?.valid, `${name}: ${judged?.errorMessage}`).toBe(true)
      done.add(name)
    }
    if (failed && name !== 'set_flag') expect(after).toBe(before)
    before = after
  })
  // Many ask for something that must have been made first; of the others enough is sound.
  expect(done.size).toBeGreaterThan(tools.length / 4)
  expectUnpolluted()
  expectNoSecrets(JSON.stringify(deployed.log.entries))
})

const METHODS: readonly [string, JsonObject][] = [
  ['initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '0' } }],
  ['ping', {}],
  ['tools/list', {}],
  ['tools/call', { name: 'get_project', arguments: { id: 'r0001' } }],
  ['resources/list', {}],
  ['resources/templates/list', {}],
  ['resources/read', { uri: 'cutover://projects/r0001' }],
  ['server/discover', {}],
  ['notifications/initialized', {}],
  ['notifications/cancelled', { requestId: 7 }],
  ['logging/setLevel', { level: 'debug' }],
  ['subscriptions/listen', {}],
  ['completion/complete', { ref: { type: 'ref/resource', uri: 'cutover://projects/{id}' }, argument: { name: 'id' } }],
  ['no/such/method', {}],
  ['__proto__', {}],
  ['constructor', {}],
]

/** Whole messages of both eras, changed anywhere, with headers that say something else. */
const message = fc.tuple(era, fc.constantFrom(...METHODS)).chain(([version, [method, params]]) => {
  const sound = messageOf(version, method, params)
  const base = fc.oneof(fc.constant<Json>(sound), fc.constant<Json>([sound, sound]), fc.constant<Json>([]))
  const name = fc.constantFrom('Accept', 'MCP-Protocol-Version', 'Mcp-Method', 'Mcp-Name', 'Content-Type', 'Origin')
  const odd = fc.oneof(
    hostileHeader,
    fc.constantFrom('text/html', 'application/json', '*/*', '1999-01-01', '2026-07-28', '2025-03-26', 'tools/call'),
  )
  const tokens = fc.constantFrom(SECRETS.admin, SECRETS.api, SECRETS.viewer, 'none')
  return fc.record({
    method: fc.constant(method),
    headers: fc
      .tuple(
        tokens,
        fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(fc.tuple(name, odd), { maxLength: 3 })),
      )
      .map(([token, more]): [string, string][] => [
        ...headersOf(version, method, params),
        ['Authorization', `Bearer ${token}`],
        ['Mcp-Session-Id', 'from-before'],
        ...more,
      ]),
    body: fc.oneof(
      { weight: 3, arbitrary: mutatedJson(base).map((text) => new TextEncoder().encode(text)) },
      { weight: 1, arbitrary: mutatedBytes(mutatedJson(base)) },
    ),
  })
})

test('messages of every method: answered or refused as JSON-RPC, and nothing is changed by any of them', async () => {
  const before = await deployed.state()
  await holdsAsync(message, 500, async ({ headers, body }) => {
    expectMessage(await post(deployed, headers, body))
    // `replace` may have made a call of it, but of a tool that only reads.
    expect(await deployed.state()).toBe(before)
  })
  expectUnpolluted()
  expectNoSecrets(JSON.stringify(deployed.log.entries))
})

test('resources: a record, or an error of the client, for every address', async () => {
  const place = fc.oneof(
    hostileText.map((text) => `cutover://projects/${text}`),
    hostileText.map((text) => `cutover://projects/${encodeURIComponent(text.toWellFormed())}`),
    hostileText,
    fc.constantFrom(
      'cutover://projects/',
      'cutover://none/a',
      'cutover:projects',
      'file:///etc/passwd',
      'x'.repeat(5_000),
    ),
  )
  await holdsAsync(fc.tuple(era, place), 200, async ([version, uri]) => {
    const params = { uri: uri.toWellFormed() }
    const sent = JSON.stringify(messageOf(version, 'resources/read', params))
    const found = expectMessage(await post(deployed, headersOf(version, 'resources/read', params), sent))
    if (found.error !== undefined) expect(found.error).toMatchObject({ code: expect.any(Number) })
  })
})

test('other HTTP methods are refused, with what is taken', async () => {
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']) {
    const answer = await post(deployed, headersOf('2025-11-25', 'ping', {}), '', method)
    expect([method, answer.status]).toEqual([method, 405])
    expect(answer.headers.get('allow')).toBe('POST')
  }
})

test('what is larger than the limit is refused before it is read as a message', async () => {
  const args = { id: 'r0001', changes: { text: 'x'.repeat(4_300_000) } }
  const sent = JSON.stringify(messageOf('2025-11-25', 'tools/call', { name: 'update_project', arguments: args }))
  const answer = await post(deployed, headersOf('2025-11-25', 'tools/call', { name: 'update_project' }), sent)
  expect(answer.status).toBe(413)
  expectMessage(answer)
})

/** A JSON-RPC answer, none of it the server's fault. */
function expectMessage(answer: Seen): JsonObject {
  expect(answer.status, answer.text.slice(0, 300)).toBeLessThan(500)
  expectNoSecrets(headersText(answer.headers) + answer.text)
  if (answer.status === 202 && answer.text === '') return {}
  const found = answerOf(answer)
  expect(isJsonObject(found), `${answer.status} ${answer.text.slice(0, 300)}`).toBe(true)
  const answered = found as JsonObject
  expect(answered.jsonrpc).toBe('2.0')
  if (isJsonObject(answered.error)) {
    const { code, message: text } = answered.error as JsonObject
    expect(Number.isSafeInteger(code)).toBe(true)
    expect(typeof text).toBe('string')
    // The SDK says -32603 where the parameters of its own requests are wrong, with the issues that its schema found.
    const issues = String(text).startsWith('[') && String(text).includes('"path": [')
    if (!issues) expect(code, answer.text.slice(0, 400)).not.toBe(-32603)
  } else expect(isJsonObject(answered.result)).toBe(true)
  return answered
}
