import type { Part } from '../../lib/dashboard/state.js'

type Experiment = Part<'experiments'>[number]
type Found = NonNullable<Experiment['found']>
type Analysis = NonNullable<Found['analysis']>

/** Experiments as the dashboard's verb answers them. */
export function experimentState(members: Partial<Experiment> = {}): Experiment {
  return {
    kind: 'experiment',
    name: 'search',
    component: 'projects',
    description: '',
    status: 'running',
    revision: 1,
    round: 1,
    assignment: { by: 'flag', flag: 'search' },
    cohorts: [
      { name: 'plain', share: 0.5 },
      { name: 'fast', share: 0.5 },
    ],
    metrics: [
      { name: 'latency', kind: 'value', better: 'lower', role: 'guardrail', margin: { kind: 'relative', value: 0.2 } },
      { name: 'found', kind: 'conversion', better: 'higher', role: 'goal', margin: null },
    ],
    alpha: 0.05,
    method: { kind: 'always-valid' },
    plannedSubjects: 2_000,
    minSubjects: 100,
    minRunMs: 0,
    startedAt: '2026-11-21T10:00:00.000Z',
    stoppedAt: null,
    changedAt: '2026-11-21T10:00:00.000Z',
    changedBy: 'ada',
    conclusion: null,
    found: { recommendations: [recommendation()], analysis: analysis() },
    ...members,
  }
}

export function recommendation(
  members: Partial<Found['recommendations'][number]> = {},
): Found['recommendations'][number] {
  return {
    treatment: 'fast',
    recommendation: 'not-enough-evidence',
    because: 'goal-not-shown',
    metrics: ['found'],
    numbers: {},
    missing: ['That found differs is not shown yet.'],
    ...members,
  }
}

export function analysis(members: Partial<Analysis> = {}): Analysis {
  return {
    at: '2026-11-21T11:55:00.000Z',
    subjects: 330,
    sampleRatio: [
      { of: 'subjects', counts: [150, 180], shares: [0.5, 0.5], p: 0.1, evidence: 1.2, bound: 200, mismatch: false },
    ],
    comparisons: [comparison()],
    ...members,
  }
}

export function comparison(members: Partial<Analysis['comparisons'][number]> = {}): Analysis['comparisons'][number] {
  return {
    metric: 'latency',
    kind: 'value',
    role: 'guardrail',
    better: 'lower',
    treatment: 'fast',
    control: { subjects: 150, measured: 150, mean: 80, deviation: 14 },
    treated: { subjects: 180, measured: 180, mean: 81, deviation: 14 },
    difference: 1,
    relative: 0.0125,
    interval: { low: -4.508, high: 6.648, level: 0.95, holds: 'at-every-look' },
    different: null,
    inferior: null,
    safe: null,
    finding: 'safe',
    ...members,
  }
}
