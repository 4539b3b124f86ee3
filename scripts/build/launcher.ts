import { AsyncLocalStorage } from 'node:async_hooks'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { contentTypeOf } from './content-types.js'
import { type DeployedFunction, readDeployment, routeOf } from './deployment.js'
import type { Invocation, LauncherMessage, LauncherOptions } from './launch.js'

/**
 * Serves built functions as Vercel does: a function is loaded at its first request, sees the request under its own
 * URL, gets `waitUntil` and its deadline from the request context, and is answered for with 504 when that is over.
 *
 * A process of its own, started by `launch`. Not here: instances (one process is one of each function), streaming
 * limits, the edge network's headers.
 */
const { vercelJson, functionsDir, publicDir, deadlineMs }: LauncherOptions = JSON.parse(process.argv[2] ?? '{}')
const deployment = readDeployment(vercelJson)
const contexts = new AsyncLocalStorage<RequestContext>()
Object.assign(globalThis, { [Symbol.for('@vercel/request-context')]: { get: () => contexts.getStore() } })

interface RequestContext {
  waitUntil: (work: Promise<unknown>) => void
  /** Wall-clock milliseconds. */
  deadline: number
}

/** The platform's limit for requests and answers. */
const BODY_BYTES_MAX = 4.5 * 1024 * 1024

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    console.error(error)
    fail(response, 500, 'FUNCTION_INVOCATION_FAILED')
  })
})
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  process.env.CUTOVER_PUBLIC_URL ??= url
  tell({ kind: 'ready', url })
})
process.on('disconnect', () => process.exit(0))

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
  const body = await bodyOf(request)
  if (body === null) return fail(response, 413, 'FUNCTION_PAYLOAD_TOO_LARGE')
  const route = routeOf(deployment, url.pathname, (path) => path !== '/' && existsSync(join(publicDir, path)))
  if (route.kind === 'none') return fail(response, 404, 'NOT_FOUND')
  if (route.kind === 'static') {
    response.writeHead(200, { 'content-type': contentTypeOf(route.path) })
    response.end(readFileSync(join(publicDir, route.path)))
    return
  }
  const found = deployment.functions.find(({ name }) => name === route.name)
  if (found !== undefined) await invoke(found, toRequest(request, url, body), response)
}

async function invoke(deployed: DeployedFunction, request: Request, response: ServerResponse): Promise<void> {
  const handle = await handlerOf(deployed.name)
  const deadline = Date.now() + (deadlineMs ?? deployed.maxDurationMs)
  const background: Promise<unknown>[] = []
  const context: RequestContext = { deadline, waitUntil: (work) => void background.push(work) }
  const { pathname: path } = new URL(request.url)
  const invocation: Invocation = {
    name: deployed.name,
    method: request.method,
    path,
    status: 504,
    deadline,
    endedAt: 0,
  }
  const timer = setTimeout(() => fail(response, 504, 'FUNCTION_INVOCATION_TIMEOUT'), deadline - Date.now())
  try {
    const answered = await contexts.run(context, () => handle(request))
    if (response.headersSent) return
    await send(answered, response)
    invocation.status = answered.status
    while (background.length > 0) await Promise.allSettled(background.splice(0))
  } finally {
    clearTimeout(timer)
    invocation.endedAt = Date.now()
    tell({ kind: 'invocation', invocation })
  }
}

type Handler = (request: Request) => Response | Promise<Response>
const handlers = new Map<string, Promise<Handler>>()

function handlerOf(name: string): Promise<Handler> {
  const loaded = handlers.get(name) ?? load(join(functionsDir, `${name}.func`))
  handlers.set(name, loaded)
  return loaded
}

/** A default export with `fetch`, else one export for each method. */
async function load(folder: string): Promise<Handler> {
  const { handler }: { handler: string } = JSON.parse(readFileSync(join(folder, '.vc-config.json'), 'utf8'))
  const loaded: { default?: { fetch?: Handler }; [method: string]: unknown } = await import(
    pathToFileURL(join(folder, handler)).href
  )
  const app = loaded.default
  if (app?.fetch !== undefined) return (request) => app.fetch?.(request) ?? new Response(null, { status: 500 })
  return (request) => {
    const method = loaded[request.method]
    return typeof method === 'function' ? method(request) : new Response(null, { status: 405 })
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes <= BODY_BYTES_MAX) parts.push(part)
  }
  return bytes > BODY_BYTES_MAX ? null : Buffer.concat(parts)
}

function toRequest(request: IncomingMessage, url: URL, body: Buffer): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one)
  }
  const method = request.method ?? 'GET'
  const carriesBody = method !== 'GET' && method !== 'HEAD' && body.length > 0
  return new Request(url, { method, headers, ...(carriesBody ? { body: new Uint8Array(body) } : {}) })
}

async function send(answered: Response, response: ServerResponse): Promise<void> {
  const headers = Object.fromEntries(answered.headers)
  response.writeHead(answered.status, headers)
  if (answered.body === null) return void response.end()
  for await (const part of Readable.fromWeb(answered.body as Parameters<typeof Readable.fromWeb>[0]))
    response.write(part)
  response.end()
}

function fail(response: ServerResponse, status: number, code: string): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': 'text/plain', 'x-vercel-error': code })
  response.end(code)
}

function tell(message: LauncherMessage): void {
  process.send?.(message)
}
