import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { statedAllocation } from '../../../lib/core/experiment/allocation.js'
import { type AnalysisInputs, analyse } from '../../../lib/core/experiment/analyse.js'
import { CELLS, type Counts, NO_METRIC, noCounts } from '../../../lib/core/experiment/counts.js'
import type { ExperimentDefinition, Method, Metric } from '../../../lib/core/experiment/experiment.js'
import { NO_SUMS, type Sums, withValue } from '../../../lib/core/experiment/statistics/moments.js'
import { normals } from './values.js'

const LATENCY: Metric = {
  name: 'latency',
  kind: 'value',
  better: 'lower',
  role: 'guardrail',
  margin: { kind: 'relative', value: 0.2 },
}
const BOUGHT: Metric = { name: 'bought', kind: 'conversion', better: 'higher', role: 'goal', margin: null }
const ERRORS: Metric = { name: 'errors', kind: 'count', better: 'lower', role: 'goal', margin: null }
const PAIRED: Metric = { ...LATENCY, name: 'both', kind: 'paired' }

function defined(more: Partial<ExperimentDefinition> = {}): ExperimentDefinition {
  return {
    name: 'x',
    component: 'c',
    description: '',
    assignment: { by: 'flag', flag: 'f' },
    cohorts: [
      { name: 'control', share: 0.5 },
      { name: 'treatment', share: 0.5 },
    ],
    metrics: [LATENCY, BOUGHT],
    alpha: 0.05,
    method: { kind: 'always-valid' },
    plannedSubjects: 2_000,
    minSubjects: 100,
    minRunMs: 60_000,
    ...more,
  }
}

interface Cohorts {
  [cohort: string]: { subjects: number; metrics: { [metric: string]: Sums } }
}

function inputsOf(cohorts: Cohorts, more: Partial<AnalysisInputs> = {}): AnalysisInputs {
  const counts: Counts = noCounts()
  for (const [name, { subjects, metrics }] of Object.entries(cohorts)) {
    const kept = Object.entries(metrics).map(([metric, values]) => [metric, { ...NO_METRIC, values }])
    counts.cohorts[name] = { subjects, metrics: Object.fromEntries(kept) }
    for (let cell = 0; cell < CELLS; cell++)
      counts.cells[cell] = (counts.cells[cell] ?? 0) + Math.floor(subjects / CELLS)
  }
  const allocation = statedAllocation([0.5, 0.5])
  const rest = { allocation, allocationChanged: false, startedAt: 0, at: 120_000, looks: null }
  return { definition: defined(), counts, ...rest, ...more }
}

function values(n: number, mean: number, spread: number, seed: number): Sums {
  const normal = normals(seed)
  let sums = NO_SUMS
  for (let at = 0; at < n; at++) sums = withValue(sums, mean + spread * normal())
  return sums
}

function ones(n: number): Sums {
  return { n, sum: [n, 0], squares: [n, 0] }
}

function cohort(n: number, latency: number, conversions: number, seed: number) {
  return { subjects: n, metrics: { latency: values(n, latency, 20, seed), bought: ones(conversions) } }
}

const GOOD = { control: cohort(1_000, 100, 100, 1), treatment: cohort(1_000, 101, 200, 2) }

function recommended(inputs: AnalysisInputs) {
  const [first] = analyse(inputs).recommendations
  return first
}

