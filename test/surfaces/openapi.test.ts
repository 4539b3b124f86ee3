import { Validator } from '@seriousme/openapi-schema-validator'
import type { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allParts } from '../../api/_surfaces/all.js'
import { type RunningApp, runApp } from '../scenario/running-app.js'

const TOKEN = 'a-token-for-tests'
/** The pages of people and of programs, which describe others; and what RFC 9728 describes. */
const NOT_DESCRIBED = ['/', '/openapi.json', '/docs', '/.well-known/oauth-protected-resource/mcp']

type Document = { [member: string]: unknown } & {
  paths: { [path: string]: { [method: string]: { operationId: string } } }
}

describe('the description of the whole API', () => {
  let app: RunningApp
  let document: Document
  let routes: Hono['routes']

  beforeAll(async () => {
    app = await runApp({}, { CUTOVER_ADMIN_TOKEN: TOKEN, CUTOVER_OPERATOR_TOKEN: `${TOKEN}-operator` })
    document = (await (await fetch(`${app.url}/openapi.json`)).json()) as Document
    routes = (await allParts(app.wired)).routes
  })
  afterAll(() => app.close())

  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(document)
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
  })

  it('describes every route, and no other', () => {
    const served = routes
      .filter(({ method, path }) => !(method === 'ALL' && path.includes('*')) && !NOT_DESCRIBED.includes(path))
      .map(({ method, path }) => `${method === 'ALL' ? 'POST' : method} ${generic(path)}`)
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${generic(ofRecords(path))}`),
    )
    expect([...new Set(served)].sort()).toEqual([...new Set(described)].sort())
  })

  it('names every operation once', () => {
    const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map((one) => one.operationId))
    expect(ids.length).toBe(new Set(ids).size)
  })

  it('has the routes that callers count on', () => {
    const asked: [string, string][] = [
      ['get', '/api/migration/dashboard'],
      ['put', '/api/migration/feature-flags/{name}'],
      ['post', '/api/migration/rollback/{component}'],
      ['post', '/api/migration/validation/{component}'],
      ['post', '/api/migration/emergency-stop'],
      ['get', '/api/migration/alerts'],
      ['get', '/api/migration/health'],
    ]
    for (const [method, path] of asked)
      expect([path, document.paths[path]?.[method]]).toEqual([path, expect.anything()])
  })

  it('is served with a page that says all of it', async () => {
    const page = await (await fetch(`${app.url}/docs`)).text()
    for (const operations of Object.values(document.paths))
      for (const { operationId } of Object.values(operations)) expect(page).toContain(`id="${operationId}"`)
  })
})

/** `/runs/:runId` and `/runs/{runId}` are the same. */
function generic(path: string): string {
  return path.replace(/:(\w+)(\{[^}]*\})?|\{\w+\}/g, '*')
}

/** The records of all collections are one route. */
function ofRecords(path: string): string {
  return path.replace(/^\/api\/v1\/[a-z-]+/, '/api/v1/{collection}')
}
