import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { type Faults, faultRule } from './faults.js'
import { isAuthorized, readBody, sendJson, WRONG_PASS } from './http.js'
import type { Stats } from './stats.js'

interface AdminContext {
  token: string
  faults: Faults
  stats: Stats
  state: { down: boolean }
}

/**
 * What a test does to the gateway from another process, with the same token:
 * `POST /__admin/faults [rule, ...]`, `DELETE /__admin/faults`, `GET /__admin/stats`, `DELETE /__admin/stats`,
 * `POST /__admin/outage {"down": true}`.
 */
export function createAdmin(context: AdminContext) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (!isAuthorized(request, url, context.token)) {
      sendJson(response, 401, WRONG_PASS)
      return
    }
    const action = ACTIONS[`${request.method} ${url.pathname}`]
    const body = await readBody(request)
    if (!action || !Buffer.isBuffer(body)) {
      sendJson(response, 404, { error: 'There is no such admin call.' })
      return
    }
    try {
      sendJson(response, 200, action(context, body) ?? { ok: true })
    } catch (error) {
      sendJson(response, 400, { error: error instanceof Error ? error.message : 'The admin call failed.' })
    }
  }
}

const ACTIONS: { [route: string]: (context: AdminContext, body: Buffer) => unknown } = {
  'POST /__admin/faults': ({ faults }, body) => {
    // Parsed as a whole first, so that a bad rule adds none.
    for (const rule of z.array(faultRule).parse(JSON.parse(body.toString()))) faults.add(rule)
  },
  'DELETE /__admin/faults': ({ faults }) => faults.clear(),
  'GET /__admin/stats': ({ stats }) => stats.read(),
  'DELETE /__admin/stats': ({ stats }) => stats.reset(),
  'POST /__admin/outage': ({ state }, body) => {
    state.down = z.strictObject({ down: z.boolean() }).parse(JSON.parse(body.toString())).down
  },
}
