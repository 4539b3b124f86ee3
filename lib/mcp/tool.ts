import type { CallToolResult, McpServer, StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import type * as z from 'zod'
import { type Caller, includesRole, type Role } from '../commands/command.js'
import type { Served } from '../core/data-plane.js'
import type { Sighting } from '../core/session.js'
import { shownError } from './errors.js'
import { remembered } from './remembered-schema.js'
import { type Freshness, freshnessOf, freshnessTold } from './session.js'

/** A tool, made once and registered on the server of every request whose caller may see it. */
export interface Tool {
  name: string
  title: string
  description: string
  /** The least role that sees and calls it; `writer`: whoever may write records; `null`: every caller. */
  role: Role | 'writer' | null
  annotations: Hints
  inputSchema: z.ZodType
  outputSchema: z.ZodType
  run(input: unknown, caller: Caller | undefined, fresh: Freshness): Promise<ToolAnswer>
}

/** All four, always: what a client may assume where one is missing differs between clients. */
export interface Hints {
  readOnlyHint: boolean
  destructiveHint: boolean
  idempotentHint: boolean
  openWorldHint: boolean
}

export interface ToolAnswer {
  output: unknown
  served?: Served
  /** The records that the answer tells of, with their versions. */
  seen?: readonly Sighting[]
  /** Where it was read before: how long ago, in milliseconds. */
  ageMs?: number
}

/**
 * The same as over HTTP: where records are open, everybody writes them; elsewhere the application's clients and
 * operators do, and a viewer reads.
 */
export function mayUse({ role }: Tool, caller: Caller | undefined, recordsAreOpen: boolean): boolean {
  if (role === null) return true
  if (role !== 'writer') return caller !== undefined && includesRole(caller.role, role)
  return recordsAreOpen || (caller !== undefined && (caller.role === null || includesRole(caller.role, 'operator')))
}

/** A tool with what every server is told of it, made once. */
export interface Prepared {
  tool: Tool
  config: Pick<Tool, 'title' | 'description' | 'annotations'> & {
    inputSchema: StandardSchemaWithJSON
    outputSchema: StandardSchemaWithJSON
  }
}

export function prepared(tool: Tool): Prepared {
  const { title, description, annotations } = tool
  const [inputSchema, outputSchema] = [remembered(tool.inputSchema), remembered(tool.outputSchema)]
  return { tool, config: { title, description, annotations, inputSchema, outputSchema } }
}

export function registerTool(
  server: McpServer,
  { tool, config }: Prepared,
  caller: Caller | undefined,
  onError: (error: unknown) => void,
): void {
  server.registerTool(tool.name, config, async (input, context) => {
    let fresh: Freshness | null = null
    try {
      fresh = freshnessOf(context.mcpReq._meta)
      return result(await tool.run(input, caller, fresh), fresh)
    } catch (error) {
      return errorResult(error, onError, fresh)
    }
  })
}

function result({ output, served, ...answer }: ToolAnswer, fresh: Freshness): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(output) }],
    structuredContent: output,
    ...(served === undefined ? {} : { _meta: { ...originOf(served), ...freshnessTold(fresh, answer) } }),
  }
}

/** Which stage and store answered; the same three as in the headers of the HTTP API. */
export function originOf({ stage, servedBy, epoch }: Served): { [key: string]: string | number } {
  return { 'cutover/stage': stage, 'cutover/served-by': servedBy, 'cutover/epoch': epoch }
}

/** Without structured content, which clients would check against the output schema. */
function errorResult(error: unknown, onError: (error: unknown) => void, fresh: Freshness | null): CallToolResult {
  const { code, message, details } = shownError(error, onError)
  return {
    isError: true,
    content: [{ type: 'text', text: `${code}: ${message}` }],
    _meta: { 'cutover/error': { code, ...details }, ...(fresh === null ? {} : freshnessTold(fresh, {})) },
  }
}
