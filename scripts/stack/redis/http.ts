import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Bytes of one HTTP body. Far above the limit of one command, since a pipeline carries many. */
const BODY_BYTES_MAX = 64 * 1024 * 1024

/** The whole body, or its size if it is over the limit (the announced size where there is one). */
export async function readBody(request: IncomingMessage): Promise<Buffer | { bytes: number }> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > BODY_BYTES_MAX) return { bytes: announced }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) return { bytes }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}

/** Sends a JSON answer and returns the bytes of its body. */
export function sendJson(response: ServerResponse, status: number, body: unknown): number {
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes)
  return bytes.length
}

/** Upstash takes the token as a bearer token or as the query parameter `_token`. */
export function isAuthorized(request: IncomingMessage, url: URL, token: string): boolean {
  const bearer = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const given = Buffer.from(bearer ?? url.searchParams.get('_token') ?? '')
  const expected = Buffer.from(token)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

export const WRONG_PASS = { error: 'WRONGPASS invalid or missing auth token' }
