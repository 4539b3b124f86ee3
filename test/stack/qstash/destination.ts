import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'

/** A server that QStash calls: it records every call and answers as the test says (200 by default). */
export interface Destination {
  url: string
  calls: ReceivedCall[]
  /** The most calls that were open at one time. */
  openMax: number
  /** Called for every request; must end the response. */
  respond: (call: ReceivedCall, response: ServerResponse) => void | Promise<void>
  /** Resolves when at least `count` calls were received. */
  received(count: number): Promise<void>
  bodies(): string[]
  close(): Promise<void>
}

export interface ReceivedCall {
  method: string
  /** Path and query. */
  target: string
  headers: IncomingHttpHeaders
  body: string
  at: number
}

export async function startDestination(): Promise<Destination> {
  let open = 0
  const waiters = new Set<() => void>()
  const server = createServer(async (request, response) => {
    open += 1
    destination.openMax = Math.max(destination.openMax, open)
    response.on('close', () => {
      open -= 1
    })
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const call: ReceivedCall = {
      method: request.method ?? '',
      target: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      at: Date.now(),
    }
    destination.calls.push(call)
    for (const check of waiters) check()
    await destination.respond(call, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const destination: Destination = {
    url: `http://127.0.0.1:${port}`,
    calls: [],
    openMax: 0,
    respond: (_call, response) => void response.end('ok'),
    received(count) {
      return new Promise((resolve) => {
        const check = () => {
          if (destination.calls.length < count) return
          waiters.delete(check)
          resolve()
        }
        waiters.add(check)
        check()
      })
    },
    bodies: () => destination.calls.map(({ body }) => body),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
  return destination
}

/** Answers with the statuses in turn, then 200. */
export function answering(...statuses: number[]): Destination['respond'] {
  const left = [...statuses]
  return (_call, response) => void response.writeHead(left.shift() ?? 200).end('answer')
}
