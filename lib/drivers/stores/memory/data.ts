import type { TargetCopy } from '../../../core/copy.js'
import type { Fence } from '../../../core/fence.js'
import { compareIds } from '../../../core/id.js'
import type { Json, JsonObject } from '../../../core/json.js'
import type { Page } from '../../../core/protocol/answers.js'

/** All that a target in memory holds: the application's values, and beside them what a purge removes. */
export interface Data {
  /** JSON text by id. */
  values: Map<string, string>
  metas: Map<string, Meta>
  /** Operation memory, by the operation's key. */
  operations: Map<string, Done>
  /** Ids of open copies, by partition. */
  open: Map<number, Set<string>>
  heartbeats: Map<number, number>
  checks: Map<number, number>
  fences: Map<number, { fence: Fence; hold: boolean }>
}

interface Meta {
  version: number
  op: string
  open: boolean
  tombstone: boolean
}

export interface Done {
  version: number
  op: string
  /** Wall-clock milliseconds at which it is forgotten. */
  until: number
}

export function emptyData(): Data {
  return {
    values: new Map(),
    metas: new Map(),
    operations: new Map(),
    open: new Map(),
    heartbeats: new Map(),
    checks: new Map(),
    fences: new Map(),
  }
}

export function readCopy(data: Data, id: string): TargetCopy | null {
  const meta = data.metas.get(id)
  if (meta === undefined) return null
  const { version, op, open } = meta
  const text = data.values.get(id)
  return { version, op, open, value: text === undefined ? null : (JSON.parse(text) as JsonObject) }
}

export function writeCopy(data: Data, partition: number, id: string, copy: TargetCopy): void {
  const { version, op, open, value } = copy
  if (value === null) data.values.delete(id)
  else data.values.set(id, JSON.stringify(value))
  data.metas.set(id, { version, op, open, tombstone: value === null })
  mark(data, partition, id, open)
}

/** Notes in the list of open copies whether `id` is one. */
export function mark(data: Data, partition: number, id: string, open: boolean): void {
  const ids = data.open.get(partition) ?? new Set()
  if (open) data.open.set(partition, ids.add(id))
  else ids.delete(id)
}

export function pageOf(ids: Iterable<string>, after: string | null, limit: number): Page<string> {
  const above = [...ids].filter((id) => after === null || compareIds(id, after) > 0).sort(compareIds)
  return { items: above.slice(0, limit), end: above.length <= limit }
}

/** A copy of `value` that nobody can change. */
export function frozen<T>(value: T): T {
  const copy = structuredClone(value)
  freeze(copy as Json)
  return copy
}

function freeze(value: Json): void {
  if (typeof value !== 'object' || value === null) return
  for (const member of Array.isArray(value) ? value : Object.values(value)) freeze(member)
  Object.freeze(value)
}
