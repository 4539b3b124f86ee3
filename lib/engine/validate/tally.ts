import { addDigests, type Digest, digestOf, EMPTY_DIGEST } from '../../core/compare/digest.js'
import { signOf, targetCovers } from '../../core/compare/verdict.js'
import type { Copy } from '../../core/copy.js'
import type { Keyed } from '../../core/protocol/answers.js'
import { addCounters, type Run } from '../../core/run.js'
import type { Mended } from './repair.js'

/** What was compared so far in a batch, as a run counts it. */
export interface Tally {
  records: number
  /** Of the source's copies, to pace by; estimated. */
  bytes: number
  counters: Run['counters']
}

/** Every counter is there from the start: one that is absent says less than one that is 0. */
export const NOTHING_TALLIED: Tally = {
  records: 0,
  bytes: 0,
  counters: {
    compared: 0,
    inspected: 0,
    matched: 0,
    mismatched: 0,
    inconclusive: 0,
    repaired: 0,
    missing: 0,
    extra: 0,
    stretches: 0,
    unlisted: 0,
  },
}

export function addTallies(a: Tally, b: Tally): Tally {
  return {
    records: a.records + b.records,
    bytes: a.bytes + b.bytes,
    counters: addCounters(a.counters, b.counters),
  }
}

/** Copies that the target has said it holds as well, and nothing else. */
export function tallyAgreed(copies: readonly Keyed<Copy>[], zeroLoss: boolean): Tally {
  const records = copies.length
  let digest = EMPTY_DIGEST
  for (const { id, copy } of copies) digest = addDigests(digest, digestOf(id, copy, true))
  return {
    records,
    bytes: estimated(copies.map(({ copy }) => copy)),
    counters: {
      compared: records,
      matched: records,
      ...digestCounters(digest, digest),
      ...(zeroLoss ? { covered: records, uncovered: 0 } : {}),
    },
  }
}

/** Records that were read from both stores. */
export function tallyMended(mended: readonly Mended[], zeroLoss: boolean): Tally {
  const of = (test: (one: Mended) => boolean): number => mended.filter(test).length
  let source = EMPTY_DIGEST
  let target = EMPTY_DIGEST
  for (const { id, now } of mended) {
    const agreed = signOf(now).kind === 'match'
    source = addDigests(source, digestOf(id, now.source, agreed))
    target = addDigests(target, digestOf(id, now.target, agreed))
  }
  const covered = of(({ now }) => now.source !== null && targetCovers(now))
  return {
    records: mended.length,
    bytes: 2 * estimated(mended.map(({ look }) => look.source ?? look.target)),
    counters: {
      compared: mended.length,
      inspected: mended.length,
      matched: of(({ verdict }) => verdict.kind === 'match'),
      mismatched: of(({ verdict }) => verdict.kind === 'mismatch'),
      inconclusive: of(({ verdict }) => verdict.kind === 'inconclusive'),
      repaired: of(({ repaired }) => repaired),
      missing: of(({ verdict }) => verdict.kind === 'mismatch' && verdict.reason === 'missing-at-target'),
      extra: of(({ verdict }) => verdict.kind === 'mismatch' && verdict.reason === 'extra-at-target'),
      ...digestCounters(source, target),
      ...(zeroLoss ? { covered, uncovered: of(({ now }) => !targetCovers(now)) } : {}),
    },
  }
}

function digestCounters(source: Digest, target: Digest): Run['counters'] {
  return {
    sourceDigestHigh: source.high,
    sourceDigestLow: source.low,
    targetDigestHigh: target.high,
    targetDigestLow: target.low,
  }
}

const SAMPLE = 8

/** Size of copies from a few of them. */
function estimated(copies: readonly (Copy | null)[]): number {
  const sample = copies.slice(0, SAMPLE)
  const bytes = sample.reduce((sum, copy) => sum + JSON.stringify(copy).length, 0)
  return sample.length === 0 ? 0 : Math.round((bytes / sample.length) * copies.length)
}
