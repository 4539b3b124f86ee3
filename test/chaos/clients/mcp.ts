import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { z } from 'zod'
import type { JsonObject } from '../../../lib/core/json.js'
import type { MCP_CLIENTS } from '../../../scripts/demo/clients/mcp.js'
import type { CollectionName } from '../../../scripts/demo/manifests.js'
import { meaningOf, type Page, type RecordClient, stateOf, type Told, type WriteKind } from './client.js'

/** An official MCP client, connected once; a call that is not answered must not cost it its connection. */
export async function mcpClient(
  url: string,
  { name, connect }: (typeof MCP_CLIENTS)[number],
  patienceMs: number,
): Promise<RecordClient> {
  const client = await connect(url)
  let closes = 0
  let closing = false
  client.onclose = () => {
    if (!closing) closes++
  }
  async function call(tool: string, args: JsonObject): Promise<Result | Error> {
    try {
      const signal = AbortSignal.timeout(patienceMs)
      const request = { name: tool, arguments: args }
      const options = { timeout: 2 * patienceMs, signal }
      // The older client takes a schema in between.
      if (client instanceof ClientV1) return resultShape.parse(await client.callTool(request, undefined, options))
      return resultShape.parse(await client.callTool(request, options))
    } catch (error) {
      return error instanceof Error ? error : new Error('unknown')
    }
  }
  return {
    name,
    writes: ['create', 'patch', 'patch', 'delete'],
    async get({ collection, id }) {
      const result = await call(`get_${SINGULAR[collection]}`, { id })
      const told = toldBy(result, (output) => {
        const { etag, record } = itemShape.parse(output)
        return { etag, value: stateOf(record as JsonObject) }
      })
      // Where nothing is there no tool tells the stage.
      return told.kind === 'refused' ? { kind: 'answered', told: null, stage: '', servedBy: '' } : told
    },
    list: async (collection, limit, cursor) =>
      toldBy(await call(`list_${collection}`, { limit, ...(cursor === null ? {} : { cursor }) }), pageOf),
    search: async (collection, query, limit) => toldBy(await call(`search_${collection}`, { query, limit }), pageOf),
    async write({ collection, id }, { kind, body, ifMatch }, key) {
      const named = key === null ? {} : { idempotencyKey: key }
      const condition = ifMatch === null ? {} : { ifMatch }
      const of = kind === 'create' ? body : kind === 'patch' ? { id, changes: body } : { id }
      const result = await call(`${VERBS[kind]}_${SINGULAR[collection]}`, { ...of, ...condition, ...named })
      return toldBy(result, (output) => {
        const { etag, record } = writtenShape.parse(output)
        if (kind === 'delete') return { etag, value: null }
        return { etag, value: record == null ? undefined : stateOf(record as JsonObject) }
      })
    },
    reconnects: () => closes,
    close: async () => {
      closing = true
      await client.close()
    },
  }
}

const SINGULAR: { readonly [name in CollectionName]: string } = { projects: 'project', resources: 'resource' }
const VERBS: { readonly [kind in WriteKind]: string } = {
  create: 'create',
  patch: 'update',
  delete: 'delete',
  put: 'replace', // there is no such tool
}

const resultShape = z.object({
  isError: z.boolean().optional(),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  _meta: z.record(z.string(), z.unknown()).optional(),
})
type Result = z.infer<typeof resultShape>

const recordShape = z.looseObject({})
const itemShape = z.object({ id: z.string(), etag: z.string(), record: recordShape })
const writtenShape = z.object({ etag: z.string(), record: recordShape.nullish() })
const pageShape = z.object({ items: z.array(itemShape), nextCursor: z.string().optional() })

function toldBy<T>(result: Result | Error, read: (output: unknown) => T): Told<T> {
  if (result instanceof Error) return meaningOfThrown(result)
  const { isError, _meta = {}, structuredContent } = result
  if (isError) {
    const error = _meta['cutover/error']
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no code'
    const meaning = meaningOf(code)
    return meaning === undefined ? { kind: 'broken', what: `a tool error: ${code}` } : { kind: meaning }
  }
  const [stage, servedBy] = [String(_meta['cutover/stage']), String(_meta['cutover/served-by'])]
  return { kind: 'answered', told: read(structuredContent), stage, servedBy }
}

/** A client throws where it got no answer; an answer that it could not take is another matter. */
function meaningOfThrown(error: Error): Told<never> {
  const text = `${error.name}: ${error.message}`
  const causes = `${text} ${String(error.cause ?? '')}`
  if (/fetch failed|terminated|abort|timed? ?out|timeout|socket|ECONN|other side closed/i.test(causes)) {
    return { kind: 'unknown' }
  }
  return { kind: 'broken', what: text.slice(0, 300) }
}

function pageOf(output: unknown): Page {
  const { items, nextCursor } = pageShape.parse(output)
  const seen = items.map(({ id, etag, record }) => ({ id, etag, value: stateOf(record as JsonObject) }))
  return { items: seen, next: nextCursor ?? null }
}
