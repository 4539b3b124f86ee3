import type { FailReason } from './protocol/outcome.js'
import type { ReadWay, StoreName, Way, WriteWay } from './serving.js'

/** Where the reads and the writes of a collection go right now, for people and for pages. */
export interface Serving {
  reads: {
    /** Share of reads that the source answers; with the two below it is 100. */
    sourcePercent: number
    targetPercent: number
    /** Nobody answers these now. */
    failingPercent: number
    inWords: string
  }
  writes: {
    /** Gives a write its version; `null`: that differs (see `ways`), or all writes fail. */
    first: StoreName | null
    /** All that a write goes to, copies after the acknowledgement included. */
    stores: StoreName[]
    /** Who has it when it is acknowledged; `null`: that differs, or all writes fail. */
    acknowledgedBy: StoreName | 'both' | null
    failingPercent: number
    inWords: string
  }
  /** Each part that stands alike, the largest first. */
  ways: Way[]
  /** What of the stores is not as it should be, and what that means; whole sentences. */
  remarks: string[]
}

/** How the stores of a collection were seen, all partitions together. */
export interface StoresSeen {
  sourceReachable: boolean
  targetReachable: boolean
  hold: boolean
  /** A stage change was decided that one of the stores has not heard of. */
  settling: boolean
}

export function servingOf(unordered: readonly Way[], seen: StoresSeen): Serving {
  const ways = unordered.map((way) => ({ ...way, percent: rounded(way.percent) })).sort((a, b) => b.percent - a.percent)
  const answered = (store: StoreName): number =>
    percentOf(ways, ({ reads }) => reads.kind === 'answered' && reads.by === store)
  const writes = ways.flatMap((way) => (way.writes.kind === 'acknowledged' ? [way.writes] : []))
  return {
    reads: {
      sourcePercent: answered('source'),
      targetPercent: answered('target'),
      failingPercent: percentOf(ways, ({ reads }) => reads.kind === 'failing'),
      inWords: sentence(readsInWords(ways)),
    },
    writes: {
      first: same(writes.map(({ first }) => first)),
      stores: [...new Set(writes.flatMap(({ stores }) => stores))],
      acknowledgedBy: same(writes.map(({ by }) => (by.length > 1 ? 'both' : (by[0] ?? null)))),
      failingPercent: percentOf(ways, (way) => way.writes.kind === 'failing'),
      inWords: sentence(writesInWords(ways)),
    },
    ways,
    remarks: remarksOf(ways, seen),
  }
}

function percentOf(ways: readonly Way[], test: (way: Way) => boolean): number {
  return rounded(ways.filter(test).reduce((sum, { percent }) => sum + percent, 0))
}

/** A slot is a hundredth of a percent; several partitions may stand apart by a part of it. */
function rounded(percent: number): number {
  return Math.round(percent * 100) / 100
}

function same<T>(values: readonly T[]): T | null {
  const [first] = values
  return first !== undefined && values.every((value) => value === first) ? first : null
}

/** Parts that read alike are told together. */
function readsInWords(ways: readonly Way[]): string[] {
  return told(ways, ({ reads }) => clauseOfRead(reads), 'of reads', 'every read')
}

function writesInWords(ways: readonly Way[]): string[] {
  return told(ways, ({ writes }) => clauseOfWrite(writes), 'of writes', 'every write')
}

interface Clause {
  /** After "every read". */
  one: string
  /** After "12 % of reads". */
  many: string
}

function told(ways: readonly Way[], clauseOf: (way: Way) => Clause, of: string, every: string): string[] {
  const parts = new Map<string, { clause: Clause; percent: number }>()
  for (const way of ways) {
    const clause = clauseOf(way)
    const percent = (parts.get(clause.one)?.percent ?? 0) + way.percent
    parts.set(clause.one, { clause, percent })
  }
  const all = [...parts.values()].sort((a, b) => b.percent - a.percent)
  const [only] = all
  if (only !== undefined && all.length === 1) return [`${every} ${only.clause.one}`]
  return all.map(({ clause, percent }) => `${rounded(percent)} % ${of} ${clause.many}`)
}

function clauseOfRead(way: ReadWay): Clause {
  if (way.kind === 'failing') return { one: `fails: ${REASONS[way.because]}`, many: `fail: ${REASONS[way.because]}` }
  const why = way.fallback ? `, for ${otherOf(way.by)} does not answer and this one is known to hold everything` : ''
  return { one: `is answered by the ${way.by}${why}`, many: `are answered by the ${way.by}${why}` }
}

function otherOf(store: StoreName): string {
  return `the ${store === 'source' ? 'target' : 'source'}`
}

function clauseOfWrite(way: WriteWay): Clause {
  if (way.kind === 'failing') return { one: `fails: ${REASONS[way.because]}`, many: `fail: ${REASONS[way.because]}` }
  const { first, stores, by } = way
  const ending =
    by.length > 1
      ? 'to both; acknowledged when both have it'
      : stores.length > 1
        ? `to the ${first}, which acknowledges; ${otherOf(first)} gets a copy afterwards`
        : `to the ${first} alone`
  return { one: `goes ${ending}`, many: `go ${ending}` }
}

const REASONS: { [reason in FailReason]: string } = {
  'source-unavailable': 'the source cannot be reached',
  'target-unavailable': 'the target cannot be reached',
  'on-hold': 'a store is being left behind, which takes some seconds',
  'clock-ahead': 'the clock of this instance is ahead',
  'too-late': 'the request is too old',
  'target-lost-data': 'the target has lost its data',
  'numbering-changed-hands': 'a stage is changing',
  overtaken: 'a later write is in place',
  contended: 'stages change too fast',
  'lease-expired': 'the other store was out of sight for too long',
}

function remarksOf(ways: readonly Way[], seen: StoresSeen): string[] {
  const remarks: string[] = []
  if (!seen.sourceReachable) remarks.push(remarkOfLoss('source', ways))
  if (!seen.targetReachable) remarks.push(remarkOfLoss('target', ways))
  if (seen.hold)
    remarks.push('A store is on hold while the other one is left behind: writes are refused for some seconds.')
  if (seen.settling && seen.sourceReachable && seen.targetReachable)
    remarks.push('One store has not heard of the latest stage change yet: the next access, or the watch, tells it.')
  return remarks
}

/** Whether anything waits for a store that cannot be reached, or it was left behind. */
function remarkOfLoss(lost: StoreName, ways: readonly Way[]): string {
  const waits = ways.some(({ reads, writes }) => reads.kind === 'failing' || writes.kind === 'failing')
  if (waits) return `The ${lost} cannot be reached, and operations wait for it.`
  const copies = ways.some(({ writes }) => writes.kind === 'acknowledged' && writes.stores.includes(lost))
  return copies
    ? `The ${lost} cannot be reached; nothing waits for it, and a pass brings what it misses once it is back.`
    : `The ${lost} cannot be reached; reads and writes do not need it now.`
}

function sentence(parts: readonly string[]): string {
  return parts.join('; ')
}
