import type { Context } from 'hono'
import type { Served } from '../core/data-plane.js'
import type { JsonObject } from '../core/json.js'
import { quoteEtag } from './preconditions.js'

/** Which store answered and at which stage; on refusals too, as far as the data plane had got. */
export function showServed(c: Context, served: Served): void {
  c.header('Cutover-Stage', served.stage)
  c.header('Cutover-Served-By', served.servedBy)
  c.header('Cutover-Epoch', String(served.epoch))
  // An answer kept by a cache between here and the client would be a stale read.
  c.header('Cache-Control', 'no-store')
}

export function sendRecord(c: Context, value: JsonObject, etag: string, status: 200 | 201): Response {
  c.header('ETag', quoteEtag(etag))
  c.header('Content-Type', 'application/json')
  return c.body(JSON.stringify(value), status)
}
