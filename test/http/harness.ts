import type { Hono } from 'hono'
import { expect } from 'vitest'
import { collectionSchemas } from '../../lib/commands/records/schemas.js'
import { type AppParts, createApp } from '../../lib/http/app.js'
import { type Tokens, tokenAuthorizer } from '../../lib/http/authorize.js'
import { type DataLimits, dataRoutes } from '../../lib/http/data.js'
import type { Log, LogFields } from '../../lib/http/log.js'
import { FakeDataPlane } from './fake-data-plane.js'

export const BASE = 'http://cutover.test'

/** An app over the fake, with a clock that counts. */
export function dataApp(options: { tokens?: Tokens; limits?: DataLimits } & Partial<AppParts> = {}) {
  const { tokens = {}, limits, ...rest } = options
  const dataPlane = new FakeDataPlane()
  const log = new KeptLog()
  const clock = countingClock()
  const data = dataRoutes({
    dataPlane,
    authorize: tokenAuthorizer(tokens).authorizeData,
    schemas: async () => collectionSchemas,
    clock,
    ...(limits === undefined ? {} : { limits }),
  })
  const app = createApp({ data, health: async () => ({ healthy: true, issues: [] }), clock, log, ...rest })
  return { app, dataPlane, log, send: sender(app) }
}

export type Send = ReturnType<typeof sender>

/** One request; objects are sent as JSON. */
export function sender(app: Hono) {
  return async (method: string, path: string, body?: unknown, headers: { [name: string]: string } = {}) => {
    const init: RequestInit = { method, headers }
    if (body !== undefined) {
      init.body = typeof body === 'string' ? body : JSON.stringify(body)
      init.headers = { 'Content-Type': 'application/json', ...headers }
    }
    return app.request(BASE + path, init)
  }
}

export class KeptLog implements Log {
  readonly entries: { level: string; event: string; fields: LogFields }[] = []
  error(event: string, fields: LogFields) {
    this.entries.push({ level: 'error', event, fields })
  }
  info(event: string, fields: LogFields) {
    this.entries.push({ level: 'info', event, fields })
  }
  debug(event: string, fields: LogFields) {
    this.entries.push({ level: 'debug', event, fields })
  }
}

export function countingClock() {
  let ids = 0
  return { now: () => 1_000, id: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}` }
}

/** Status and code of a problem document. */
export async function codeOf(answer: Response | Promise<Response>): Promise<string> {
  const response = await answer
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = (await response.json()) as { status: number; code: string }
  expect(problem.status).toBe(response.status)
  return `${problem.status} ${problem.code}`
}
