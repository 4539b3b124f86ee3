import { describe, expect, it } from 'vitest'
import { type Measurement, nothingMeasured, totalled } from '../../lib/core/metrics/measurement.js'
import { addValue } from '../../lib/core/metrics/sketch.js'
import { memoryMetrics } from '../../lib/drivers/metrics/memory.js'
import { createApp } from '../../lib/http/app.js'
import { tokenAuthorizer } from '../../lib/http/authorize.js'
import { prometheusRoutes } from '../../lib/http/prometheus.js'
import { prometheusText } from '../../lib/http/prometheus-text.js'
import { countingClock, KeptLog, sender } from './harness.js'

function measured(more: Partial<Measurement>, latencies: readonly number[] = []): Measurement {
  const one = { component: 'projects', path: 'source' as const, operation: 'read', ...nothingMeasured(), ...more }
  for (const ms of latencies) addValue(one.latencyMs, ms)
  return totalled(one)
}

/** Reads the text as a scraper does: throws at what is not of the format. */
function scraped(text: string): { types: Map<string, string>; samples: Map<string, number> } {
  const types = new Map<string, string>()
  const samples = new Map<string, number>()
  expect(text === '' || text.endsWith('\n')).toBe(true)
  for (const line of text.split('\n').slice(0, -1)) {
    const type = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(line)
    if (type !== null) {
      expect(types.has(type[1] ?? '')).toBe(false)
      types.set(type[1] ?? '', type[2] ?? '')
    } else if (!/^# HELP [a-z_]+ \S/.test(line)) {
      const sample = /^([a-z_]+\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\}) (-?[\d.e+-]+)$/.exec(line)
      if (sample === null) throw new Error(`not a sample: ${line}`)
      const name = /^[a-z_]+/.exec(line)?.[0] ?? ''
      expect([name, types.has(name.replace(/_(bucket|sum|count)$/, '')) || types.has(name)]).toEqual([name, true])
      expect(samples.has(sample[1] ?? '')).toBe(false)
      samples.set(sample[1] ?? '', Number(sample[2]))
    }
  }
  return { types, samples }
}

describe('metrics as Prometheus reads them', () => {
  it('are counters, a histogram whose buckets only grow, and a gauge', () => {
    const totals = [
      measured({ count: 5, errors: 1 }, [1, 3, 3, 40, 900_000]),
      measured({ path: null, operation: 'compare', sums: { matched: 7, pairs: 7, differenceMs: -3 } }),
      measured({ path: null, operation: 'runtime', sums: { connections: 9, dropped: 2 } }),
      measured({ component: 'cutover', path: null, operation: 'recorder', sums: { lost: 4 } }),
    ]
    const recent = [0.25, 0.5, 0.125].map((memoryShare) => measured({ operation: 'runtime', peaks: { memoryShare } }))
    const { types, samples } = scraped(prometheusText({ totals, recent }))
    expect(types.get('cutover_operation_duration_seconds')).toBe('histogram')
    const of = '{component="projects",path="source",operation="read"}'
    expect(samples.get(`cutover_operations_total${of}`)).toBe(5)
    expect(samples.get(`cutover_operation_errors_total${of}`)).toBe(1)
    expect(samples.get('cutover_comparisons_total{component="projects",outcome="matched"}')).toBe(7)
    expect(samples.get('cutover_connections_total{component="projects"}')).toBe(9)
    expect(samples.get('cutover_connections_dropped_total{component="projects"}')).toBe(2)
    expect(samples.get('cutover_recorder_lost_operations_total{component="cutover"}')).toBe(4)
    expect(samples.get('cutover_memory_share{component="projects"}')).toBe(0.5)
    const buckets = [...samples].filter(([name]) => name.includes('_bucket{'))
    const les = buckets.map(([name]) => Number(/le="([^"]+)"/.exec(name)?.[1]?.replace('+Inf', 'Infinity')))
    const counts = buckets.map(([, count]) => count)
    expect(les).toEqual(les.toSorted((a, b) => a - b))
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    expect([counts.at(-2), counts.at(-1)]).toEqual([4, 5])
    expect(samples.get(`cutover_operation_duration_seconds_count${of}`)).toBe(5)
    expect(Math.abs((samples.get(`cutover_operation_duration_seconds_sum${of}`) ?? 0) - 900.047)).toBeLessThan(9.1)
  })

  it('escape what a label may hold', () => {
    const odd = 'a"b\\c\nd'
    const text = prometheusText({ totals: [measured({ operation: odd, count: 1 })], recent: [] })
    expect(text).toContain('operation="a\\"b\\\\c\\nd"')
    scraped(text)
  })

  it('are nothing where nothing was measured', () => {
    expect(prometheusText({ totals: [], recent: [] })).toBe('')
  })

  it('are served to viewers alone', async () => {
    const store = memoryMetrics()
    await store.add(500, [
      measured({ count: 3 }, [1, 2, 3]),
      measured({ path: null, operation: 'runtime', peaks: { memoryShare: 0.5 } }),
    ])
    const authorizer = tokenAuthorizer({ viewerToken: 'viewer' })
    const clock = countingClock()
    const control = prometheusRoutes({ authorizer, metrics: async () => store, clock })
    const app = createApp({ control, health: async () => ({ healthy: true, issues: [] }), clock, log: new KeptLog() })
    const path = '/api/migration/metrics/prometheus'
    expect((await sender(app)('GET', path)).status).toBe(401)
    const answer = await sender(app)('GET', path, undefined, { Authorization: 'Bearer viewer' })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    const { samples } = scraped(await answer.text())
    expect(samples.get('cutover_operations_total{component="projects",path="source",operation="read"}')).toBe(3)
    expect(samples.get('cutover_memory_share{component="projects"}')).toBe(0.5)
  })
})
