import { describe, expect, it } from 'vitest'
import {
  allocationOfFlag,
  allocationOfRollout,
  cellOf,
  sameAllocation,
  statedAllocation,
} from '../../../lib/core/experiment/allocation.js'
import { CELLS } from '../../../lib/core/experiment/counts.js'
import { type ExperimentDefinition, faultsOfExperiment, type Metric } from '../../../lib/core/experiment/experiment.js'
import type { Flag } from '../../../lib/core/flags/definition.js'
import { BUCKETS, bucketOf, evaluate } from '../../../lib/core/flags/evaluate.js'

const METRIC: Metric = { name: 'm', kind: 'value', better: 'lower', role: 'goal', margin: null }
const GUARD: Metric = { ...METRIC, role: 'guardrail', margin: { kind: 'relative', value: 0.2 } }
const GOOD: ExperimentDefinition = {
  name: 'x',
  component: 'c',
  description: '',
  assignment: { by: 'path' },
  cohorts: [
    { name: 'source', share: 0.9 },
    { name: 'target', share: 0.1 },
  ],
  metrics: [METRIC],
  alpha: 0.05,
  method: { kind: 'always-valid' },
  plannedSubjects: 1_000,
  minSubjects: 100,
  minRunMs: 0,
}
const byFlag = { by: 'flag', flag: 'f' } as const
const three = ['a', 'b', 'c'].map((name) => ({ name, share: null }))

describe('the definition of an experiment', () => {
  it('is accepted as it is described', () => {
    expect(faultsOfExperiment(GOOD, ['source', 'target'])).toEqual([])
    expect(
      faultsOfExperiment(
        { ...GOOD, assignment: byFlag, cohorts: three, metrics: [METRIC, { ...GUARD, name: 'g' }] },
        [],
      ),
    ).toEqual([])
  })

  const faults: [string, Partial<ExperimentDefinition>][] = [
    ['name', { name: 'X y' }],
    ['alpha', { alpha: Number.NaN }],
    ['alpha', { alpha: 0.5 }],
    ['minSubjects', { minSubjects: 10 }],
    ['minSubjects', { minSubjects: 50.5 }],
    ['plannedSubjects', { plannedSubjects: 150 }],
    ['plannedSubjects', { plannedSubjects: Number.POSITIVE_INFINITY }],
    ['minRunMs', { minRunMs: -1 }],
    ['looks', { method: { kind: 'group-sequential', spending: 'pocock', looks: 11 } }],
    ['cohorts', { cohorts: [] }],
    ['one name', { assignment: byFlag, cohorts: [...three, { name: 'a', share: null }] }],
    [
      'names no cohort',
      {
        assignment: byFlag,
        cohorts: [
          { name: 'constructor', share: null },
          { name: 'b', share: null },
        ],
      },
    ],
    ['this order', { cohorts: [...GOOD.cohorts].reverse() }],
    ['add up to 1', { cohorts: GOOD.cohorts.map((cohort) => ({ ...cohort, share: 0.4 })) }],
    ['between 0 and 1', { cohorts: GOOD.cohorts.map((cohort) => ({ ...cohort, share: Number.NaN })) }],
    ['metrics', { metrics: [] }],
    ['one name', { metrics: [METRIC, METRIC] }],
    ['names no metric', { metrics: [{ ...METRIC, name: 'to string' }] }],
    ['has a margin', { metrics: [{ ...METRIC, role: 'guardrail' }] }],
    ['has a margin', { metrics: [{ ...GUARD, role: 'goal' }] }],
    ['above 0', { metrics: [{ ...GUARD, margin: { kind: 'absolute', value: Number.NaN } }] }],
    ['below 1', { metrics: [{ ...GUARD, better: 'higher', margin: { kind: 'relative', value: 1 } }] }],
    ['two paths', { assignment: byFlag, metrics: [{ ...METRIC, kind: 'compared' }] }],
    ['in milliseconds', { metrics: [{ ...GUARD, kind: 'compared' }] }],
    ['paired', { assignment: byFlag, cohorts: three, metrics: [{ ...METRIC, kind: 'paired' }] }],
  ]
  it.each(faults)('is refused naming %s: %o', (name, wrong) => {
    expect(faultsOfExperiment({ ...GOOD, ...wrong }, ['source', 'target']).join()).toContain(name)
  })
})

describe('what shares subjects should be found in', () => {
  const flag: Flag = {
    name: 'f',
    description: '',
    kind: 'string',
    variants: { a: '1', b: '2', c: '3' },
    fallback: 'a',
    on: true,
    rules: [],
    rollout: {
      percent: 30,
      split: [
        { variant: 'b', weight: 3 },
        { variant: 'c', weight: 1 },
      ],
    },
    salt: 's',
    sticky: false,
    from: null,
    until: null,
    schedule: [],
    killed: null,
  }

  it.each([[['a', 'b', 'c']], [['a', 'b']], [['b', 'c']]])('is what the flag deals to %o', (cohorts) => {
    const allocation = allocationOfFlag(flag, cohorts, 0)
    const found = { cohorts: cohorts.map(() => 0), cells: new Array<number>(CELLS).fill(0) }
    let inside = 0
    for (let at = 0; at < 30_000; at++) {
      const { variant } = evaluate(
        { ...flag, groups: new Map() },
        { key: `u${at}`, attributes: {}, environment: null },
        0,
      )
      const cohort = cohorts.indexOf(variant)
      if (cohort < 0) continue
      inside += 1
      found.cohorts[cohort] = (found.cohorts[cohort] ?? 0) + 1
      const cell = cellOf(bucketOf(flag.salt, `u${at}`), BUCKETS)
      found.cells[cell] = (found.cells[cell] ?? 0) + 1
    }
    allocation?.cohorts.forEach((share, at) => {
      expect(Math.abs(share - (found.cohorts[at] ?? 0) / inside)).toBeLessThan(0.015)
    })
    allocation?.cells.forEach((share, at) => {
      expect(Math.abs(share - (found.cells[at] ?? 0) / inside)).toBeLessThan(0.015)
    })
    expect(allocation?.cells.reduce((sum, share) => sum + share)).toBeCloseTo(1, 12)
  })

  it('is nothing where a cohort would get nobody', () => {
    for (const nobody of [
      { ...flag, on: false },
      { ...flag, killed: { at: 0, by: 'a', reason: 'r' } },
    ])
      expect(allocationOfFlag(nobody, ['a', 'b'], 0)).toBeNull()
    expect(allocationOfFlag({ ...flag, rollout: { percent: 100, split: [] } }, ['b', 'c'], 0)).toBeNull()
    expect([allocationOfRollout(0), allocationOfRollout(100)]).toEqual([null, null])
    expect(allocationOfRollout(25)?.cohorts).toEqual([0.75, 0.25])
  })

  it('is the same or another', () => {
    const half = statedAllocation([0.5, 0.5])
    expect([
      sameAllocation(half, statedAllocation([0.5, 0.5])),
      sameAllocation(half, statedAllocation([0.6, 0.4])),
    ]).toEqual([true, false])
    expect([cellOf(0, 10), cellOf(9.99, 10), cellOf(10, 10)]).toEqual([0, 15, 15])
  })
})
