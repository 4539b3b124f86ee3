import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { administer } from './admin.js'
import { type Answer, type Asked, failure, handleApi } from './api.js'
import { type Blobs, openBlobs } from './blobs.js'
import { type Fault, type FaultList, faultList } from './faults.js'
import { handleRead } from './reads.js'

export interface BlobServerOptions {
  /** Where blobs are kept across restarts; without it they are lost with the server. */
  dataDir?: string
  /** A read-write token of the form `vercel_blob_rw_<storeId>_<secret>`. */
  token?: string
  /** 0 (the default) takes any free port. */
  port?: number
}

export interface BlobServer {
  /** For `VERCEL_BLOB_API_URL`. */
  apiUrl: string
  /** Stands for `https://<storeId>.private.blob.vercel-storage.com`. */
  readUrl: string
  token: string
  faults: FaultList
  /** While on, every connection is cut before anything is done. */
  outage(on: boolean): void
  stats(): BlobServerStats
  close(): Promise<void>
}

interface BlobServerStats {
  requests: number
  faulted: number
  blobs: number
}

/**
 * A server that the official `@vercel/blob` SDK accepts, for a laptop and for tests: put, copy, head, list and delete
 * with their conditions at `apiUrl`, private reads at `readUrl`, and `POST /__admin/faults`, `POST /__admin/outage`
 * (`{"on": true}`), `GET /__admin/stats` for whoever wants to break it from another process.
 *
 * Not here: multipart and client uploads, signed URLs, images, public access, CDN caching (every read is as fresh as
 * with `cache=0`). ETags are a digest of the bytes, as the real store's are: the same bytes again have the same ETag.
 */
export async function startBlobServer(options: BlobServerOptions = {}): Promise<BlobServer> {
  const token = options.token ?? 'vercel_blob_rw_localstore_localsecret'
  const blobs = openBlobs(options.dataDir)
  const faults = faultList()
  const counts = { requests: 0, faulted: 0 }
  let out = false

  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy())
  })
  const origin = await listen(server, options.port ?? 0)
  const readUrl = `${origin}${readPath}`

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', origin)
    const body = await readBody(request)
    if (body === null) return send(response, failure(413, 'bad_request', 'the file length cannot be greater than 8 MB'))
    if (url.pathname.startsWith('/__admin/'))
      return send(response, administer(request.method ?? 'GET', url.pathname, body, { faults, outage, stats }))
    counts.requests += 1
    const fault = out ? cut : faults.take(request.method ?? 'GET', url.pathname)
    if (fault !== null) counts.faulted += 1
    if (fault?.kind === 'drop-before') return void request.socket.destroy()
    if (fault?.kind === 'status') return send(response, failure(fault.status, fault.code, 'An injected fault.'))
    if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms))
    const asked = { method: request.method ?? 'GET', url, headers: request.headers, body }
    const answer = route(asked, blobs, token, readUrl)
    if (fault?.kind === 'drop-after') return void request.socket.destroy()
    send(response, answer)
  }

  function outage(on: boolean): void {
    out = on
  }

  function stats(): BlobServerStats {
    return { ...counts, blobs: blobs.names().length }
  }

  return {
    apiUrl: `${origin}${apiPath}`,
    readUrl,
    token,
    faults,
    outage,
    stats,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const apiPath = '/api/blob'
const readPath = '/read'
const bodyBytesMax = 8 * 1024 * 1024
const cut: Fault = { kind: 'drop-before', times: 1 }

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function route(asked: Asked, blobs: Blobs, token: string, readUrl: string): Answer {
  const path = asked.url.pathname
  if (path.startsWith(`${readPath}/`)) {
    return handleRead(asked, decodeURIComponent(path.slice(readPath.length + 1)), blobs, token)
  }
  if (path.startsWith(apiPath)) return handleApi(asked, path.slice(apiPath.length), blobs, token, readUrl)
  return failure(404, 'not_found', 'No such route.')
}

/** The whole body, or null when it is larger than a document may be. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > bodyBytesMax) return null
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
}
