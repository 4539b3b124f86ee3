import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Sabotage } from './options.js'

/**
 * Stands in front of an instance and lies to clients of the HTTP API, so that it can be seen that lies are found: it
 * answers some reads from an old cache, or acknowledges some writes that it hands to nobody.
 */
export interface Liar {
  url: string
  close(): Promise<void>
}

/** One in so many. */
const READS = 4
const WRITES = 6
const OLD_MS = 400

export async function startLiar(to: string, sabotage: Sabotage): Promise<Liar> {
  const kept = new Map<string, { at: number; answer: Answer }>()
  let count = 0
  async function answer(request: IncomingMessage): Promise<Answer> {
    const { method = 'GET', url = '/' } = request
    const body = await bodyOf(request)
    const isRecord = /^\/api\/v1\/\w+\/./.test(url)
    if (isRecord && sabotage === 'lost-writes' && method === 'PUT' && count++ % WRITES === 0) {
      const etag = `"${Number.MAX_SAFE_INTEGER - count}"`
      return { status: 200, headers: { etag, 'cutover-stage': 'off', 'cutover-served-by': 'source' }, body }
    }
    const old = kept.get(url)
    const isOld = old !== undefined && performance.now() - old.at > OLD_MS
    if (isRecord && sabotage === 'stale-reads' && method === 'GET' && isOld && count++ % READS === 0) return old.answer
    const headers = new Headers()
    for (const [name, value] of Object.entries(request.headers))
      if (!HOP_BY_HOP.has(name)) headers.set(name, [value ?? ''].flat().join(', '))
    const sent = method === 'GET' || body.length === 0 ? {} : { body: new Uint8Array(body) }
    const response = await fetch(to + url, { method, headers, ...sent })
    const answered = { status: response.status, headers: plain(response.headers), body: await bytesOf(response) }
    if (isRecord && method === 'GET' && !kept.has(url)) kept.set(url, { at: performance.now(), answer: answered })
    return answered
  }
  const server = createServer((request, response: ServerResponse) => {
    answer(request).then(
      ({ status, headers, body }) => response.writeHead(status, headers).end(body),
      () => request.socket.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Answer {
  status: number
  headers: { [name: string]: string }
  body: Buffer
}

const HOP_BY_HOP = new Set(['connection', 'content-length', 'host', 'keep-alive', 'transfer-encoding', 'expect'])

function plain(headers: Headers): { [name: string]: string } {
  return Object.fromEntries([...headers].filter(([name]) => !HOP_BY_HOP.has(name) && name !== 'content-encoding'))
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts)
}

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer())
}
