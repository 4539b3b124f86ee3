import type { Copy } from '../../core/copy.js'
import { CutoverError } from '../../core/error.js'
import { type NoWayBack, refusedByTarget } from '../../core/estimate/no-way-back.js'
import type { CollectionSizes } from '../../core/estimate/sizes.js'
import { type Fence, INITIAL_FENCE } from '../../core/fence.js'
import type { Keyed } from '../../core/protocol/answers.js'
import type { Stage } from '../../core/stage.js'
import type { Clock } from '../../ports/clock.js'
import type { Source } from '../../ports/store.js'
import type { Collection } from '../collection.js'
import { furthest } from '../stages/move.js'

/**
 * How much there is of a collection, by reading its source: each document once, page by page, never more than a few at
 * a time. Where time runs out, the documents that were read stand for the rest (records are spread over documents by a
 * hash), and `share` says how much was seen. A document that cannot be read faithfully is named with its fault, and
 * counts as one that was not seen; a source that does not answer throws `unavailable`.
 */
export interface Measured {
  sizes: CollectionSizes
  /** The furthest stage of what was read. */
  stage: Stage
  /** Bytes of the documents as cutover writes them. */
  documentBytes: number
  sampled: boolean
  /** Share of the records that was read, 0 to 1. */
  share: number
  problems: NoWayBack[]
}

export async function measure(collection: Collection, clock: Clock, budgetMs: number): Promise<Measured> {
  const { name } = collection
  const partitions = collection.source.partitions
  const until = clock.monotonic() + budgetMs
  const seen: (Seen | null)[] = partitions.map(() => null)
  const problems: NoWayBack[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < partitions.length; at = next++) {
      const source = partitions[at]
      // The first is read however late it is: nothing could be said otherwise.
      if (source === undefined || (at > 0 && clock.monotonic() >= until)) return
      try {
        seen[at] = await measureDocument(name, source, { problems, clock, until })
      } catch (error) {
        if (!(error instanceof CutoverError) || error.code !== 'corrupt-document') throw error
        problems.push({ kind: 'not-moved', what: source.label, collection: name, reason: error.message })
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, partitions.length) }, worker))
  const fences = seen.flatMap((one) => (one === null ? [] : [one.fence]))
  if (fences.some(({ plain }) => plain)) problems.unshift({ kind: 'never', what: name, collection: name, reason: OVER })
  return { ...extrapolated(name, seen), stage: furthest(fences).stage, problems: problems.slice(0, PROBLEMS_MAX) }
}

/** Documents read at the same time. */
const SIDE_BY_SIDE = 4
const PROBLEMS_MAX = 100
const PAGE = 5_000
const PAGES_MAX = 10_000

const OVER = 'It is cleaned up already: its records are at the target alone, and no plan can move it.'

/** What was seen of one document, and how many copies it has. */
interface Seen extends Counted {
  fence: Fence
}

interface Counted {
  copies: number
  read: number
  records: number
  idBytes: number
  valueBytes: number
  wireBytes: number
}

async function measureDocument(
  collection: string,
  source: Source,
  { problems, clock, until }: { problems: NoWayBack[]; clock: Clock; until: number },
): Promise<Seen> {
  const seen: Seen = { copies: 0, read: 0, records: 0, idBytes: 0, valueBytes: 0, wireBytes: 0, fence: INITIAL_FENCE }
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, end, fence } = await source.page(after, PAGE)
    seen.fence = fence
    for (const item of items) add(seen, item, collection, problems)
    after = items.at(-1)?.id ?? null
    if (end || after === null) return { ...seen, copies: seen.read }
    if (clock.monotonic() >= until) break
  }
  const { records, tombstones } = await source.count()
  return { ...seen, copies: records + tombstones }
}

function add(seen: Seen, { id, copy }: Keyed<Copy>, collection: string, problems: NoWayBack[]): void {
  const idBytes = bytesOf(id)
  seen.read++
  seen.idBytes += idBytes
  if (copy.value === null) return
  const text = JSON.stringify(copy.value)
  const valueBytes = bytesOf(text)
  seen.records++
  seen.valueBytes += valueBytes
  seen.wireBytes += bytesOf(JSON.stringify(text))
  const reason = refusedByTarget(collection, idBytes, valueBytes)
  if (reason !== null && problems.length < PROBLEMS_MAX)
    problems.push({ kind: 'not-moved', what: `record ${JSON.stringify(id)}`, collection, reason })
}

function extrapolated(collection: string, seen: readonly (Seen | null)[]): Omit<Measured, 'problems' | 'stage'> {
  const known = seen.filter((one) => one !== null)
  const total = (member: keyof Counted): number => known.reduce((sum, one) => sum + one[member], 0)
  const average = known.length === 0 ? 0 : Math.round(total('copies') / known.length)
  const copies = seen.map((one) => one?.copies ?? average)
  const all = copies.reduce((sum, count) => sum + count, 0)
  const read = total('read')
  const scale = read === 0 ? 0 : all / read
  const scaled = (member: keyof Counted): number => Math.round(total(member) * scale)
  const sizes: CollectionSizes = {
    collection,
    copies,
    records: scaled('records'),
    idBytes: scaled('idBytes'),
    valueBytes: scaled('valueBytes'),
    wireBytes: scaled('wireBytes'),
  }
  const documentBytes = sizes.valueBytes + sizes.idBytes + copies.length * DOCUMENT_BYTES + sizes.records * LINE_BYTES
  const share = all === 0 ? known.length / Math.max(1, seen.length) : read / all
  return { sizes, documentBytes, sampled: share < 1, share }
}

/** The fence, the plan and the braces of a document. */
const DOCUMENT_BYTES = 400
/** Quotes, a colon, a comma and the end of the line. */
const LINE_BYTES = 5

const encoder = new TextEncoder()

function bytesOf(text: string): number {
  return encoder.encode(text).length
}