describe('what is recommended', () => {
  it('promote, where a goal is better and every guardrail is safe', () => {
    const found = analyse(inputsOf(GOOD))
    expect(found.recommendations).toMatchObject([
      { treatment: 'treatment', recommendation: 'promote', because: 'goal-better', metrics: ['bought'], missing: [] },
    ])
    const [latency, bought] = found.comparisons
    expect(latency).toMatchObject({
      finding: 'safe',
      different: null,
      safe: { shown: true },
      inferior: { shown: false },
    })
    expect(bought).toMatchObject({ finding: 'better', difference: 0.1, relative: 1, safe: null })
    expect(bought?.interval?.low).toBeGreaterThan(0)
    expect(bought?.interval).toMatchObject({ level: 0.95, holds: 'at-every-look' })
  })

  it('promote on guardrails alone, where there is no goal', () => {
    const definition = defined({ metrics: [LATENCY] })
    expect(recommended(inputsOf(GOOD, { definition }))).toMatchObject({
      recommendation: 'promote',
      because: 'guardrails-safe',
    })
  })

  it('roll-back, where a guardrail is worse by more than its margin, or a goal is worse', () => {
    const slow = { control: cohort(500, 100, 50, 1), treatment: cohort(500, 140, 90, 2) }
    expect(recommended(inputsOf(slow))).toMatchObject({
      recommendation: 'roll-back',
      because: 'guardrail-inferior',
      metrics: ['latency'],
    })
    const fewer = { control: cohort(1_000, 100, 200, 1), treatment: cohort(1_000, 100, 100, 2) }
    expect(recommended(inputsOf(fewer))).toMatchObject({
      recommendation: 'roll-back',
      because: 'goal-worse',
      metrics: ['bought'],
    })
  })

  it('hold, whatever the numbers are, where the sample ratio is not as it should be', () => {
    const lost = { control: cohort(1_000, 100, 100, 1), treatment: cohort(750, 140, 200, 2) }
    const found = analyse(inputsOf(lost))
    expect(found.sampleRatio).toMatchObject([
      { of: 'subjects', mismatch: true },
      { of: 'key-space', mismatch: false },
    ])
    expect(found.sampleRatio[0]?.p).toBeLessThan(1e-6)
    expect(found.recommendations).toMatchObject([{ recommendation: 'hold', because: 'sample-ratio-mismatch' }])
  })

  it('hold, where a part of the key space is missing', () => {
    const inputs = inputsOf(GOOD)
    inputs.counts.cells[3] = 0
    const found = analyse(inputs)
    expect(found.sampleRatio).toMatchObject([{ mismatch: false }, { of: 'key-space', mismatch: true }])
    expect(found.recommendations).toMatchObject([{ recommendation: 'hold', because: 'sample-ratio-mismatch' }])
  })

  it('hold, where subjects came where nobody can', () => {
    const allocation = { cohorts: [0.5, 0.5], cells: [0, ...new Array<number>(CELLS - 1).fill(1 / (CELLS - 1))] }
    const inputs = inputsOf(GOOD, { allocation })
    expect(analyse(inputs).sampleRatio[1]).toMatchObject({ mismatch: true, p: 0 })
    inputs.counts.cells[0] = 0
    expect(analyse(inputs).sampleRatio[1]).toMatchObject({ mismatch: false })
  })

  it('hold, where the flag deals otherwise than at the start', () => {
    expect(recommended(inputsOf(GOOD, { allocationChanged: true }))).toMatchObject({
      recommendation: 'hold',
      because: 'allocation-changed',
    })
  })

  it('not enough evidence, and what is missing in words', () => {
    const few = { control: cohort(40, 100, 4, 1), treatment: cohort(45, 101, 5, 2) }
    expect(recommended(inputsOf(few))).toMatchObject({
      recommendation: 'not-enough-evidence',
      because: 'too-few-subjects',
      missing: [
        '60 subjects more in the smaller cohort.',
        'That latency is worse by less than its margin is not shown yet.',
        'That bought differs is not shown yet.',
      ],
    })
    expect(recommended(inputsOf(GOOD, { at: 30_000 }))).toMatchObject({
      because: 'too-short',
      missing: ['1 minutes more.'],
    })
    const alike = { control: cohort(150, 100, 15, 1), treatment: cohort(150, 100, 16, 2) }
    const wide = { ...LATENCY, margin: { kind: 'relative', value: 0.01 } as const }
    expect(recommended(inputsOf(alike, { definition: defined({ metrics: [wide, BOUGHT] }) }))).toMatchObject({
      recommendation: 'not-enough-evidence',
      because: 'guardrail-not-shown',
    })
    expect(recommended(inputsOf(alike))).toMatchObject({
      recommendation: 'not-enough-evidence',
      because: 'goal-not-shown',
    })
  })

  it('hold, where many times the planned subjects have shown nothing', () => {
    const alike = { control: cohort(1_000, 100, 100, 1), treatment: cohort(1_000, 100, 102, 2) }
    const definition = defined({ plannedSubjects: 400 })
    expect(recommended(inputsOf(alike, { definition }))).toMatchObject({
      recommendation: 'hold',
      because: 'effect-too-small',
    })
  })

  it('for each treatment its own', () => {
    const cohorts = ['control', 'good', 'bad'].map((name) => ({ name, share: null }))
    const three = { control: GOOD.control, good: GOOD.treatment, bad: cohort(1_000, 150, 100, 3) }
    const inputs = inputsOf(three, {
      definition: defined({ cohorts }),
      allocation: statedAllocation([1 / 3, 1 / 3, 1 / 3]),
    })
    expect(analyse(inputs).recommendations).toMatchObject([
      { treatment: 'good', recommendation: 'promote' },
      { treatment: 'bad', recommendation: 'roll-back' },
    ])
  })
})

