import type { Json, JsonObject } from '../json.js'
import type { Measurement } from './measurement.js'
import { boundOfBin, COARSE, coarsen, valueOfBin } from './sketch.js'

/** A bucket of measurements, as it is told to others. */
export interface ToldBucket {
  at: number
  widthMs: number
  measurements: readonly Measurement[]
}

/**
 * An ExportMetricsServiceRequest of the OpenTelemetry protocol, as JSON (proto3's mapping: 64-bit integers are texts,
 * enumerations numbers). Sums and histograms are deltas: each point tells of one bucket alone, so whoever adds them up
 * must be told of no bucket twice.
 */
export function otlpRequest(buckets: readonly ToldBucket[]): JsonObject {
  const points = (make: (one: Measurement) => JsonObject | null): JsonObject[] =>
    buckets.flatMap(({ at, widthMs, measurements }) =>
      measurements.flatMap((one) => {
        const point = make(one)
        const span = { startTimeUnixNano: nanosOf(at), timeUnixNano: nanosOf(at + widthMs) }
        return point === null ? [] : [{ ...span, ...point }]
      }),
    )
  const operations = ({ path, operation }: Measurement): boolean => path !== null || !OWN.includes(operation)
  const sumOf = (operation: string, name: string) => (one: Measurement) =>
    one.path === null && one.operation === operation && one.sums[name] !== undefined
      ? { attributes: attributesOf({ component: one.component }), asDouble: one.sums[name] }
      : null
  const metrics = [
    counted(
      'cutover.operations',
      '{operation}',
      points((one) => (operations(one) && one.count > 0 ? count(one, one.count) : null)),
    ),
    counted(
      'cutover.operation.errors',
      '{operation}',
      points((one) => (operations(one) && one.errors > 0 ? count(one, one.errors) : null)),
    ),
    duration(points((one) => (one.latencyMs.size > 0 ? histogramOf(one) : null))),
    ...['matched', 'mismatched', 'inconclusive'].map((outcome) =>
      counted(`cutover.comparisons.${outcome}`, '{comparison}', points(sumOf('compare', outcome))),
    ),
    counted('cutover.connections', '{request}', points(sumOf('runtime', 'connections'))),
    counted('cutover.connections.dropped', '{request}', points(sumOf('runtime', 'dropped'))),
    counted('cutover.recorder.lost', '{operation}', points(sumOf('recorder', 'lost'))),
    gauge('cutover.memory.share', points(memoryOf)),
  ].filter((metric) => metric !== null)
  const resource = { attributes: attributesOf({ 'service.name': 'cutover' }) }
  return { resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: 'cutover' }, metrics }] }] }
}

const OWN = ['compare', 'runtime', 'recorder']
const DELTA = 1

function counted(name: string, unit: string, dataPoints: JsonObject[]): JsonObject | null {
  if (dataPoints.length === 0) return null
  return { name, unit, sum: { aggregationTemporality: DELTA, isMonotonic: true, dataPoints } }
}

function duration(dataPoints: JsonObject[]): JsonObject | null {
  if (dataPoints.length === 0) return null
  return { name: 'cutover.operation.duration', unit: 's', histogram: { aggregationTemporality: DELTA, dataPoints } }
}

function gauge(name: string, dataPoints: JsonObject[]): JsonObject | null {
  return dataPoints.length === 0 ? null : { name, unit: '1', gauge: { dataPoints } }
}

function count(one: Measurement, value: number): JsonObject {
  return { attributes: seriesAttributes(one), asInt: String(value) }
}

/** Bounds of the wide bins, in seconds: from 0.12 ms to two minutes. */
const BOUNDS = Array.from({ length: 21 }, (_, at) => (at - 3) * COARSE)
const BOUNDS_SECONDS: Json[] = BOUNDS.map((bin) => Number((boundOfBin(bin) / 1000).toPrecision(6)))

function histogramOf(one: Measurement): JsonObject {
  const counts = new Array<number>(BOUNDS.length + 1).fill(0)
  let [size, sum] = [0, 0]
  for (const [bin, times] of coarsen(one.latencyMs)) {
    const found = BOUNDS.findIndex((bound) => bin <= bound)
    const place = found < 0 ? BOUNDS.length : found
    counts[place] = (counts[place] ?? 0) + times
    size += times
  }
  for (const [bin, times] of one.latencyMs) sum += (valueOfBin(bin) * times) / 1000
  return {
    attributes: seriesAttributes(one),
    count: String(size),
    sum,
    bucketCounts: counts.map(String),
    explicitBounds: BOUNDS_SECONDS,
  }
}

function memoryOf({ component, peaks }: Measurement): JsonObject | null {
  if (peaks.memoryShare === undefined) return null
  return { attributes: attributesOf({ component }), asDouble: peaks.memoryShare }
}

function seriesAttributes({ component, path, operation }: Measurement): Json[] {
  return attributesOf({ component, path: path ?? 'none', operation })
}

function attributesOf(values: { [name: string]: string }): Json[] {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }))
}

function nanosOf(ms: number): string {
  return `${Math.round(ms)}000000`
}
