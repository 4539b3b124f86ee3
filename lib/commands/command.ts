import type * as z from 'zod'

/** What a caller may do; each role includes those before it. */
export const ROLES = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

export function includesRole(held: Role | null, needed: Role): boolean {
  return held !== null && ROLES.indexOf(held) >= ROLES.indexOf(needed)
}

export interface Caller {
  /** Who acts, for the audit trail: the name of the token (`admin-token`, `cron`, ...), never the token. */
  name: string
  /** `null`: a client of the application, without any of the operators' rights. */
  role: Role | null
}

/**
 * One verb of the operators, described once and served by every surface: its kebab-case `name` is its file, its CLI
 * subcommand, its MCP tool (with underscores), its HTTP operation id and its audit action.
 */
export interface Command<Context, Input extends z.ZodType, Output extends z.ZodType> {
  name: string
  /** What it is about; surfaces group by it. */
  area?: string
  /** One sentence, shown by the CLI, the API description and MCP alike. */
  summary: string
  role: Role
  /** It changes nothing. */
  readOnly: boolean
  /** It can make something worse that takes time to mend: surfaces ask for confirmation. */
  destructive: boolean
  /** Path (and others that callers know it by) below `/api/migration`, with `{name}` parameters taken from the input's members of the same name. */
  http: { method: 'GET' | 'POST' | 'PUT' | 'DELETE'; path: string; also?: readonly string[] }
  /** Strict: a misspelt `rolloutPercent` that is passed over would move everything. */
  input: Input
  output: Output
  run(context: Context, input: z.output<Input>, caller: Caller): Promise<z.input<Output>>
}

export function command<Context, Input extends z.ZodType, Output extends z.ZodType>(
  descriptor: Command<Context, Input, Output>,
): Command<Context, Input, Output> {
  return descriptor
}
