import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { projectSchema } from '../../../../lib/commands/records/schemas.js'
import { createMcpFetch } from '../../../../lib/mcp/handler.js'
import { MapDataPlane, type Records } from './map-data-plane.js'

/** Answers one request, as a function of the platform would. */
export type Serve = (request: Request) => Promise<Response>

/** The endpoint of the product, as it is deployed, over a map. */
export function ours(records: Records): Serve {
  const serve = createMcpFetch({
    dataPlane: new MapDataPlane(records),
    collections: [{ name: 'projects', singular: 'project', schema: projectSchema }],
    version: '1.0.0',
    allowedHosts: ['bench.test'],
    allowedOrigins: ['localhost'],
    auth: { required: false },
  })
  return (request) => serve(request)
}

/**
 * The SDK as its documentation shows it: a handler that makes a server for each request, here with two tools, of the
 * schemas, the annotations and the answers of ours. It looks at no host, origin, token, role or size.
 */
export function bare(records: Records): Serve {
  const { fetch } = createMcpHandler(() => {
    const server = new McpServer({ name: 'bare', version: '1.0.0' })
    server.registerTool('get_project', GET, async ({ id }) => {
      const found = records.get(id)
      if (found === undefined) return { isError: true, content: [{ type: 'text', text: 'not-found' }] }
      return answer({ id, etag: String(found.version), record: found.value })
    })
    server.registerTool('update_project', UPDATE, async ({ id, changes }) => {
      const found = records.get(id)
      if (found === undefined) return { isError: true, content: [{ type: 'text', text: 'not-found' }] }
      const next = { value: Object.assign({}, found.value, changes), version: found.version + 1 }
      records.set(id, next)
      return answer({ id, etag: String(next.version), created: false, record: next.value })
    })
    return server
  })
  return (request) => fetch(request)
}

const record = z.looseObject({})
const etag = z.string().describe('Version of the record, for ifMatch')
const id = z.string().describe('Id of the record')

const GET = {
  title: 'Get project',
  description: 'Reads one project by its id.',
  inputSchema: z.strictObject({ id }),
  outputSchema: z.object({ id: z.string(), etag, record }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
}

const UPDATE = {
  title: 'Update project',
  description: 'Changes members of one project; the others stay as they are.',
  inputSchema: z.strictObject({
    id,
    changes: z.looseObject({}).describe('JSON merge patch: members to set; null removes a member'),
    ifMatch: z.string().min(1).describe('Do it only if the record still has this etag').optional(),
    idempotencyKey: z.string().min(1).max(255).describe('Any text of your own').optional(),
  }),
  outputSchema: z.object({ id: z.string(), etag, created: z.boolean(), record: record.nullable() }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
}

function answer(output: { [member: string]: unknown }) {
  return {
    content: [{ type: 'text' as const, text: JSON.stringify(output) }],
    structuredContent: output,
    _meta: { 'bare/stage': 'off', 'bare/served-by': 'source', 'bare/epoch': 1 },
  }
}
