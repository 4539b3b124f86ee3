import { createHash } from 'node:crypto'
import type { JsonObject } from '../../../core/json.js'
import type { PlainCopy } from '../../../core/protocol/answers.js'
import type { PlainTarget } from '../../../ports/store.js'
import { type Data, pageOf } from './data.js'

/** The target as plain application data, after the last day; see the port for what it promises. */
export function memoryPlain(data: Data): PlainTarget {
  const read = (id: string): PlainCopy | null => {
    const text = data.values.get(id)
    return text === undefined ? null : { value: JSON.parse(text) as JsonObject, digest: digestOf(text) }
  }
  return {
    get: async (id) => read(id),
    async page(after, limit) {
      const { items, end } = pageOf(data.values.keys(), after, limit)
      const copies = items.flatMap((id) => {
        const copy = read(id)
        return copy === null ? [] : [{ id, copy }]
      })
      return { items: copies, end }
    },
    async write(id, value, ifDigest) {
      const held = read(id)
      if (ifDigest !== undefined && (held?.digest ?? null) !== ifDigest) return { kind: 'conflict', copy: held }
      if (value === null) {
        data.values.delete(id)
        return { kind: 'ok', digest: '', created: false }
      }
      const text = JSON.stringify(value)
      data.values.set(id, text)
      return { kind: 'ok', digest: digestOf(text), created: held === null }
    },
    purge: async (cursor) => purge(data, cursor),
  }
}

const PURGE_KEYS_MAX = 500

/** In the order of removal: what guards goes last. */
const PURGED = ['metas', 'operations', 'open', 'heartbeats', 'checks', 'fences'] as const

/** Cursor: which of `PURGED` is next. */
function purge(data: Data, cursor: string | null): { removed: number; next: string | null } {
  const at = cursor === null ? 0 : Number(cursor)
  const kind = PURGED[at]
  if (kind === undefined) return { removed: 0, next: null }
  const held: Map<unknown, unknown> = data[kind]
  let removed = 0
  for (const key of held.keys()) {
    if (removed === PURGE_KEYS_MAX) return { removed, next: String(at) }
    held.delete(key)
    removed++
  }
  return { removed, next: at + 1 < PURGED.length ? String(at + 1) : null }
}

function digestOf(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}
