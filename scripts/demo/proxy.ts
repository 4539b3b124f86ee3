import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * The public address: hands each request to the next instance in turn, whoever sent it, so that no client stays with
 * an instance. Nothing is sent twice: where an instance breaks off, the client's connection is broken off too.
 */
export interface ProxyServer {
  url: string
  add(port: number): Route
  close(): Promise<void>
}

/** One instance, as the proxy sees it. */
export interface Route {
  /** `http-clients`: only the records' API, whose clients repeat what got no answer. */
  accepts: 'everything' | 'http-clients' | 'nothing'
  /** Requests that have no answer yet; `only` counts those of that sort. */
  underWay(only?: 'http-clients' | 'others'): number
  /** Out of the rotation, for good. */
  remove(): void
}

interface Place extends Route {
  port: number
  agent: Agent
}

const KEEP_ALIVE_MS = 75_000

export async function startProxy(): Promise<ProxyServer> {
  const places: Place[] = []
  let turn = 0
  const server = createServer((request, response) => {
    const sort = request.url?.startsWith('/api/v1/') ? 'http-clients' : 'others'
    const able = places.filter(
      ({ accepts }) => accepts === 'everything' || (accepts === 'http-clients' && sort === 'http-clients'),
    )
    const place = able[turn++ % Math.max(1, able.length)]
    if (place === undefined) request.socket.destroy()
    else forward(request, response, place, sort)
  })
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.requestTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const counts = new WeakMap<Place, { 'http-clients': number; others: number }>()
  function forward(
    request: IncomingMessage,
    response: ServerResponse,
    place: Place,
    sort: 'http-clients' | 'others',
  ): void {
    const count = counts.get(place)
    if (count === undefined) return
    count[sort]++
    response.once('close', () => count[sort]--)
    const { method, url, headers } = request
    const upstream = send({ host: '127.0.0.1', port: place.port, agent: place.agent, method, path: url, headers })
    upstream.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.headers)
      answer.pipe(response)
      answer.once('error', () => response.destroy())
      answer.once('aborted', () => response.destroy())
    })
    upstream.once('error', () => request.socket.destroy())
    response.once('close', () => upstream.destroy())
    request.pipe(upstream)
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add(port) {
      const count = { 'http-clients': 0, others: 0 }
      const place: Place = {
        port,
        agent: new Agent({ keepAlive: true, maxSockets: 256 }),
        accepts: 'everything',
        underWay: (only) => (only === undefined ? count['http-clients'] + count.others : count[only]),
        remove() {
          places.splice(places.indexOf(place), 1)
          place.agent.destroy()
        },
      }
      counts.set(place, count)
      places.push(place)
      return place
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
