import { LRUCache } from 'lru-cache'

/**
 * So many entries in memory, those dropped first that were not used for longest, and none kept longer than `ms`. Each
 * process has its own. Loaded only where a cache is asked for.
 */
export function lruCache<Entry extends object>({
  entries,
  ms,
}: {
  entries: number
  ms: number
}): {
  get(key: string): Entry | undefined
  set(key: string, entry: Entry): void
  delete(key: string): void
} {
  const kept = new LRUCache<string, Entry>({ max: entries, ttl: ms })
  return {
    get: (key) => kept.get(key),
    set: (key, entry) => void kept.set(key, entry),
    delete: (key) => void kept.delete(key),
  }
}
