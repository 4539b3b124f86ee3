import type { Caller } from '../commands/command.js'
import type { Operation } from '../core/operation.js'

export interface OperationSource {
  /** Wall-clock milliseconds. */
  now: () => number
  /** An id that nobody else will ever make, of `[A-Za-z0-9_-]`. */
  newId: () => string
}

export interface WriteRequest {
  caller: Caller | undefined
  collection: string
  tool: string
  /** What the client named its request; absent: it did not. */
  key: string | undefined
  /** Everything that the client asked for. */
  request: unknown
}

/**
 * The name of a write. With a key of the client's, the operation is the same in every repetition, from whichever
 * process, and another request under that key is told apart. Keys of different callers, or for different collections,
 * have nothing to do with each other. `derivedId` is fit to be the id of a record that the write creates.
 */
export async function nameOperation(
  { now, newId }: OperationSource,
  { caller, collection, tool, key, request }: WriteRequest,
): Promise<{ operation: Operation; derivedId: string }> {
  if (key === undefined) return { operation: { op: newId(), startedAt: now(), named: false }, derivedId: newId() }
  const name = await digest(['mcp', caller?.name ?? null, collection, key])
  const print = await digest([tool, request])
  return { operation: { op: `${name}.${print}`, startedAt: now(), named: true }, derivedId: name }
}

/** Base64url of SHA-256; the order of members does not matter. */
async function digest(value: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(value, sorted))
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return btoa(String.fromCharCode(...hash))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** For `JSON.stringify`: objects with their members in order of name. */
function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
