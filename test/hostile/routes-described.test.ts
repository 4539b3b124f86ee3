import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { isJsonObject, type Json, type JsonObject } from '../../lib/core/json.js'
import type { OpenapiDocument, Operation } from '../../lib/http/openapi-document.js'
import { BASE, type Deployment, deployment, SECRETS } from './deployment.js'
import { mutatedBytes, mutatedJson } from './json.js'
import { expectUnpolluted } from './judge.js'
import { holdsAsync } from './law.js'
import { expectNoSecrets, expectProblem, headersText, type Seen, seen } from './problems.js'
import { sampleOf } from './samples.js'
import { hostileHeader, hostileText } from './texts.js'

interface Route {
  method: string
  path: string
  operation: Operation
}

interface Sent {
  /** Such as `GET /api/v1/projects`. */
  operation: string
  /** For `{name}` in the path; sent percent-encoded, or as it is. */
  places: { [name: string]: string }
  encoded: boolean
  query: string
  headers: [string, string][]
  body: Uint8Array<ArrayBuffer> | null
}

let deployed: Deployment
let document: OpenapiDocument
const validators = new Map<string, (value: unknown) => { valid: boolean; errorMessage?: string | undefined }>()

beforeAll(async () => {
  deployed = await deployment()
  document = (await (await deployed.app.request(`${BASE}/openapi.json`)).json()) as OpenapiDocument
})

test('every operation: no fault of the server, a problem document for each refusal, answers as described, and no trace', async () => {
  let before = await deployed.state()
  const routes = new Map(routesOf(document).map((route) => [nameOf(route), route]))
  const reached = new Set<string>()
  const accepted = new Set<string>()
  await holdsAsync(sentTo(routesOf(document)), 1_800, async (sent) => {
    const answer = await seen(await deployed.app.request(requestOf(sent)))
    const route = routes.get(sent.operation)
    if (route === undefined) throw new Error('There is no such route.')
    const { operationId } = route.operation
    // What operators did meanwhile may be an issue: to say so is an answer like any other.
    if (operationId === 'health') expect([200, 503]).toContain(answer.status)
    else expect(answer.status, answer.text.slice(0, 300)).toBeLessThan(500)
    expect(answer.headers.has('retry-after')).toBe([429, 503].includes(answer.status))
    expectNoSecrets(headersText(answer.headers) + (answer.status < 400 ? '' : answer.text))
    const after = await deployed.state()
    reached.add(operationId)
    if (answer.status < 300) accepted.add(operationId)
    if (answer.status < 400 || isRefusal(answer) || operationId === 'health') expectDescribed(route, answer)
    else expectProblem(answer)
    // A switch of several collections moves those that can be moved, and says of which it was not so.
    if (answer.status >= 400 && answer.status < 500 && operationId !== 'set-flag') expect(after).toBe(before)
    before = after
  })
  expect(reached.size).toBe(routes.size)
  // Enough of them is sound: these laws are not only about what is refused at the door.
  expect(accepted.size).toBeGreaterThan(reached.size / 3)
  expectUnpolluted()
  expectNoSecrets(JSON.stringify(deployed.log.entries))
  expect(deployed.log.entries.filter(({ level }) => level === 'error')).toEqual([])
})

/** What is for the queue, for the cron, for tools and for those who follow events has doors and suites of its own. */
const OTHERS = /^\/(api\/(jobs|cron|migration\/events)|mcp|\.well-known)/

function routesOf({ paths }: OpenapiDocument): Route[] {
  const described = Object.entries(paths).filter(([path]) => !OTHERS.test(path))
  return described.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
}

function nameOf({ method, path }: Route): string {
  return `${method} ${path}`
}

function sentTo(routes: readonly Route[]): fc.Arbitrary<Sent> {
  return fc.nat({ max: routes.length - 1 }).chain((at) => {
    const route = routes[at]
    if (route === undefined) throw new Error('There is no such route.')
    const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
    const place = (name: string) => fc.oneof({ weight: 5, arbitrary: knownText(name) }, hostileText)
    return fc.record({
      operation: fc.constant(nameOf(route)),
      places: fc.record(Object.fromEntries(inPath.map((name) => [name, place(name)]))),
      encoded: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
      query: queryOf(route.operation),
      headers: headersOf(route),
      body: bodyOf(route.operation),
    })
  })
}

function knownText(name: string): fc.Arbitrary<string> {
  const object: JsonObject = { type: 'object', properties: { [name]: { type: 'string' } }, required: [name] }
  return sampleOf(object).map((made) => String((made as JsonObject)[name]))
}

function queryOf({ parameters = [] }: Operation): fc.Arbitrary<string> {
  const named = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => String(name))
  const value = fc.oneof(hostileText, fc.constantFrom('1', '50', '200', '201', '0', '-1', '1e2', '01', ' 5', 'true'))
  const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...named, 'limit', 'cursor') }, hostileText)
  const pairs = fc.array(fc.tuple(name, value), { maxLength: 3 })
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    { weight: 4, arbitrary: pairs.map((some) => new URLSearchParams(some.map((pair) => [...pair])).toString()) },
    { weight: 1, arbitrary: pairs.map((some) => some.map((pair) => pair.join('=')).join('&')) },
  )
}

