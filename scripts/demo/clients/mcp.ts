import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { z } from 'zod'
import { isJsonObject, type Json, type JsonObject } from '../../../lib/core/json.js'
import type { CollectionName } from '../manifests.js'
import type { Answer, Item, Origin, RecordClient } from './client.js'

/** The official clients: v2 in both protocol eras, and v1. Nothing is sent twice: what fails, its user sees. */
export const MCP_CLIENTS: { name: string; connect: (url: string) => Promise<Connected> }[] = [
  { name: 'mcp-v2-2026', connect: (url) => connectV2(url, { pin: '2026-07-28' }) },
  { name: 'mcp-v2-legacy', connect: (url) => connectV2(url, 'legacy') },
  { name: 'mcp-v1', connect: connectV1 },
]

type Connected = ClientV1 | ClientV2

async function connectV2(url: string, mode: 'legacy' | { pin: string }): Promise<ClientV2> {
  const client = new ClientV2({ name: 'demo', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(new TransportV2(new URL(`${url}/mcp`)))
  return client
}

async function connectV1(url: string): Promise<ClientV1> {
  const client = new ClientV1({ name: 'demo', version: '1' })
  const transport = new TransportV1(new URL(`${url}/mcp`))
  // Its declared type differs from that of the interface it implements in optional members only.
  await client.connect(transport as Parameters<typeof client.connect>[0])
  return client
}

export async function mcpClient(url: string, { name, connect }: (typeof MCP_CLIENTS)[number]): Promise<RecordClient> {
  const client = await connect(url)
  let closes = 0
  let closing = false
  client.onclose = () => {
    if (!closing) closes++
  }
  const call = async (tool: string, args: JsonObject): Promise<Result | string> => {
    try {
      return resultShape.parse(await client.callTool({ name: tool, arguments: args }))
    } catch (error) {
      return `${tool}: ${error instanceof Error ? error.message : 'unknown'}`
    }
  }
  const write = async (tool: string, args: JsonObject): Promise<Answer> => writeAnswer(tool, await call(tool, args))
  return {
    name,
    operations: ['get', 'create', 'patch', 'remove', 'list'],
    get: async ({ collection, id }) => {
      const tool = `get_${SINGULAR[collection]}`
      return readAnswer(tool, await call(tool, { id }))
    },
    create: ({ collection, id }, value) => write(`create_${SINGULAR[collection]}`, { ...value, id }),
    replace: async () => ({ kind: 'failed', what: 'There is no tool that replaces.' }),
    patch: ({ collection, id }, changes, ifMatch) =>
      write(`update_${SINGULAR[collection]}`, { id, changes, ...matching(ifMatch) }),
    remove: ({ collection, id }, ifMatch) => write(`delete_${SINGULAR[collection]}`, { id, ...matching(ifMatch) }),
    list: async (collection, limit, cursor) => {
      const tool = `list_${collection}`
      return pageAnswer(tool, await call(tool, { limit, ...(cursor === null ? {} : { cursor }) }))
    },
    reconnects: () => closes,
    close: async () => {
      closing = true
      await client.close()
    },
  }
}

const SINGULAR: { readonly [name in CollectionName]: string } = { projects: 'project', resources: 'resource' }

const resultShape = z.object({
  isError: z.boolean().optional(),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  content: z.array(z.looseObject({ text: z.string().optional() })),
  _meta: z.record(z.string(), z.unknown()).optional(),
})
type Result = z.infer<typeof resultShape>

function readAnswer(tool: string, result: Result | string): Answer {
  if (typeof result === 'string') return { kind: 'failed', what: result }
  if (result.isError) {
    const code = codeOf(result)
    return code === 'not-found' ? { kind: 'absent', origin: null } : { kind: 'failed', what: said(tool, result) }
  }
  const [item] = itemOf((result.structuredContent ?? null) as Json)
  const origin = originOf(result)
  if (item === undefined || origin === null) return { kind: 'failed', what: `${tool}: not the form of an answer` }
  return { kind: 'found', origin, version: item.version, value: item.value }
}

function writeAnswer(tool: string, result: Result | string): Answer {
  if (typeof result === 'string') return { kind: 'failed', what: result }
  if (result.isError) {
    const code = codeOf(result)
    return code === 'not-found' || code === 'precondition-failed'
      ? { kind: 'refused', code, origin: null }
      : { kind: 'failed', what: said(tool, result) }
  }
  const { etag, record } = (result.structuredContent ?? {}) as JsonObject
  const origin = originOf(result)
  const version = Number(/^(?:deleted-)?(\d+)$/.exec(String(etag))?.[1] ?? Number.NaN)
  if (origin === null || Number.isNaN(version)) return { kind: 'failed', what: `${tool}: not the form of an answer` }
  return { kind: 'written', origin, version, value: record !== undefined && isJsonObject(record) ? record : null }
}

function pageAnswer(tool: string, result: Result | string): Answer {
  if (typeof result === 'string') return { kind: 'failed', what: result }
  const origin = originOf(result)
  const page = (result.structuredContent ?? {}) as JsonObject
  if (result.isError || origin === null || !Array.isArray(page.items))
    return { kind: 'failed', what: said(tool, result) }
  const next = typeof page.nextCursor === 'string' ? page.nextCursor : null
  return { kind: 'page', origin, items: page.items.flatMap(itemOf), next }
}

function itemOf(item: Json): Item[] {
  if (!isJsonObject(item) || typeof item.id !== 'string' || !isJsonObject(item.record ?? null)) return []
  return [{ id: item.id, version: Number(item.etag), value: item.record as JsonObject }]
}

function matching(ifMatch: number | null): JsonObject {
  return ifMatch === null ? {} : { ifMatch: String(ifMatch) }
}

function originOf({ _meta }: Result): Origin | null {
  const stage = _meta?.['cutover/stage']
  return typeof stage === 'string' ? { stage, servedBy: String(_meta?.['cutover/served-by']) } : null
}

function codeOf({ _meta }: Result): string {
  const error = _meta?.['cutover/error']
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}

function said(tool: string, { content }: Result): string {
  return `${tool}: ${content[0]?.text ?? 'no text'}`
}
