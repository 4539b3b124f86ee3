import type { Office } from './office.js'
import type { HeaderBag } from './plan.js'

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Its groups are the params. */
  pattern: RegExp
  /** The last group is a destination URL, taken letter for letter. */
  takesDestination?: true
  handle(call: Call): Reply | Promise<Reply>
}

export interface Call {
  office: Office
  params: string[]
  query: URLSearchParams
  headers: HeaderBag
  body: Buffer
  callerIp: string
}

export type Reply =
  | { kind: 'json'; status: number; body: unknown }
  | { kind: 'empty' }
  /** Cut the connection without an answer (a fault). */
  | { kind: 'cut' }

export function json(body: unknown, status = 200): Reply {
  return { kind: 'json', status, body }
}

/** Records a change durably, then answers. */
export async function saved(office: Office, reply: Reply = { kind: 'empty' }): Promise<Reply> {
  office.file.changed()
  office.wake()
  await office.file.flush()
  return reply
}

/** A path segment, decoded; every pattern that uses it has it. */
export function param(call: Call, index = 0): string {
  return call.params[index] ?? ''
}
