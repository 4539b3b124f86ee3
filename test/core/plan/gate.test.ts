import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Evidence, explain } from '../../../lib/core/plan/evidence.js'
import { evaluateGate } from '../../../lib/core/plan/gate.js'
import type { Condition } from '../../../lib/core/plan/plan.js'
import { ALL_CONDITIONS, good, nothing, P95 } from './evidence.js'

const NOW = 1_000_000
const context = { collection: 'projects', since: NOW, ownRuns: [] }

function weigh(condition: Condition, evidence: Evidence | null, ownRuns: readonly string[] = []) {
  const [verdict] = evaluateGate([condition], evidence, { ...context, ownRuns })
  if (verdict === undefined) throw new Error('no verdict')
  return verdict
}

/** What each condition is decided from. */
const SOURCES: Record<Condition['kind'], readonly (keyof Evidence)[]> = {
  'stores-healthy': ['stores'],
  'pass-complete': ['flags'],
  'validation-clean': ['validation'],
  comparisons: ['comparisons'],
  'error-rate': ['operations'],
  'no-dead-letters': ['deadLetters'],
  'no-alerts': ['openAlerts'],
  'zero-loss': ['zeroLoss'],
  'no-breach': ['breaches'],
  checkpoint: ['checkpoints'],
  threshold: ['thresholds'],
}

describe('absence of data never passes', () => {
  it.each(ALL_CONDITIONS)('$kind: no evidence, none taken, or taken before the step', (condition) => {
    const lacking = { outcome: 'not-enough-evidence' }
    expect(weigh(condition, null)).toMatchObject({ ...lacking, because: 'evidence-unavailable' })
    expect(weigh(condition, nothing(NOW))).toMatchObject(lacking)
    expect(weigh(condition, good(NOW - 1))).toMatchObject({ ...lacking, because: 'evidence-too-early' })
    expect(weigh(condition, good(Number.NaN))).toMatchObject(lacking)
  })

  it.each(ALL_CONDITIONS)('$kind passes only on its own measurement', (condition) => {
    expect(weigh(condition, good(NOW)).outcome).toBe('pass')
    for (const member of SOURCES[condition.kind])
      expect(weigh(condition, { ...good(NOW), [member]: null }).outcome).toBe('not-enough-evidence')
  })

  it('whatever else is known', () => {
    const parts = Object.keys(nothing(0)).filter((member) => member !== 'takenAt') as (keyof Evidence)[]
    fc.assert(
      fc.property(fc.subarray(parts), fc.constantFrom(...ALL_CONDITIONS), (missing, condition) => {
        const evidence = { ...good(NOW), ...Object.fromEntries(missing.map((member) => [member, null])) }
        const needed = SOURCES[condition.kind]
        if (needed.some((member) => missing.includes(member)))
          expect(weigh(condition, evidence).outcome).toBe('not-enough-evidence')
      }),
    )
  })

  it.each([Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY])('a count of %s is no measurement', (count) => {
    const evidence = good(NOW, {
      flags: { slots: count, strict: count, full: count },
      backfill: { runId: 'b', startedAt: NOW, complete: true, deadLetters: count },
      validation: { runId: 'v', startedAt: NOW, complete: true, compared: count, mismatches: 0 },
      comparisons: { samples: count, mismatches: 0 },
      operations: { count, failed: 0 },
      deadLetters: count,
      openAlerts: count,
      zeroLoss: { runId: 'z', startedAt: NOW, outcome: 'passed', checked: count },
      breaches: { weighed: count, breaches: 0, undecided: 0 },
      thresholds: { 'new p95-ms > 500 5': { outcome: 'pass', value: 1, sample: count } },
    })
    const counted = ALL_CONDITIONS.filter(({ kind }) => kind !== 'stores-healthy' && kind !== 'checkpoint')
    const verdicts = evaluateGate(counted, evidence, context)
    expect(new Set(verdicts.map(({ because }) => because))).toEqual(new Set(['numbers-unreadable']))
    const tolerant = { ...evidence, flags: { slots: 10, strict: 0, full: 0 } }
    expect(weigh({ kind: 'pass-complete' }, tolerant).because).toBe('numbers-unreadable')
  })

  it('no samples are no samples, even if none are asked for', () => {
    const evidence = good(NOW, { comparisons: { samples: 0, mismatches: 0 } })
    expect(weigh({ kind: 'comparisons', minSamples: 0, maxMismatchShare: 1 }, evidence).outcome).toBe(
      'not-enough-evidence',
    )
  })
})

