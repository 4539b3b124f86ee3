import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Office } from './office.js'
import { Refusal } from './refusal.js'
import type { Reply } from './route.js'
import { answer } from './router.js'

/** The HTTP side: bearer token, limited bodies, JSON answers. */
export function createHttpServer(office: Office): Server {
  return createServer((request, response) => {
    answerRequest(office, request).then(
      (reply) => send(response, reply),
      (error: unknown) => send(response, errorReply(error)),
    )
  })
}

async function answerRequest(office: Office, request: IncomingMessage): Promise<Reply> {
  const { token, messageBytesMax } = office.settings
  if (!sameText(request.headers.authorization ?? '', `Bearer ${token}`)) {
    request.resume()
    throw new Refusal(401, 'unauthorized: the bearer token is missing or wrong')
  }
  const body = await readBody(request, messageBytesMax)
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ])
  return await answer(request.method ?? 'GET', request.url ?? '/', {
    office,
    headers: Object.fromEntries(headers),
    body,
    callerIp: request.socket.remoteAddress ?? '',
  })
}

/** The rest of a body that is too large is read and thrown away, so that the refusal reaches the caller. */
async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= bytesMax) chunks.push(chunk)
  }
  if (size > bytesMax) throw new Refusal(413, `message too large: at most ${bytesMax} bytes are taken`)
  return Buffer.concat(chunks)
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply.kind === 'cut') {
    response.destroy()
  } else if (reply.kind === 'empty') {
    response.writeHead(200).end()
  } else {
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body))
  }
}

function errorReply(error: unknown): Reply {
  if (error instanceof Refusal) return { kind: 'json', status: error.status, body: { error: error.message } }
  const reason = error instanceof Error ? error.message : 'unknown'
  return { kind: 'json', status: 500, body: { error: `internal error: ${reason}` } }
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
