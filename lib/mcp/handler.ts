import { createMcpHandler, isLegacyRequest, type McpServer, type McpServerOptions } from '@modelcontextprotocol/server'
import type { Caller } from '../commands/command.js'
import type { DataPlane } from '../core/data-plane.js'
import { type AuthPolicy, challenge } from './auth.js'
import { readMessage } from './body.js'
import type { McpCollection } from './collection.js'
import { finish, type GatePolicy, refuseAtGate } from './gate.js'
import { type ExchangeOptions, exchangeLegacy } from './legacy.js'
import { type Need, needOf, type ServerPlan, serverMaker } from './server.js'
import type { Tool } from './tool.js'

export interface McpOptions extends GatePolicy {
  dataPlane: DataPlane
  collections: readonly McpCollection[]
  /** From `operatorTools`. */
  operatorTools?: readonly Tool[]
  /** Shown to clients as the server's version. */
  version: string
  /** Absent: anybody may call, and no token is looked for. */
  auth?: AuthPolicy
  /** Faults that clients are told nothing about, and what the SDK says of requests it refuses. Messages are not ours. */
  onError?: (error: unknown) => void
  now?: () => number
  newId?: () => string
  /** Registers more on every server before it serves; for the conformance suite's own tools, never in production. */
  extend?: (server: McpServer) => void
  /** The same, for servers that are to answer the era of sessions only. */
  extendLegacy?: (server: McpServer) => void
  /** How `extend` checks the state that its tools send round by way of the client. */
  extendOptions?: Pick<McpServerOptions, 'requestState'>
}

export type McpFetch = (request: Request, caller?: Caller) => Promise<Response>

/**
 * The MCP endpoint: protocol 2026-07-28, and 2025-11-25 and its forerunners for clients that still begin with
 * `initialize`. Whoever mounts it has resolved the token to `caller` already.
 *
 * Nothing outlives a request: no session, no event store, no subscription. So any instance may answer any request, a
 * deployment or a restart is not noticed, and session ids that clients still send are ignored. Every request gets a
 * server of its own, since one server cannot serve two requests at once; schemas and tools are made once.
 *
 * Lost with that: the server cannot ask the client on its own account, nor tell it that something has changed; it
 * advertises neither.
 */
export function createMcpFetch(options: McpOptions): McpFetch {
  const plan = planOf(options)
  const makeServer = serverMaker(plan)
  const known = new WeakMap<Request, { caller: Caller | undefined; need: Need }>()
  const modern = createMcpHandler(
    ({ requestInfo }) => {
      const { caller, need } = (requestInfo && known.get(requestInfo)) ?? NOBODY
      const server = makeServer(caller, need)
      options.extend?.(server)
      return server
    },
    { legacy: 'reject', responseMode: 'auto', onerror: report },
  )

  function report(error: unknown): void {
    plan.onError(error)
  }

  function makeLegacyServer(caller: Caller | undefined, need: Need): McpServer {
    const server = makeServer(caller, need)
    options.extend?.(server)
    options.extendLegacy?.(server)
    return server
  }

  async function serve(request: Request, caller: Caller | undefined): Promise<Response> {
    const refused = refuseAtGate(request, options) ?? challenge(request, caller, options.auth)
    if (refused !== null) return refused
    const message = await readMessage(request)
    if (message.kind === 'refused') return message.response
    const need = needOf(message.body)
    const exchange: ExchangeOptions = { parsedBody: message.body }
    if (await isLegacyRequest(request, message.body)) {
      return exchangeLegacy(request, exchange, makeLegacyServer(caller, need), report)
    }
    known.set(request, { caller, need })
    return modern.fetch(request, exchange)
  }

  return async function mcpFetch(request, caller) {
    try {
      return finish(request, options, await serve(request, caller))
    } catch (error) {
      report(error)
      const fault = { code: -32603, message: 'Internal error' }
      return Response.json({ jsonrpc: '2.0', error: fault, id: null }, { status: 500 })
    }
  }
}

/** Never used as long as the SDK hands on the request that it was given; then still nobody gets more than a stranger. */
const NOBODY = { caller: undefined, need: { kind: 'everything' } } as const

function planOf(options: McpOptions): ServerPlan {
  return {
    dataPlane: options.dataPlane,
    collections: options.collections,
    operatorTools: options.operatorTools ?? [],
    recordsAreOpen: options.auth?.required !== true,
    version: options.version,
    extension: options.extend === undefined ? null : (options.extendOptions ?? {}),
    onError: options.onError ?? (() => {}),
    now: options.now ?? Date.now,
    newId: options.newId ?? (() => crypto.randomUUID()),
  }
}
