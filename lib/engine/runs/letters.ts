import { CutoverError } from '../../core/error.js'
import type { DeadLetter } from '../../core/run.js'
import { collectionOf, type EngineContext } from '../context.js'
import type { Mover } from '../stages/move.js'
import { dropDeadLetter, retryDeadLetter } from './dead-letters.js'

/**
 * Records that were set aside, of all collections, by what they have in common; and what is done with all of them.
 *
 * Only what a pass has tried in vain is on this list. A copy that failed after an acknowledgement (`left-behind` in the
 * log) is not: nothing says yet that the record itself is at fault, and the next pass brings it (in rampdown its open
 * mark tells which one), or sets it aside with the reason.
 *
 * Each record is retried or dropped by itself, with an entry of its own in the audit trail, so a call that ends half-way
 * is simply made again; two at once do each record once, and the other leaves it.
 */
export interface LetterFilter {
  collection?: string | undefined
  /** The literal code of the last error, such as `too-large`. */
  code?: string | undefined
  runId?: string | undefined
  /** Set aside before this, in wall-clock milliseconds. */
  before?: number | undefined
}

export interface FoundLetters {
  items: DeadLetter[]
  /** Where to go on; `null` at the end. There may be more behind it though `items` is short, or empty. */
  next: string | null
}

export async function findLetters(
  context: Pick<EngineContext, 'ledger' | 'collections'>,
  filter: LetterFilter,
  after: string | null,
  limit: number,
): Promise<FoundLetters> {
  if (filter.collection !== undefined) collectionOf(context, filter.collection)
  const prefix = filter.collection === undefined ? ALL : `${ALL}${filter.collection}/`
  const items: DeadLetter[] = []
  let from = after === null ? null : ALL + after
  for (let page = 0; page < PAGES_MAX; page++) {
    const found = await context.ledger.list(prefix, from, PAGE)
    for (const { key, value } of found.items) {
      from = key
      const letter = value as unknown as DeadLetter
      if (!matches(letter, filter)) continue
      items.push(letter)
      if (items.length === limit) return { items, next: from.slice(ALL.length) }
    }
    if (found.end || from === null) return { items, next: null }
  }
  return { items, next: from?.slice(ALL.length) ?? null }
}

const ALL = 'dead-letter/'
const PAGE = 200
const PAGES_MAX = 25

function matches(letter: DeadLetter, { code, runId, before }: LetterFilter): boolean {
  if (code !== undefined && letter.code !== code) return false
  if (runId !== undefined && letter.runId !== runId) return false
  return before === undefined || letter.at < before
}

export interface ManyDone {
  dryRun: boolean
  matched: number
  settled: number
  dropped: number
  stillFailing: number
  /** Somebody else was at them. */
  skipped: number
  records: { collection: string; id: string }[]
  /** Where to go on: the limit was reached, or a store does not answer. */
  next: string | null
  /** Why it ended early; `null`: it did not. */
  stoppedBy: string | null
}

export interface ManyAsked {
  verb: 'retry' | 'drop'
  filter: LetterFilter
  after: string | null
  limit: number
  dryRun: boolean
}

export async function letterByLetter(context: EngineContext, asked: ManyAsked, mover: Mover): Promise<ManyDone> {
  const { verb, filter, after, limit, dryRun } = asked
  const { items, next } = await findLetters(context, filter, after, limit)
  const counts = { settled: 0, dropped: 0, stillFailing: 0, skipped: 0 }
  const records = items.map(({ collection, id }) => ({ collection, id }))
  const done: ManyDone = { dryRun, matched: items.length, ...counts, records, next, stoppedBy: null }
  if (dryRun) return done
  const one = verb === 'retry' ? retryDeadLetter : dropDeadLetter
  let last = after
  for (const { collection, id } of records) {
    try {
      const { kind } = await one(context, collection, id, mover)
      done[kind === 'still-failing' ? 'stillFailing' : kind] += 1
    } catch (error) {
      if (!(error instanceof CutoverError)) throw error
      if (error.code === 'unavailable') return { ...done, next: last, stoppedBy: error.message }
      done.skipped += 1
    }
    last = `${collection}/${id}`
  }
  return done
}
