import { compareIds } from '../../core/id.js'
import type { Json } from '../../core/json.js'
import { comparePositions } from '../../core/position.js'
import type { Ledger, Look, Looked } from '../../ports/ledger.js'
import { checkCommit, checkKey, checkList, checkLooks, checkRange, lastOf } from './accepted.js'

/**
 * The ledger in Maps: the port's promises with nothing behind them, for tests and simulations. Lost with the process.
 * Values are kept as text, so that nobody shares an object with the ledger and every value is what JSON makes of it.
 */
export function memoryLedger(label = 'memory'): Ledger {
  const documents = new Map<string, { revision: number; text: string }>()
  const streams = new Map<string, { position: string; text: string }[]>()
  let commits = 0
  const ledger: Ledger = {
    label,
    async read(key) {
      const held = documents.get(checkKey(key))
      return held === undefined ? null : { revision: held.revision, value: parse(held.text) }
    },
    async commit(changes, entries = []) {
      checkCommit(changes, entries)
      const stale = changes.find(({ key, ifRevision }) => (documents.get(key)?.revision ?? null) !== ifRevision)
      if (stale !== undefined) return { kind: 'conflict', key: stale.key }
      commits += 1
      for (const { key, value } of changes) {
        if (value === undefined) documents.delete(key)
        else documents.set(key, { revision: commits, text: JSON.stringify(value) })
      }
      entries.forEach(({ stream, value, keep }, at) => {
        const kept = streams.get(stream) ?? []
        kept.push({ position: `${commits}-${at}`, text: JSON.stringify(value) })
        streams.set(stream, keep === undefined ? kept : kept.slice(-keep))
      })
      return { kind: 'committed', revisions: changes.map(() => commits) }
    },
    async list(prefix, after, limit) {
      checkList(prefix, after, limit)
      const found = [...documents]
        .filter(([key]) => key.startsWith(prefix) && (after === null || compareIds(key, after) > 0))
        .sort(([a], [b]) => compareIds(a, b))
      const items = found.slice(0, limit).map(([key, { revision, text }]) => ({ key, revision, value: parse(text) }))
      return { items, end: found.length <= limit }
    },
    async entries(stream, range) {
      const newestFirst = 'newestFirst' in range
      const bound = (newestFirst ? range.before : range.after) ?? null
      checkRange(stream, bound, range.limit)
      const all = streams.get(stream) ?? []
      const ordered = newestFirst ? all.toReversed() : all
      const beyond = (position: string) =>
        bound === null || (newestFirst ? comparePositions(position, bound) < 0 : comparePositions(position, bound) > 0)
      const found = ordered.filter(({ position }) => beyond(position))
      const items = found.slice(0, range.limit).map(({ position, text }) => ({ position, value: parse(text) }))
      return { items, end: found.length <= range.limit }
    },
    async head() {
      return lastOf(commits)
    },
    async trim(stream, upTo) {
      checkRange(stream, upTo, 1)
      const kept = streams.get(stream) ?? []
      streams.set(
        stream,
        kept.filter(({ position }) => comparePositions(position, upTo) > 0),
      )
    },
    async destroy() {
      documents.clear()
      streams.clear()
    },
  }
  return { ...ledger, look: (asked) => lookOneByOne(ledger, asked) }
}

/** Nothing happens in between: none of these reads waits for anything. */
async function lookOneByOne(ledger: Ledger, asked: readonly Look[]): Promise<Looked[]> {
  checkLooks(asked)
  return Promise.all(
    asked.map(async (look): Promise<Looked> => {
      if (look.kind === 'read') return { kind: 'read', held: await ledger.read(look.key) }
      if (look.kind === 'list') return { kind: 'list', page: await ledger.list(look.prefix, look.after, look.limit) }
      return { kind: 'newest', page: await ledger.entries(look.stream, { before: null, newestFirst: true, limit: 1 }) }
    }),
  )
}

function parse(text: string): Json {
  return JSON.parse(text)
}