describe('planned looks', () => {
  const sequential: Method = { kind: 'group-sequential', spending: 'obrien-fleming', looks: 4 }
  const fixed: Method = { kind: 'fixed', falseDiscovery: 'benjamini-yekutieli' }

  it.each([sequential, fixed])('decide nothing in between: %o', (method) => {
    const between = recommended(inputsOf(GOOD, { definition: defined({ method }) }))
    expect(between).toMatchObject({ recommendation: 'not-enough-evidence', because: 'between-looks' })
    expect(between?.missing).toContain('The next planned look.')
  })

  it.each([
    [sequential, 'at-planned-looks', [0.5, 1]],
    [fixed, 'once', [1]],
  ] as const)('decide when they come: %o', (method, holds, looks) => {
    const found = analyse(inputsOf(GOOD, { definition: defined({ method }), looks: [...looks] }))
    expect(found.recommendations).toMatchObject([{ recommendation: 'promote' }])
    expect(found.comparisons[1]?.interval?.holds).toBe(holds)
    expect(found.comparisons[1]?.different?.p).toBeLessThan(0.001)
  })

  it('that are used up without a finding end it', () => {
    const alike = { control: cohort(1_000, 100, 100, 1), treatment: cohort(1_000, 100, 102, 2) }
    const found = recommended(inputsOf(alike, { definition: defined({ method: sequential }), looks: [1] }))
    expect(found).toMatchObject({ recommendation: 'hold', because: 'looks-used-up', metrics: ['bought'] })
  })

  it('of rare conversions are exact', () => {
    const rare = (events: number) => ({
      subjects: 1_000,
      metrics: { latency: values(1_000, 100, 20, events + 1), bought: ones(events) },
    })
    const fixedOnes = defined({
      method: fixed,
      metrics: [LATENCY, { ...BOUGHT, better: 'lower', role: 'guardrail', margin: { kind: 'relative', value: 0.5 } }],
    })
    const found = analyse(inputsOf({ control: rare(1), treatment: rare(19) }, { definition: fixedOnes, looks: [1] }))
    expect(found.comparisons[1]).toMatchObject({ finding: 'inferior', inferior: { shown: true } })
  })
})

describe('each kind of metric', () => {
  it('counts: whoever has none counts as none', () => {
    const definition = defined({ metrics: [ERRORS] })
    const counted = (n: number) => ({
      subjects: 1_000,
      metrics: { errors: { n, sum: [2 * n, 0], squares: [4 * n, 0] } as Sums },
    })
    const found = analyse(inputsOf({ control: counted(200), treatment: counted(60) }, { definition }))
    expect(found.comparisons).toMatchObject([
      { control: { mean: 0.4, measured: 200 }, treated: { mean: 0.12 }, finding: 'better' },
    ])
  })

  it('pairs: the mean of differences, by whatever cohort their subjects are of', () => {
    const definition = defined({ metrics: [PAIRED] })
    const inputs = inputsOf(
      { control: { subjects: 200, metrics: {} }, treatment: { subjects: 200, metrics: {} } },
      { definition },
    )
    for (const [name, seed] of [['control', 4] as const, ['treatment', 8] as const]) {
      const both = { values: values(200, 3, 10, seed), beyond: values(200, -17, 10, seed) }
      inputs.counts.cohorts[name] = { subjects: 200, metrics: { both } }
    }
    const found = analyse(inputs)
    expect(found.comparisons[0]).toMatchObject({ finding: 'safe', relative: null })
    expect(found.comparisons[0]?.difference).toBeCloseTo(3, 0)
  })

  it('better higher, with a margin: safe while it loses less than that', () => {
    const higher = defined({ metrics: [{ ...LATENCY, better: 'higher' }] })
    const found = (mean: number) =>
      analyse(inputsOf({ control: cohort(800, 100, 0, 1), treatment: cohort(800, mean, 0, 2) }, { definition: higher }))
        .comparisons[0]?.finding
    expect([found(95), found(70), found(80), found(130)]).toEqual(['safe', 'inferior', 'not-shown', 'safe'])
  })

  it('errors of which there are none are few, and of which there may be many are not', () => {
    const errors: Metric = { ...LATENCY, name: 'errors', kind: 'conversion', margin: { kind: 'absolute', value: 0.05 } }
    const found = (subjects: number, events: number, better: 'lower' | 'higher') => {
      const side = { subjects, metrics: { errors: ones(events) } }
      const definition = defined({ metrics: [{ ...errors, better }] })
      return analyse(inputsOf({ control: side, treatment: side }, { definition })).comparisons[0]?.finding
    }
    expect([found(300, 0, 'lower'), found(60, 0, 'lower')]).toEqual(['safe', 'not-shown'])
    expect([found(300, 300, 'higher'), found(300, 0, 'higher')]).toEqual(['safe', 'not-shown'])
  })

  it('with a margin in its own unit', () => {
    const absolute = defined({
      metrics: [
        { ...LATENCY, margin: { kind: 'absolute', value: 10 } },
        { ...BOUGHT, role: 'guardrail', margin: { kind: 'absolute', value: 0.05 } },
      ],
    })
    const found = analyse(
      inputsOf(
        { control: cohort(2_000, 100, 200, 1), treatment: cohort(2_000, 103, 195, 2) },
        { definition: absolute },
      ),
    )
    expect(found.comparisons.map(({ finding }) => finding)).toEqual(['safe', 'safe'])
  })
})

