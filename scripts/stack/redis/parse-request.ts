import type { Argument, Command } from './commands.js'

export type ParsedRequest =
  | { form: 'single' | 'pipeline' | 'multi-exec'; commands: readonly Command[] }
  | { form: 'invalid'; error: string }

/**
 * Reads the three forms of a request:
 * - `POST /` with `["SET", "key", "value"]`;
 * - `POST /pipeline` and `POST /multi-exec` with a list of such commands;
 * - a path, `/set/key/value?EX=100`; a body is taken, byte for byte, as the argument after the path.
 */
export function parseRequest(url: URL, body: Buffer): ParsedRequest {
  const path = url.pathname.replace(/^\/+|\/+$/g, '')
  if (path === 'pipeline' || path === 'multi-exec') return parseBatch(path, body)
  return path === '' ? parseSingle(body) : parsePath(path, url, body)
}

function parseSingle(body: Buffer): ParsedRequest {
  const command = toCommand(parseJson(body))
  return typeof command === 'string' ? invalid(command) : { form: 'single', commands: [command] }
}

function parseBatch(form: 'pipeline' | 'multi-exec', body: Buffer): ParsedRequest {
  const items = parseJson(body)
  if (!Array.isArray(items)) return invalid('ERR failed to parse pipeline request')
  if (items.length === 0) return invalid('ERR empty pipeline request')
  const commands: Command[] = []
  for (const item of items) {
    const command = toCommand(item)
    if (typeof command === 'string') return invalid(command)
    commands.push(command)
  }
  return { form, commands }
}

function parsePath(path: string, url: URL, body: Buffer): ParsedRequest {
  const words: Argument[] = []
  try {
    for (const segment of path.split('/')) words.push(decodeURIComponent(segment))
  } catch {
    return invalid('ERR failed to parse command: the path is not valid percent-encoding')
  }
  if (body.length > 0) words.push(body)
  for (const [name, value] of url.searchParams) {
    if (name !== '_token') words.push(...(value === '' ? [name] : [name, value]))
  }
  const [name = '', ...args] = words
  return { form: 'single', commands: [{ name: String(name).toUpperCase(), args }] }
}

/** A command, or the error text if this is none. */
function toCommand(item: unknown): Command | string {
  if (!Array.isArray(item)) return 'ERR failed to parse command'
  const args: string[] = []
  for (const argument of item as unknown[]) {
    if (argument === null) return 'ERR null args are not supported'
    if (typeof argument === 'object') return 'ERR failed to parse command: arguments are strings, numbers or booleans'
    args.push(String(argument))
  }
  const name = args.shift()
  return name === undefined || name === '' ? 'ERR empty command' : { name: name.toUpperCase(), args }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

function invalid(error: string): ParsedRequest {
  return { form: 'invalid', error }
}
