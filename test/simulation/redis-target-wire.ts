import { createHash } from 'node:crypto'
import { type RedisClient, redisClient } from '../../lib/drivers/redis/client.js'

/**
 * The production Redis client with nothing but `fetch` taken from under it: its requests go to a function in place of a
 * socket. Clients are opened ahead of the histories, since loading the SDK takes real time, and used again.
 */
export interface Wire {
  /** A client whose requests `send` answers; each must be given up for the next history. */
  client(send: Send): RedisClient
  /** All clients are free again. */
  reset(): void
}

/** What was posted, to the path below the base URL; answers the status and body of the response, or rejects. */
export type Send = (path: string, body: unknown) => Promise<{ status: number; body: unknown }>

/** Processes in one history: those that were killed are replaced, and operators come and go. */
const CLIENTS_MAX = 96

let opened: Promise<Wire> | undefined

export function openWire(): Promise<Wire> {
  opened ??= open()
  return opened
}

async function open(): Promise<Wire> {
  const sends = new Map<string, Send>()
  intercept(sends)
  hashAtOnce()
  const clients = Array.from({ length: CLIENTS_MAX }, (_, at) => {
    const host = `redis-${at}.simulated`
    return { host, client: redisClient({ url: `http://${host}`, token: 'simulated' }) }
  })
  for (const { host, client } of clients) {
    sends.set(host, async () => ({ status: 200, body: { result: 'PONG' } }))
    await client.command(['PING'])
  }
  let taken = 0
  return {
    client(send) {
      const free = clients[taken]
      if (free === undefined) throw new Error(`A history has more than ${CLIENTS_MAX} processes.`)
      taken += 1
      sends.set(free.host, send)
      return free.client
    },
    reset() {
      taken = 0
      sends.clear()
    },
  }
}

function intercept(sends: ReadonlyMap<string, Send>): void {
  const passed = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    if (!url.hostname.endsWith('.simulated')) return passed(input, init)
    const send = sends.get(url.hostname)
    if (send === undefined) throw new Error(`Nobody answers for ${url.hostname} any more.`)
    const { status, body } = await send(url.pathname, JSON.parse(String(init?.body)))
    const text = JSON.stringify(body)
    // A real Response reads its text through a stream, and so not within this turn of the event loop.
    return { ok: status === 200, status, headers: new Headers(), text: async () => text } as Response
  }
}

/** Web Crypto hashes on another thread, and the names of scripts would come at a moment of their own. */
function hashAtOnce(): void {
  const { subtle } = globalThis.crypto
  const digest = subtle.digest.bind(subtle)
  subtle.digest = async (algorithm, data) => {
    if (algorithm !== 'SHA-1') return digest(algorithm, data)
    const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data
    return new Uint8Array(createHash('sha1').update(new Uint8Array(bytes)).digest()).buffer
  }
}