describe('whatever is counted', () => {
  it('every number is one that JSON carries, and an analysis can be made again from what was kept', () => {
    const few = fc.record({
      subjects: fc.nat(40),
      latency: fc.array(fc.constantFrom(0, 1, 1, -3.5, 1e12, 1e-12, -1e12, 5e-324), { maxLength: 6 }),
      events: fc.nat(40),
      counts: fc.array(fc.nat(3), { maxLength: 5 }),
    })
    const methods: Method[] = [
      { kind: 'always-valid' },
      { kind: 'fixed', falseDiscovery: 'benjamini-hochberg' },
      { kind: 'group-sequential', spending: 'pocock', looks: 2 },
    ]
    const margins = [{ kind: 'relative', value: 0.5 } as const, { kind: 'absolute', value: 0.5 } as const]
    const metrics = margins.flatMap((margin) =>
      [LATENCY, BOUGHT, ERRORS, PAIRED].map((metric): Metric => ({ ...metric, role: 'guardrail', margin })),
    )
    const all = [
      ...metrics,
      ...[LATENCY, BOUGHT, ERRORS, PAIRED].map((m): Metric => ({ ...m, role: 'goal', margin: null })),
    ]
    fc.assert(
      fc.property(few, few, fc.constantFrom(...methods), fc.constantFrom(...all), (a, b, method, metric) => {
        const sums = (list: number[]) => list.reduce((sum, value) => withValue(sum, value), NO_SUMS)
        const side = ({ subjects, latency, events, counts }: typeof a) => {
          const n = Math.max(subjects, events, counts.length, latency.length)
          const values = { latency: sums(latency), bought: ones(events), errors: sums(counts), both: sums(latency) }
          return { subjects: n, metrics: values }
        }
        const definition = defined({ method, minSubjects: 30, metrics: [metric] })
        const looks = method.kind === 'always-valid' ? null : [0.5, 1]
        const inputs = inputsOf({ control: side(a), treatment: side(b) }, { definition, looks })
        const found = analyse(inputs)
        const kept = JSON.parse(JSON.stringify(found), (_, value) => (value === 0 ? 0 : value))
        expect(JSON.parse(JSON.stringify(analyse(JSON.parse(JSON.stringify(inputs)))))).toEqual(kept)
        const numbers = JSON.stringify(found, (_, value) =>
          typeof value === 'number' && !Number.isFinite(value) ? 'not finite' : value,
        )
        expect(numbers).not.toContain('not finite')
      }),
      { seed: 3, numRuns: 90 },
    )
  })

  it('nothing at all is answered, too', () => {
    expect(recommended(inputsOf({}))).toMatchObject({
      recommendation: 'not-enough-evidence',
      because: 'too-few-subjects',
    })
  })
})
