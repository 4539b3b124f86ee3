import { McpServer, type McpServerOptions } from '@modelcontextprotocol/server'
import type { Caller } from '../commands/command.js'
import type { DataPlane } from '../core/data-plane.js'
import { CutoverError } from '../core/error.js'
import { isJsonObject, type Json } from '../core/json.js'
import type { McpCollection } from './collection.js'
import { readTools } from './read-tools.js'
import { registerRecords } from './record-resources.js'
import { searchTool } from './search-tool.js'
import { mayUse, prepared, registerTool, type Tool } from './tool.js'
import { writeTools } from './write-tools.js'

export interface ServerPlan {
  dataPlane: DataPlane
  collections: readonly McpCollection[]
  operatorTools: readonly Tool[]
  /** Nobody needs a token for the records. */
  recordsAreOpen: boolean
  version: string
  /** Options of what will register more, prompts too; `null`: nothing will. */
  extension: Pick<McpServerOptions, 'requestState'> | null
  onError: (error: unknown) => void
  now: () => number
  newId: () => string
}

/** What one message asks a server for, so that it gets no more than it needs. */
export type Need = { kind: 'tool'; name: string } | { kind: 'everything' }

export function needOf(message: Json): Need {
  if (!isJsonObject(message) || message.method !== 'tools/call' || !isJsonObject(message.params)) return EVERYTHING
  const { name } = message.params
  return typeof name === 'string' ? { kind: 'tool', name } : EVERYTHING
}

const EVERYTHING: Need = { kind: 'everything' }

/**
 * Makes the tools once, and answers what makes a server of them for each request: with one tool for the call of one,
 * whatever its name is, and with all that the caller may use for every other request.
 */
export function serverMaker(plan: ServerPlan): (caller: Caller | undefined, need: Need) => McpServer {
  const { dataPlane, onError, now, newId } = plan
  const tools = plan.collections.flatMap((collection) => [
    ...readTools(dataPlane, collection),
    searchTool(dataPlane, collection),
    ...writeTools(dataPlane, collection, { now, newId }),
  ])
  tools.push(...plan.operatorTools)
  checkNames(tools)
  const info = { name: 'cutover', title: 'cutover', version: plan.version }
  const options = {
    instructions: INSTRUCTIONS,
    capabilities: capabilities(plan.extension !== null),
    cacheHints: CACHE_HINTS,
    ...plan.extension,
  }
  const all = tools.map(prepared)
  const byName = new Map(all.map((one) => [one.tool.name, [one]]))
  return (caller, need) => {
    const server = new McpServer(info, options)
    const needed = need.kind === 'tool' ? (byName.get(need.name) ?? []) : all
    for (const one of needed)
      if (mayUse(one.tool, caller, plan.recordsAreOpen)) registerTool(server, one, caller, onError)
    if (need.kind === 'everything') registerRecords(server, plan)
    return server
  }
}

/** A collection called `runs` would have the tool `list_runs`, and every request would fail for it: say so at the start. */
function checkNames(tools: readonly Tool[]): void {
  const names = tools.map(({ name }) => name)
  const taken = names.find((name, at) => names.indexOf(name) < at)
  if (taken === undefined) return
  throw new CutoverError('configuration', `Two tools would be called ${taken}. Give the collection another name.`)
}

/**
 * Nothing here changes while it is served, and a client that is told of changes would hold a stream open for each kind.
 */
function capabilities(extended: boolean) {
  return {
    tools: { listChanged: false },
    resources: { listChanged: false, subscribe: false },
    ...(extended ? { prompts: { listChanged: false } } : {}),
  }
}

/** The list of tools depends on the caller's role, so that no cache may share it. Data is never cached. */
const CACHE_HINTS = {
  'tools/list': { ttlMs: 300_000, cacheScope: 'private' },
  'resources/templates/list': { ttlMs: 300_000, cacheScope: 'public' },
  'server/discover': { ttlMs: 300_000, cacheScope: 'public' },
} as const

const INSTRUCTIONS =
  'Records are JSON objects with an id and an etag. Pass the etag that you have read as ifMatch when a change must not ' +
  'overwrite the change of somebody else. Pass the same idempotencyKey when you repeat a write whose answer you have ' +
  'not seen. Lists end when there is no nextCursor.'
