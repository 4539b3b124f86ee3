import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { DataPlane } from '../../lib/core/data-plane.js'
import { CutoverError } from '../../lib/core/error.js'

/** One part of a system in both of its forms: each takes the number of a call and answers the same, or throws. */
export interface PartOfSystem {
  component: string
  flag: string
  legacy: (call: number) => Promise<string>
  new: (call: number) => Promise<string>
}

/** The five parts of the example program, small and real; `faults` holds names of those whose new form is broken. */
export async function fiveParts(
  plane: DataPlane,
  dir: string,
  faults: ReadonlySet<string>,
): Promise<{ parts: PartOfSystem[]; close: () => Promise<void> }> {
  const sockets = await socketServer()
  const parts = [
    { component: 'utilities', ...utilities() },
    { component: 'search', ...search(await texts(dir), faults) },
    { component: 'error-handling', ...errorHandling() },
    { component: 'repository', ...repository(plane, dir) },
    { component: 'websocket', legacy: sockets.poll, new: sockets.send },
  ]
  return { parts: parts.map((part) => ({ ...part, flag: `new-${part.component}` })), close: sockets.close }
}

type Both = Pick<PartOfSystem, 'legacy' | 'new'>

/** Names become parts of addresses: by a chain of replacements, and by Unicode's decomposition. */
function utilities(): Both {
  const from = (call: number): string => `  Réport №${call}: Ünits & Fëes `
  return {
    legacy: async (call) =>
      from(call)
        .replace(/[éë]/g, 'e')
        .replace(/Ü/g, 'U')
        .replace(/№/g, 'No')
        .replace(/[^A-Za-z0-9]+/g, '-')
        .replace(/^-|-$/g, '')
        .toLowerCase(),
    new: async (call) =>
      (
        from(call)
          .normalize('NFKD')
          .replace(/\p{M}/gu, '')
          .match(/[\p{L}\p{N}]+/gu) ?? []
      )
        .join('-')
        .toLowerCase(),
  }
}

/** Records by what they say: by looking at all of them, and by an index of words. */
function search(records: ReadonlyMap<string, string>, faults: ReadonlySet<string>): Both {
  const index = new Map<string, string[]>()
  for (const [id, text] of records)
    for (const word of new Set(text.split(' '))) index.set(word, [...(index.get(word) ?? []), id])
  const word = (call: number): string => `word${call % 10}`
  return {
    legacy: async (call) =>
      [...records].flatMap(([id, text]) => (text.split(' ').includes(word(call)) ? [id] : [])).join(),
    new: async (call) => {
      if (faults.has('search') && call % 2 === 0) throw new Error('the index is being written')
      return (index.get(word(call)) ?? []).join()
    },
  }
}

/** What a caller is told of a failure: put together by hand, and from the one error there is. */
function errorHandling(): Both {
  return {
    legacy: async (call) => JSON.stringify({ code: 'not-found', detail: `There is no record ${call}.` }),
    new: async (call) => {
      try {
        throw new CutoverError('not-found', `There is no record ${call}.`)
      } catch (error) {
        if (!(error instanceof CutoverError)) throw error
        return JSON.stringify({ code: error.code, detail: error.message })
      }
    },
  }
}

/** A record's name: from the document of all of them, and from the data plane. */
function repository(plane: DataPlane, dir: string): Both {
  const id = (call: number): string => `projects/${call % 10}`
  return {
    legacy: async (call) => {
      const all = JSON.parse(await readFile(join(dir, 'projects.json'), 'utf8')) as { [id: string]: { name: string } }
      return all[id(call)]?.name ?? ''
    },
    new: async (call) => {
      const read = await plane.get('projects', id(call))
      return read.kind === 'found' ? String(read.value.name) : ''
    },
  }
}

async function texts(dir: string): Promise<Map<string, string>> {
  const all = JSON.parse(await readFile(join(dir, 'projects.json'), 'utf8')) as { [id: string]: { text: string } }
  return new Map(Object.entries(all).map(([id, { text }]) => [id, text]))
}

/** A message to those who are connected: fetched by a request, and sent over a socket that stays open (RFC 6455). */
async function socketServer(): Promise<{
  poll: (call: number) => Promise<string>
  send: (call: number) => Promise<string>
  close: () => Promise<void>
}> {
  const server = createServer((incoming, answer) => void answer.end(`echo ${incoming.url?.slice(1)}`))
  const open = new Set<Duplex>()
  server.on('upgrade', (incoming, socket: Duplex) => {
    open.add(socket)
    const key = createHash('sha1').update(`${incoming.headers['sec-websocket-key']}${MAGIC}`).digest('base64')
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    socket.write(`${[...head, `Sec-WebSocket-Accept: ${key}`].join('\r\n')}\r\n\r\n`)
    socket.on('error', () => socket.destroy())
    onFrames(socket, (text) => void socket.write(frame(`echo ${text}`, false)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const socket = await connected(port)
  const waiting: ((text: string) => void)[] = []
  onFrames(socket, (text) => waiting.shift()?.(text))
  return {
    poll: async (call) => (await fetch(`http://127.0.0.1:${port}/${call}`)).text(),
    send: (call) =>
      new Promise((resolve) => {
        waiting.push(resolve)
        socket.write(frame(String(call), true))
      }),
    close: () => closed(server, [socket, ...open]),
  }
}

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

function connected(port: number): Promise<Socket> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': Buffer.from('sixteen bytes ok').toString('base64'),
    'sec-websocket-version': '13',
  }
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', headers })
      .on('upgrade', (_answer, socket: Socket) => resolve(socket))
      .on('error', reject)
      .end()
  })
}

/** Short texts only. A client masks what it sends. */
function frame(text: string, masked: boolean): Buffer {
  const payload = Buffer.from(text)
  const mask = Buffer.from([7, 11, 13, 17])
  if (!masked) return Buffer.concat([Buffer.from([0x81, payload.length]), payload])
  const hidden = payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, hidden])
}

function onFrames(socket: Duplex, take: (text: string) => void): void {
  let held: Buffer = Buffer.alloc(0)
  socket.on('data', (more: Buffer) => {
    held = Buffer.concat([held, more])
    for (;;) {
      const masked = ((held[1] ?? 0) & 0x80) !== 0
      const length = (held[1] ?? 0) & 0x7f
      const begins = masked ? 6 : 2
      if (held.length < 2 || held.length < begins + length) return
      const mask = held.subarray(2, 6)
      const payload = held.subarray(begins, begins + length)
      take(Buffer.from(payload.map((byte, at) => (masked ? byte ^ (mask[at % 4] ?? 0) : byte))).toString())
      held = held.subarray(begins + length)
    }
  })
}

async function closed(server: Server, sockets: readonly Duplex[]): Promise<void> {
  for (const socket of sockets) socket.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}
