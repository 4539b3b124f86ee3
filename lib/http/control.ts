import { type Context, Hono } from 'hono'
import type * as z from 'zod'
import type { Command } from '../commands/command.js'
import { schemaFault } from '../commands/records/check.js'
import { CutoverError } from '../core/error.js'
import { isJsonObject } from '../core/json.js'
import { parseJsonText } from '../core/json-text.js'
import type { Authorizer } from './authorize.js'
import { checkContentType, readText } from './body.js'
import { pathSegments } from './path.js'

/**
 * The operators' commands under `/api/migration`, each where its descriptor says. Input comes from the path, and from
 * the query (GET) or a JSON body (all others). A refusal answers 409 with the refusal itself as its body; errors are
 * thrown, and the app that mounts this turns them into problem documents.
 */
export function controlRoutes<Ctx>(parts: ControlParts<Ctx>): Hono {
  const app = new Hono()
  const { looking = parts.context } = parts
  for (const { command, path: pattern } of literalsFirst(parts.commands.flatMap(placesOf))) {
    const path = CONTROL_BASE + pattern.replace(/\{(\w+)\}/g, ':$1')
    app.on(command.http.method, path, async (c) => {
      const caller = await parts.authorizer.authorizeRole(c.req.raw, command.role)
      const input = await commandInput(c, command, pattern)
      const result: unknown = await command.run(command.readOnly ? looking : parts.context, input, caller)
      const refused = isJsonObject(result) && result.kind === 'refused'
      c.header('Content-Type', 'application/json')
      c.header('Cache-Control', 'no-store')
      const renewal = await parts.renewal?.(c.req.raw)
      if (typeof renewal === 'string') c.header('Set-Cookie', renewal)
      return c.body(JSON.stringify(result ?? null), refused ? 409 : 200)
    })
  }
  return app
}

export interface ControlParts<Ctx> {
  commands: readonly Command<Ctx, z.ZodType, z.ZodType>[]
  context: Ctx
  /** For commands that only read; default: the same. */
  looking?: Ctx
  authorizer: Authorizer
  /** The cookie of a session that is in use and due to be renewed, for `Set-Cookie`. */
  renewal?: (request: Request) => Promise<string | null>
}

export const CONTROL_BASE = '/api/migration'
const INPUT_BYTES_MAX = 1_000_000

/** `/runs/active` is served before `/runs/{runId}`, in whatever order they are listed. */
function literalsFirst<P extends { path: string }>(places: readonly P[]): P[] {
  const rank = ({ path }: P) => path.replaceAll('{', '\uffff')
  return places.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
}

/** A command under each path that callers know it by. */
export function placesOf<C extends { http: { path: string; also?: readonly string[] } }>(
  command: C,
): { command: C; path: string }[] {
  const { path, also = [] } = command.http
  return [path, ...also].map((each) => ({ command, path: each }))
}

type Described = { http: { method: string; path: string }; input: z.ZodType; name: string }

async function commandInput(c: Context, command: Described, pattern: string): Promise<unknown> {
  const request = c.req.raw
  const texts = new Map<string, readonly string[]>()
  if (command.http.method === 'GET') {
    const query = new URL(request.url).searchParams
    for (const name of query.keys()) texts.set(name, query.getAll(name))
  }
  const fromBody = command.http.method === 'GET' ? {} : await bodyInput(request)
  for (const [name, value] of pathParameters(request, pattern)) {
    const [other] = Object.hasOwn(fromBody, name) ? [fromBody[name]] : (texts.get(name) ?? [value])
    if (other !== value) throw new CutoverError('invalid-input', `"${name}" differs from the one in the path.`)
    texts.set(name, [value])
  }
  return parseInput(command, fromBody, texts)
}

async function bodyInput(request: Request): Promise<{ [name: string]: unknown }> {
  const text = await readText(request, INPUT_BYTES_MAX)
  if (text === '') return {}
  checkContentType(request, ['application/json'])
  const body = parseJsonText(text, 'The body', { duplicates: true })
  if (!isJsonObject(body)) throw new CutoverError('invalid-input', 'The body is not a JSON object.')
  return body
}

function pathParameters(request: Request, pattern: string): [name: string, value: string][] {
  const values = pathSegments(request)
  const places = (CONTROL_BASE + pattern).slice(1).split('/')
  return places.flatMap((place, at): [string, string][] => {
    const name = /^\{(\w+)\}$/.exec(place)?.[1]
    return name === undefined ? [] : [[name, values[at] ?? '']]
  })
}

/**
 * Paths and queries carry only texts. They are tried as they are; where the schema then asks for a number, a boolean
 * or a list, that is read from the text. So `"7"` stays a text where a text is asked for.
 */
async function parseInput(
  command: Described,
  fromBody: { [name: string]: unknown },
  texts: ReadonlyMap<string, readonly string[]>,
): Promise<unknown> {
  const members = new Map<string, unknown>(Object.entries(fromBody))
  for (const [name, values] of texts) members.set(name, values.length === 1 ? values[0] : values)
  const first = await command.input.safeParseAsync(Object.fromEntries(members))
  if (first.success) return first.data
  for (const issue of first.error.issues) {
    const name = issue.path.length === 1 ? String(issue.path[0]) : ''
    const values = texts.get(name)
    if (values !== undefined && issue.code === 'invalid_type') members.set(name, readAs(issue.expected, values))
  }
  const second = await command.input.safeParseAsync(Object.fromEntries(members))
  if (second.success) return second.data
  throw schemaFault(second.error, `The input of ${command.name}`)
}

function readAs(expected: string, values: readonly string[]): unknown {
  const [text = ''] = values
  if (expected === 'array' || values.length > 1) return values
  if ((expected === 'number' || expected === 'int') && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text)
  if (expected === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}
