import type { Copy, TargetCopy } from '../../../core/copy.js'
import { CutoverError } from '../../../core/error.js'
import { decodeFence, encodeFence, type Fence } from '../../../core/fence.js'
import { isJsonObject, type JsonObject } from '../../../core/json.js'
import { operationKey } from '../../../core/operation.js'

/**
 * Where things are in Redis, for the collection `projects`:
 *
 * | key                        | type       | holds                                             | after the last day |
 * |----------------------------|------------|---------------------------------------------------|--------------------|
 * | `projects:<id>`            | string     | the application's value, JSON                     | stays              |
 * | `projects`                 | sorted set | ids of the records, all of score 0                | stays              |
 * | `cutover:m:projects:<id>`  | string     | meta: `version:open:tombstone:operation`          | removed            |
 * | `cutover:t:projects`       | sorted set | ids of tombstones                                 | removed            |
 * | `cutover:n:projects:<p>`   | sorted set | ids of open copies of partition p                 | removed            |
 * | `cutover:o:projects:<key>` | string     | operation memory: `version operation`, expires    | removed            |
 * | `cutover:f:projects:<p>`   | string     | fence of partition p: `epoch:hold:json`           | removed            |
 * | `cutover:h:projects:<p>`   | string     | heartbeat counter                                 | removed            |
 * | `cutover:c:projects:<p>`   | string     | counter of the check for loss                     | removed            |
 */
export interface Layout {
  index: string
  tombstones: string
  value(id: string): string
  meta(id: string): string
  operation(op: string): string
  open(partition: number): string
  fence(partition: number): string
  heartbeat(partition: number): string
  check(partition: number): string
  /** Patterns of the keys that are not the application's, in the order of removal: what guards goes last. */
  reserved: string[]
}

export function redisLayout(collection: string, prefix = ''): Layout {
  const own = `${prefix}cutover:`
  return {
    index: `${prefix}${collection}`,
    tombstones: `${own}t:${collection}`,
    value: (id) => `${prefix}${collection}:${id}`,
    meta: (id) => `${own}m:${collection}:${id}`,
    operation: (op) => `${own}o:${collection}:${operationKey(op)}`,
    open: (partition) => `${own}n:${collection}:${partition}`,
    fence: (partition) => `${own}f:${collection}:${partition}`,
    heartbeat: (partition) => `${own}h:${collection}:${partition}`,
    check: (partition) => `${own}c:${collection}:${partition}`,
    reserved: ['[chmno]', 'f'].map((kind) => `${literal(own)}${kind}:${literal(collection)}:*`),
  }
}

/** What a pattern must say to mean `text` and nothing else. */
function literal(text: string): string {
  return text.replaceAll(/[*?[\]\\^-]/g, '\\$&')
}

/** The meta key of a copy that is not open. */
export function encodeMeta({ version, op, value }: Copy): string {
  return `${version}:0:${value === null ? 1 : 0}:${op}`
}

/** The copy behind a meta key and a value key; `null` when neither is there. */
export function decodeCopy(meta: unknown, value: unknown, id: string): TargetCopy | null {
  if (meta === null) return null
  const parts = typeof meta === 'string' ? /^(\d+):([01]):([01]):([\w.-]*)$/.exec(meta) : null
  const version = Number(parts?.[1])
  if (parts === null || !Number.isSafeInteger(version)) throw damaged(`the meta key of ${JSON.stringify(id)}`)
  const [, , open, tombstone, op = ''] = parts
  return {
    version,
    op,
    open: open === '1',
    value: tombstone === '1' ? null : decodeValue(value, id),
  }
}

/** A record. Any other value, `null` above all, must not be taken for a record or for its absence. */
export function decodeValue(value: unknown, id: string): JsonObject {
  const parsed = typeof value === 'string' ? safeJson(value) : undefined
  if (isJsonObject(parsed)) return parsed as JsonObject
  throw damaged(`the value of ${JSON.stringify(id)}`)
}

export function decodeStoredFence(raw: unknown, place: string): { fence: Fence | null; hold: boolean } {
  if (raw === null) return { fence: null, hold: false }
  const parts = typeof raw === 'string' ? /^\d+:([01]):(.*)$/s.exec(raw) : null
  if (parts === null) throw damaged(`the fence ${place}`)
  return { fence: decodeFence(safeJson(parts[2] ?? ''), `Redis (${place})`), hold: parts[1] === '1' }
}

export function encodeValue(value: JsonObject | null): string {
  return value === null ? '' : JSON.stringify(value)
}

/** Arguments that every fenced script begins with. */
export function fenceArgs(fence: Fence): string[] {
  return [String(fence.epoch), encodeFence(fence)]
}

function damaged(what: string): CutoverError {
  return new CutoverError('corrupt-document', `Redis holds damaged data: ${what}. Restore it before going on.`)
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
