import { describe, expect, test } from 'vitest'
import {
  dataOf,
  isEmpty,
  latestOf,
  lonely,
  operationsOf,
  plottedOf,
  refreshMsOf,
  type SeriesAnswer,
  shownFigure,
  type TotalsAnswer,
  topOf,
} from '../../../../lib/dashboard/client/charts/series.js'

const FROM = Date.parse('2026-11-21T12:00:00.000Z')
const PATHS = ['source', 'target']

type Row = SeriesAnswer['points'][number]['series'][number]

function row(members: Partial<Row> = {}): Row {
  const figures = { count: 10, errors: 0, errorRate: 0, p50Ms: 2, p95Ms: 5, p99Ms: 9, sums: {}, peaks: {} }
  return { component: 'projects', operation: 'read', path: 'source', ...figures, ...members }
}

function answer(points: { second: number; seconds?: number; rows: Row[] }[], stepMs = 10_000): SeriesAnswer {
  return {
    from: new Date(FROM).toISOString(),
    to: new Date(FROM + 600_000).toISOString(),
    stepMs,
    points: points.map(({ second, seconds, rows }) => ({
      at: new Date(FROM + second * 1_000).toISOString(),
      widthMs: seconds === undefined ? stepMs : seconds * 1_000,
      series: rows,
    })),
  }
}

describe('what was measured, as charts draw it', () => {
  test('is one value for each path in the middle of its stretch, in seconds', () => {
    const plotted = plottedOf(answer([{ second: 0, rows: [row(), row({ path: 'target', p95Ms: 3 })] }]), 'read', PATHS)
    expect(dataOf(plotted, 'p95Ms')).toEqual([[FROM / 1_000 + 5], [5], [3]])
  })

  test('has a gap where nothing was measured: neither a line across nor nought', () => {
    const plotted = plottedOf(
      answer([
        { second: 0, rows: [row()] },
        { second: 10, rows: [row()] },
        { second: 60, rows: [row()] },
      ]),
      'read',
      PATHS,
    )
    expect(dataOf(plotted, 'p50Ms').slice(1)).toEqual([
      [2, 2, null, 2],
      [null, null, null, null],
    ])
    expect(plotted.stretches[2]).toEqual({ at: FROM + 20_000, widthMs: 40_000, figures: [null, null] })
  })

  test('has a gap in the line of one path where only the other was measured', () => {
    const both = [row(), row({ path: 'target' })]
    const plotted = plottedOf(
      answer([
        { second: 0, rows: both },
        { second: 10, rows: [row({ path: 'target' })] },
        { second: 20, rows: both },
      ]),
      'read',
      PATHS,
    )
    expect(dataOf(plotted, 'p50Ms').slice(1)).toEqual([
      [2, null, 2],
      [2, 2, 2],
    ])
  })

  test('takes no operations for nothing measured, not for latencies and rates of nought', () => {
    const plotted = plottedOf(answer([{ second: 0, rows: [row({ count: 0, p50Ms: null })] }]), 'read', PATHS)
    expect(dataOf(plotted, 'errorRate').slice(1)).toEqual([[null], [null]])
    expect(isEmpty(plotted)).toBe(true)
    expect(latestOf(plotted)).toBe(-1)
  })

  test('is of the operation that was asked for, and of no other', () => {
    const plotted = plottedOf(answer([{ second: 0, rows: [row({ operation: 'write' })] }]), 'read', PATHS)
    expect(isEmpty(plotted)).toBe(true)
  })

  test('has no gap between wide buckets, which are told by the step that they begin in', () => {
    // Buckets of 30 s from 12:00:06, in steps of 8 s: told as 12:00:00, 12:00:32, 12:01:04.
    const points = [0, 32, 64].map((second) => ({ second, seconds: 30, rows: [row()] }))
    expect(plottedOf(answer(points, 8_000), 'read', PATHS).stretches).toHaveLength(3)
  })

  test('still has a gap where a wide bucket is missing', () => {
    const points = [0, 64].map((second) => ({ second, seconds: 30, rows: [row()] }))
    expect(plottedOf(answer(points, 8_000), 'read', PATHS).stretches).toHaveLength(3)
  })

  test('reckons operations a second of the latest stretch by as much of it as is over', () => {
    const plotted = plottedOf(answer([{ second: 595, rows: [row({ count: 20 })] }]), 'read', PATHS)
    expect(dataOf(plotted, 'perSecond')[1]).toEqual([4])
  })

  test('has one scale for all paths', () => {
    const plotted = plottedOf(
      answer([{ second: 0, rows: [row({ p99Ms: 40 }), row({ path: 'target', p99Ms: 300 })] }]),
      'read',
      PATHS,
    )
    expect(topOf(plotted, 'p99Ms')).toBeCloseTo(336)
    expect(topOf(plotted, 'errorRate')).toBe(0.01)
  })
})

test('a value with nothing on either side is drawn as a point', () => {
  expect(lonely([1, null, 2, 3, null, 4])).toEqual([0, 5])
  expect(lonely([null, null])).toEqual([])
})

test('operations to choose from are those of the paths, the most frequent first', () => {
  const figures = { errors: 0, errorRate: 0, p50Ms: 1, p95Ms: 1, p99Ms: 1, sums: {}, peaks: {} }
  const totals: TotalsAnswer = {
    from: '',
    to: '',
    bucketMs: 1_000,
    components: [
      {
        component: 'projects',
        operations: [
          { operation: 'list', difference: null, paths: [{ path: 'source', count: 3, ...figures }] },
          { operation: 'read', difference: null, paths: [{ path: 'source', count: 5, ...figures }] },
          { operation: 'runtime', difference: null, paths: [{ path: null, count: 99, ...figures }] },
        ],
      },
    ],
  }
  expect(operationsOf(totals, 'projects').map(({ operation }) => operation)).toEqual(['read', 'list'])
  expect(operationsOf(totals, 'resources')).toEqual([])
})

test('a window is asked for again when a point may be new, at least every minute and at most every five seconds', () => {
  expect([null, 0, 8_000, 720_000].map(refreshMsOf)).toEqual([5_000, 5_000, 8_000, 60_000])
})

test('figures are told with their unit, and what is unknown as unknown', () => {
  expect(shownFigure('errorRate', 0.0123)).toBe('1.2 %')
  expect(shownFigure('p95Ms', 1_400)).toBe('1.4 s')
  expect(shownFigure('perSecond', 12.34)).toBe('12/s')
  expect(shownFigure('p50Ms', null)).toBe('–')
})
