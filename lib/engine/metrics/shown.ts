import { type Component, pathsOf } from '../../core/component.js'
import {
  addMeasured,
  keyOfSeries,
  type Measured,
  type Measurement,
  nothingMeasured,
  type Path,
  type Series,
} from '../../core/metrics/measurement.js'
import { quantile } from '../../core/metrics/sketch.js'
import { componentOf, listComponents } from '../components.js'
import type { EngineContext } from '../context.js'

/** What was measured of a component, path beside path. */
export interface Window {
  /** Absent: all of them. */
  component?: string | undefined
  path?: Path | undefined
  operation?: string | undefined
  windowMinutes: number
  /** Wall-clock milliseconds at which the window ends; absent: now. */
  at?: number | undefined
}

/** Figures of some series; times in milliseconds, `null` where nothing was measured. */
export interface Figures {
  path: Path | null
  count: number
  errors: number
  /** 0 to 1. */
  errorRate: number | null
  p50Ms: number | null
  p95Ms: number | null
  p99Ms: number | null
  sums: { [name: string]: number }
  peaks: { [name: string]: number }
}

/** By how much the second path is above the first, as a share of the first: 0.2 is 20 % more. */
export interface Difference {
  from: Path
  to: Path
  errorRate: number | null
  p50: number | null
  p95: number | null
  p99: number | null
}

export interface ShownMetrics {
  from: number
  to: number
  bucketMs: number
  components: { component: string; operations: ShownOperation[] }[]
}

export interface ShownOperation {
  operation: string
  paths: Figures[]
  difference: Difference | null
}

type Context = Pick<EngineContext, 'collections' | 'ledger' | 'metrics' | 'clock'>

/** Whole buckets only: the window is told to the width of one. Throws `not-found` for a component that there is not. */
export async function showMetrics(context: Context, asked: Window): Promise<ShownMetrics> {
  const { metrics } = context
  const components = await componentsOf(context, asked)
  const { from, to } = spanOf(context, asked)
  const sums = new Map<string, Measurement>()
  for (const { measurements } of await metrics.read({ from, to, of: seriesOf(asked) })) {
    for (const one of measurements) addTo(sums, one)
  }
  const shown = components.map((component) => {
    const own = [...sums.values()].filter((one) => one.component === component.name)
    return { component: component.name, operations: operationsOf(own, pathsOf(component)) }
  })
  return { from, to, bucketMs: metrics.bucketMs, components: shown }
}

export async function componentsOf(context: Context, { component }: Window): Promise<Component[]> {
  return component === undefined ? listComponents(context) : [await componentOf(context, component)]
}

export function addTo(sums: Map<string, Measurement>, one: Measurement): void {
  const { component, path, operation } = one
  const key = keyOfSeries(one)
  const sum = sums.get(key) ?? { component, path, operation, ...nothingMeasured() }
  addMeasured(sum, one)
  sums.set(key, sum)
}

function operationsOf(measurements: readonly Measurement[], [first, second]: readonly [Path, Path]): ShownOperation[] {
  const order: (Path | null)[] = [first, second]
  const names = [...new Set(measurements.map(({ operation }) => operation))].sort()
  return names.map((operation) => {
    const paths = measurements
      .filter((one) => one.operation === operation)
      .sort((a, b) => order.indexOf(a.path) - order.indexOf(b.path))
      .map((one) => figuresOf(one.path, one))
    return { operation, paths, difference: differenceOf(paths, first, second) }
  })
}

export function spanOf(
  { clock }: Pick<EngineContext, 'clock'>,
  { windowMinutes, at = clock.now() }: Pick<Window, 'windowMinutes' | 'at'>,
): { from: number; to: number } {
  return { from: at - windowMinutes * MINUTE_MS, to: at }
}

const MINUTE_MS = 60_000

export function seriesOf({ component, path, operation }: Window): Partial<Series> {
  return {
    ...(component === undefined ? {} : { component }),
    ...(path === undefined ? {} : { path }),
    ...(operation === undefined ? {} : { operation }),
  }
}

export function figuresOf(path: Path | null, { count, errors, sums, peaks, latencyMs }: Measured): Figures {
  return {
    path,
    count,
    errors,
    errorRate: count === 0 ? null : errors / count,
    p50Ms: quantile(latencyMs, 0.5),
    p95Ms: quantile(latencyMs, 0.95),
    p99Ms: quantile(latencyMs, 0.99),
    sums,
    peaks,
  }
}

function differenceOf(figures: readonly Figures[], from: Path, to: Path): Difference | null {
  const [before, after] = [from, to].map((path) => figures.find((one) => one.path === path))
  if (before === undefined || after === undefined || before.count === 0 || after.count === 0) return null
  return {
    from,
    to,
    errorRate: shareAbove(before.errorRate, after.errorRate),
    p50: shareAbove(before.p50Ms, after.p50Ms),
    p95: shareAbove(before.p95Ms, after.p95Ms),
    p99: shareAbove(before.p99Ms, after.p99Ms),
  }
}

/** `null` where there is nothing to take a share of. */
function shareAbove(before: number | null, after: number | null): number | null {
  if (before === null || after === null) return null
  if (before === 0) return after === 0 ? 0 : null
  return (after - before) / before
}