describe('a gate', () => {
  const cases: [string, Condition, Partial<Evidence>, string, string][] = [
    [
      'one store down',
      { kind: 'stores-healthy' },
      { stores: { source: 'unknown', target: 'unhealthy' } },
      'fail',
      'store-unhealthy',
    ],
    [
      'one store unknown',
      { kind: 'stores-healthy' },
      { stores: { source: 'healthy', target: 'unknown' } },
      'not-enough-evidence',
      'store-health-unknown',
    ],
    [
      'a slot not full',
      { kind: 'pass-complete' },
      { flags: { slots: 100, strict: 100, full: 99 } },
      'not-enough-evidence',
      'slots-not-full',
    ],
    [
      'more full than strict',
      { kind: 'pass-complete' },
      { flags: { slots: 100, strict: 1, full: 9 } },
      'not-enough-evidence',
      'numbers-unreadable',
    ],
    [
      'no slots',
      { kind: 'pass-complete' },
      { flags: { slots: 0, strict: 0, full: 0 } },
      'not-enough-evidence',
      'numbers-unreadable',
    ],
    [
      'no flags, a clean run',
      { kind: 'pass-complete' },
      { flags: { slots: 100, strict: 0, full: 0 } },
      'pass',
      'backfill-complete',
    ],
    [
      'some flags, no run',
      { kind: 'pass-complete' },
      { flags: { slots: 9, strict: 5, full: 5 }, backfill: null },
      'not-enough-evidence',
      'no-run-in-this-step',
    ],
    [
      'too few compared',
      { kind: 'validation-clean', minCompared: 1001 },
      {},
      'not-enough-evidence',
      'too-few-compared',
    ],
    [
      'too few samples, good so far',
      { kind: 'comparisons', minSamples: 1001, maxMismatchShare: 0 },
      {},
      'not-enough-evidence',
      'too-few-samples',
    ],
    [
      'too many errors',
      { kind: 'error-rate', minOperations: 10, maxShare: 0.01 },
      { operations: { count: 1000, failed: 11 } },
      'fail',
      'share-above-limit',
    ],
    [
      'errors at the limit',
      { kind: 'error-rate', minOperations: 10, maxShare: 0.01 },
      { operations: { count: 1000, failed: 10 } },
      'pass',
      'share-within-limit',
    ],
    [
      'more failed than done',
      { kind: 'error-rate', minOperations: 10, maxShare: 1 },
      { operations: { count: 10, failed: 11 } },
      'not-enough-evidence',
      'numbers-unreadable',
    ],
    ['a dead letter', { kind: 'no-dead-letters' }, { deadLetters: 1 }, 'fail', 'dead-letters-left'],
    ['an alert', { kind: 'no-alerts' }, { openAlerts: 1 }, 'fail', 'alerts-open'],
    [
      'a rule in breach',
      { kind: 'no-breach', minWeighed: 1 },
      { breaches: { weighed: 90, breaches: 1, undecided: 0 } },
      'fail',
      'rule-in-breach',
    ],
    [
      'rules that could decide nothing',
      { kind: 'no-breach', minWeighed: 1 },
      { breaches: { weighed: 90, breaches: 0, undecided: 90 } },
      'not-enough-evidence',
      'too-few-weighed',
    ],
    [
      'a checkpoint that passed before one failed',
      { kind: 'checkpoint', checkpoint: 'a' },
      {
        checkpoints: [
          { kind: 'a', outcome: 'breach', id: '2', at: NOW + 2 },
          { kind: 'a', outcome: 'pass', id: '1', at: NOW + 1 },
        ],
      },
      'fail',
      'checkpoint-failed',
    ],
    [
      'a checkpoint from before the step',
      { kind: 'checkpoint', checkpoint: 'a' },
      { checkpoints: [{ kind: 'a', outcome: 'pass', id: '1', at: NOW - 1 }] },
      'not-enough-evidence',
      'no-checkpoint-in-this-step',
    ],
    [
      'a threshold that is exceeded',
      P95,
      { thresholds: { 'new p95-ms > 500 5': { outcome: 'breach', value: 900, sample: 1000 } } },
      'fail',
      'beyond-threshold',
    ],
    [
      'a threshold on too little',
      P95,
      { thresholds: { 'new p95-ms > 500 5': { outcome: 'pass', value: 1, sample: 99 } } },
      'not-enough-evidence',
      'too-few-samples',
    ],
  ]
  it.each(cases)('%s', (_, condition, parts, outcome, because) => {
    expect(weigh(condition, good(NOW, parts))).toMatchObject({ outcome, because })
  })

  it('takes a tolerant stage as passed only by a complete run without dead letters', () => {
    const flags = { slots: 100, strict: 0, full: 0 }
    const run = { runId: 'b', startedAt: NOW, complete: true, deadLetters: 0 }
    const of = (parts: Partial<typeof run>) =>
      weigh({ kind: 'pass-complete' }, good(NOW, { flags, backfill: { ...run, ...parts } })).because
    expect(of({})).toBe('backfill-complete')
    expect(of({ complete: false })).toBe('run-not-complete')
    expect(of({ deadLetters: 2 })).toBe('dead-letters-left')
    expect(of({ startedAt: NOW - 1 })).toBe('no-run-in-this-step')
  })

  it('counts runs of this step only, but its own whatever a clock says', () => {
    const validation = { runId: 'mine', startedAt: NOW - 5, complete: true, compared: 50, mismatches: 0 }
    const condition: Condition = { kind: 'validation-clean', minCompared: 10 }
    expect(weigh(condition, good(NOW, { validation })).because).toBe('no-run-in-this-step')
    expect(weigh(condition, good(NOW, { validation }), ['mine']).outcome).toBe('pass')
    const found = { ...validation, mismatches: 3 }
    expect(weigh(condition, good(NOW, { validation: { ...found, complete: false } }), ['mine']).because).toBe(
      'run-not-complete',
    )
    expect(weigh(condition, good(NOW, { validation: found }), ['mine'])).toMatchObject({ outcome: 'fail' })
  })

  it('fails before the minimum is reached only when the limit is exceeded whatever comes', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.double({ min: 0, max: 1, noNaN: true }), (samples, rest, max) => {
        const mismatches = Math.floor(samples / 3)
        const condition: Condition = { kind: 'comparisons', minSamples: samples + rest, maxMismatchShare: max }
        const now = weigh(condition, good(NOW, { comparisons: { samples, mismatches } })).outcome
        const later = weigh(condition, good(NOW, { comparisons: { samples: samples + rest, mismatches } })).outcome
        if (now !== 'not-enough-evidence') expect(later).toBe(now)
      }),
    )
  })

  it('knows a loss, and a check that could not tell', () => {
    const of = (outcome: 'passed' | 'failed' | 'inconclusive', startedAt = NOW) =>
      weigh({ kind: 'zero-loss' }, good(NOW, { zeroLoss: { runId: 'z', startedAt, outcome, checked: 5 } })).because
    expect([of('passed'), of('failed'), of('inconclusive'), of('passed', NOW - 1)]).toEqual([
      'nothing-lost',
      'loss-found',
      'check-inconclusive',
      'no-run-in-this-step',
    ])
  })

  it('explains every verdict with its reason and numbers', () => {
    const verdict = weigh(
      { kind: 'comparisons', minSamples: 10, maxMismatchShare: 0 },
      good(NOW, { comparisons: { samples: 50, mismatches: 2 } }),
    )
    expect(explain(verdict)).toBe(
      'comparisons of projects: fail, share-above-limit (count 50, bad 2, minCount 10, maxShare 0)',
    )
    expect(explain(weigh({ kind: 'no-alerts' }, null))).toBe(
      'no-alerts of projects: not-enough-evidence, evidence-unavailable',
    )
  })
})
