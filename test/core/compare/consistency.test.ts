import { describe, expect, it } from 'vitest'
import { consistencyInWords, validatedBy } from '../../../lib/core/compare/consistency.js'
import type { Run } from '../../../lib/core/run.js'

/** A validation that has compared what it was asked to. */
function ended(counters: Run['counters'], more: Partial<Run> = {}): Run {
  const at = { createdAt: 1, endedAt: 2, restUntil: null, workedMs: 1_000, batchSize: 50 }
  const who = { by: 'ann', reason: 'because', note: null, lease: null, outbox: null, step: 1, input: {}, cursor: null }
  const what = { id: 'run', kind: 'validate', collection: 'projects', status: 'succeeded', result: {} } as const
  return { ...at, ...who, ...what, done: counters.compared ?? 0, total: 1_204, counters, ...more }
}

const said = (counters: Run['counters'], more?: Partial<Run>): string =>
  consistencyInWords(validatedBy(ended(counters, more)), null)

describe('what a validation has come to', () => {
  it.each([
    [{ compared: 1_204, matched: 1_204 }, 'All 1,204 records agreed.'],
    [{ compared: 1 }, 'All 1 record agreed.'],
    [{}, 'The latest validation found no record in either store.'],
    [{ compared: 1_204, inconclusive: 4 }, '1,200 of 1,204 records agreed, 4 could not be judged.'],
    [{ compared: 1_204, mismatched: 5 }, '5 of 1,204 records differed.'],
    [{ compared: 1_204, mismatched: 5, repaired: 3 }, '5 of 1,204 records differed, 3 repaired.'],
    [
      { compared: 9, mismatched: 5, repaired: 5, inconclusive: 1 },
      '5 of 9 records differed, all repaired, 1 could not be judged.',
    ],
  ])('%j: %s', (counters, wanted) => {
    expect(said(counters)).toBe(wanted)
  })

  it.each([
    [{ status: 'cancelled', result: null }, {}, 'was cancelled'],
    [{ status: 'failed', result: null }, {}, 'failed'],
    [{ status: 'failed' }, { finished: 1 }, 'ended early'],
    [{ status: 'failed' }, { unlisted: 1 }, 'ended without reading everything,'],
  ] as const)('is not complete where not everything was compared: %j %j', (more, counters, wanted) => {
    const run = ended({ compared: 300, mismatched: 2, ...counters }, more)
    expect(validatedBy(run).complete).toBe(false)
    expect(consistencyInWords(validatedBy(run), null)).toBe(
      `The latest validation ${wanted} after 300 records, of which 2 differed.`,
    )
  })

  it('is complete though it failed for what it has found', () => {
    expect(validatedBy(ended({ compared: 9, mismatched: 2 }, { status: 'failed' })).complete).toBe(true)
  })

  it('does not say how many were missing where nobody has counted them', () => {
    expect(validatedBy(ended({ compared: 9, mismatched: 2 })).missing).toBeNull()
    expect(validatedBy(ended({ compared: 9, mismatched: 0 })).missing).toBe(0)
    expect(validatedBy(ended({ compared: 9, mismatched: 2, missing: 1 })).missing).toBe(1)
  })
})

describe('one that is under way', () => {
  it('says how far it is', () => {
    const running = ended({}, { status: 'running', result: null, endedAt: null, done: 300 })
    expect(consistencyInWords(null, running)).toBe('The first validation is at 300 of 1,204 records.')
    expect(consistencyInWords(null, { ...running, total: null })).toBe('The first validation is at 300 records.')
    const latest = validatedBy(ended({ compared: 9 }))
    expect(consistencyInWords(latest, { ...running, status: 'paused' })).toBe(
      'All 9 records agreed; another is paused at 300 of 1,204 records.',
    )
  })

  it('or that there was none', () => {
    expect(consistencyInWords(null, null)).toBe('Never validated.')
  })
})
