import type { CallToolResult, McpServer } from '@modelcontextprotocol/server'
import type * as z from 'zod'
import { type Caller, includesRole, type Role } from '../commands/command.js'
import type { Served } from '../core/data-plane.js'
import { shownError } from './errors.js'

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
  run(input: unknown, caller: Caller | undefined): Promise<ToolAnswer>
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

export function registerTool(
  server: McpServer,
  tool: Tool,
  caller: Caller | undefined,
  onError: (error: unknown) => void,
): void {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool
  const config = { title, description, inputSchema, outputSchema, annotations }
  server.registerTool(name, config, async (input) => {
    try {
      return result(await tool.run(input, caller))
    } catch (error) {
      return errorResult(error, onError)
    }
  })
}

function result({ output, served }: ToolAnswer): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(output) }],
    structuredContent: output,
    ...(served === undefined ? {} : { _meta: originOf(served) }),
  }
}

/** Which stage and store answered; the same three as in the headers of the HTTP API. */
export function originOf({ stage, servedBy, epoch }: Served): { [key: string]: string | number } {
  return { 'cutover/stage': stage, 'cutover/served-by': servedBy, 'cutover/epoch': epoch }
}

/** Without structured content, which clients would check against the output schema. */
function errorResult(error: unknown, onError: (error: unknown) => void): CallToolResult {
  const { code, message, details } = shownError(error, onError)
  return {
    isError: true,
    content: [{ type: 'text', text: `${code}: ${message}` }],
    _meta: { 'cutover/error': { code, ...details } },
  }
}
