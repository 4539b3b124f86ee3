import type { Ledger } from '../../ports/ledger.js'

/**
 * Removes recorded requests and reported comparisons that are older than two days, of whatever collection or component:
 * what is not written any more is not overwritten either. Answers how many hours of them those were. A document that
 * somebody writes at the same moment stays.
 */
export async function forgetHours(ledger: Ledger, now: number): Promise<number> {
  const oldest = Math.floor(now / HOUR_MS) - HOURS_KEPT
  let forgotten = 0
  for (const prefix of ['recorded/', 'compared/']) {
    let after: string | null = null
    for (let page = 0; page < PAGES_MAX; page++) {
      const { items, end } = await ledger.list(prefix, after, PAGE)
      for (const { key, revision, value } of items) {
        if ((value as { hour: number }).hour > oldest) continue
        await ledger.commit([{ key, ifRevision: revision, value: undefined }])
        forgotten++
      }
      after = items.at(-1)?.key ?? null
      if (end || after === null) break
    }
  }
  return forgotten
}

const HOUR_MS = 3_600_000
const HOURS_KEPT = 48
const PAGE = 200
const PAGES_MAX = 50
