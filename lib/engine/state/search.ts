import type { Ledger } from '../../ports/ledger.js'

export interface StreamSearch<T> {
  test: (entry: T) => boolean
  /** Position to go on before. */
  before?: string | undefined
  /** Wall-clock milliseconds: entries from the first and before the second. */
  from?: number | undefined
  to?: number | undefined
  limit: number
}

const PAGE = 500
const PAGES_MAX = 20

/**
 * Entries of a stream, newest first. A search that finds little looks through a bounded part of the stream and answers
 * what it has; `next` is the position to go on before, `null` at the end. Entries lie in the order of their commits, and
 * clocks differ: one that is a little out of its time is found all the same, for only its own time is asked.
 */
export async function searchStream<T extends { at: number }>(
  ledger: Ledger,
  stream: string,
  { test, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, limit, ...search }: StreamSearch<T>,
): Promise<{ items: (T & { position: string })[]; next: string | null }> {
  const items: (T & { position: string })[] = []
  let before: string | null = search.before ?? null
  for (let page = 0; page < PAGES_MAX; page++) {
    const found = await ledger.entries(stream, { before, newestFirst: true, limit: PAGE })
    for (const { position, value } of found.items) {
      before = position
      const entry = value as unknown as T
      if (entry.at < from - CLOCKS_DIFFER_MS) return { items, next: null }
      if (entry.at < from || entry.at >= to || !test(entry)) continue
      items.push({ ...entry, position })
      if (items.length === limit) return { items, next: position }
    }
    if (found.end) return { items, next: null }
  }
  return { items, next: before }
}

/** Further back than this before the time asked for nothing of it is looked for. */
const CLOCKS_DIFFER_MS = 60_000