function headersOf({ path, method }: Route): fc.Arbitrary<[string, string][]> {
  const token = fc.oneof(
    { weight: 12, arbitrary: fc.constant(SECRETS.admin) },
    fc.constantFrom(SECRETS.api, SECRETS.viewer, SECRETS.operator, SECRETS.cron, 'none'),
    hostileHeader,
  )
  const usual = method === 'PATCH' && path.startsWith('/api/v1') ? 'application/merge-patch+json' : 'application/json'
  const type = fc.oneof(
    { weight: 8, arbitrary: fc.constant(usual) },
    fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'application/json;;', 'APPLICATION/JSON', ''),
    hostileHeader,
  )
  const more = fc.constantFrom(
    'If-Match',
    'If-None-Match',
    'Idempotency-Key',
    'X-Request-Id',
    'Content-Encoding',
    'Accept',
    'Origin',
    'X-Forwarded-Host',
    'X-HTTP-Method-Override',
    'Range',
    'Cookie',
  )
  const extra = fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(fc.tuple(more, hostileHeader), { maxLength: 3 }) },
  )
  return fc.tuple(token, type, extra).map(([bearer, contentType, others]): [string, string][] => [
    ['Authorization', `Bearer ${bearer}`],
    ['Content-Type', contentType],
    // Else nothing would come further than the question of where it comes from.
    ...(path.startsWith('/api/session') ? [['Sec-Fetch-Site', 'same-origin'] satisfies [string, string]] : []),
    ...others,
  ])
}

function bodyOf({ requestBody }: Operation): fc.Arbitrary<Uint8Array<ArrayBuffer> | null> {
  if (requestBody === undefined) return fc.constant(null)
  const { content } = requestBody as { content: { [type: string]: { schema: JsonObject } } }
  const [schema = {}] = Object.values(content).map((one) => one.schema)
  const sound = sampleOf(resolved(schema))
  const text = fc.oneof(
    sound.map((value) => JSON.stringify(value)),
    mutatedJson(sound),
  )
  return fc.oneof(
    { weight: 3, arbitrary: text.map((json) => new TextEncoder().encode(json)) },
    { weight: 1, arbitrary: mutatedBytes(text) },
    { weight: 1, arbitrary: fc.constant(null) },
  )
}

function resolved(schema: JsonObject): JsonObject {
  const name = typeof schema.$ref === 'string' ? schema.$ref.replace('#/components/schemas/', '') : null
  const found = name === null ? schema : document.components.schemas[name]
  return isJsonObject(found) ? (found as JsonObject) : {}
}

function requestOf({ operation, places, encoded, query, headers, body }: Sent): Request {
  const [method = '', template = ''] = operation.split(' ')
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const text = (places[name] ?? '').replace('$run', deployed.latestRun()).toWellFormed()
    return encoded ? encodeURIComponent(text) : text
  })
  const sent = new Headers()
  for (const [name, value] of headers) appendIfPossible(sent, name, value)
  const url = BASE + path + (query === '' ? '' : `?${query.toWellFormed()}`)
  const mayHaveBody = method !== 'GET' && method !== 'HEAD' && body !== null
  return new Request(url, { method, headers: sent, ...(mayHaveBody ? { body } : {}) })
}

/** What no client can put into a header is tried over a socket; see `routes-wire.test.ts`. */
function appendIfPossible(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value)
  } catch {
    headers.delete(name)
  }
}

function isRefusal({ status, body }: Seen): boolean {
  return status === 409 && isJsonObject(body) && body.kind === 'refused'
}

/** The status is one of those described, and the body is of the described schema. */
function expectDescribed({ operation, method, path }: Route, answer: Seen): void {
  const described = operation.responses[String(answer.status)] as JsonObject | undefined
  expect(described, `${method} ${path} answered ${answer.status}`).toBeDefined()
  const content = described?.content as { 'application/json'?: { schema: Json } } | undefined
  const schema = content?.['application/json']?.schema
  if (schema === undefined || !isJsonObject(schema)) return
  expect(answer.headers.get('content-type')).toBe('application/json')
  const key = JSON.stringify(schema)
  const validate = validators.get(key) ?? validatorOf(schema as JsonObject)
  validators.set(key, validate)
  const judged = validate(answer.body)
  expect(judged.valid, `${method} ${path}: ${judged.errorMessage} in ${answer.text.slice(0, 400)}`).toBe(true)
}

function validatorOf(schema: JsonObject) {
  // References of the description are relative to its root, so that is what the schema is put into.
  return new AjvJsonSchemaValidator().getValidator({ ...schema, components: document.components } as never)
}
