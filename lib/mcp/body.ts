import { isJsonContentType, readRequestBody } from '@modelcontextprotocol/server'
import { CutoverError } from '../core/error.js'
import { isJsonObject, type Json } from '../core/json.js'
import { parseJsonText } from '../core/json-text.js'

export type Message = { kind: 'message'; body: Json } | { kind: 'refused'; response: Response }

/** Largest request body, in bytes. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024

/**
 * Reads the one JSON-RPC message of a request, before anything else looks at it.
 *
 * Arrays are refused: batches left the protocol in 2025-06-18, and a batch that cancels its own request is never
 * answered. Values that would not come out of a store as they went in and members that occur twice are refused too,
 * answered to the request's id so that the client can show why.
 */
export async function readMessage(request: Request): Promise<Message> {
  if (!isJsonContentType(request.headers.get('content-type'))) {
    return refused(415, -32000, 'Unsupported media type: send application/json')
  }
  const read = await readRequestBody(request, BODY_BYTES_MAX)
  if (read.tooLarge) return refused(413, -32000, `The body is larger than ${BODY_BYTES_MAX} bytes`)
  try {
    const body = parseJsonText(read.text, 'The body', { duplicates: true })
    if (Array.isArray(body)) return refused(400, -32600, 'Batches are not supported: send one message per request')
    return { kind: 'message', body }
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error
    const id = idOf(read.text)
    return id === null ? refused(400, -32700, error.message) : refused(200, -32602, error.message, id)
  }
}

/** The id of a request that is well-formed JSON although its values are refused. */
function idOf(text: string): string | number | null {
  try {
    const body: unknown = JSON.parse(text)
    const id = isJsonObject(body) ? body.id : null
    return typeof id === 'string' || typeof id === 'number' ? id : null
  } catch {
    return null
  }
}

function refused(status: number, code: number, message: string, id: string | number | null = null): Message {
  return { kind: 'refused', response: Response.json({ jsonrpc: '2.0', error: { code, message }, id }, { status }) }
}
