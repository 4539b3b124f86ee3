import { type Component, pathsOf } from '../../core/component.js'
import { CutoverError } from '../../core/error.js'
import { addMeasured, type Measured, nothingMeasured } from '../../core/metrics/measurement.js'
import { quantile } from '../../core/metrics/sketch.js'
import { holdersOf } from '../autopilot/holders.js'
import { rolloutOf } from '../autopilot/of-component.js'
import { listComponents } from '../components.js'
import type { EngineContext } from '../context.js'
import { breachEvidence } from '../monitor/evidence.js'
import { sideBySide } from '../side-by-side.js'
import { collectionStatus } from '../status.js'

export interface ComponentReport {
  component: Component
  /** Of a collection; `null`: it is none, or its stores do not answer. */
  stage: string | null
  /** Share of the traffic on the path that is moved to, in percent; `null`: it cannot be told now. */
  rolloutPercent: number | null
  paths: PathReport[]
  health: 'good' | 'in-breach' | 'unknown'
  /** The plan that is at work on it. */
  plan: string | null
}

export interface PathReport {
  path: string
  sharePercent: number | null
  /** Within `minutes`. */
  operations: number
  errors: number
  p50Ms: number | null
  p95Ms: number | null
  p99Ms: number | null
}

/** Every component: where it stands, and how its two paths have done lately. What cannot be asked now is `null`. */
export async function componentReports(context: EngineContext, minutes: number): Promise<ComponentReport[]> {
  const components = await listComponents(context)
  const plans = await holdersOf(
    context,
    components.map(({ name }) => name),
  )
  const now = context.clock.now()
  const from = now - minutes * 60_000
  return sideBySide(components, async (component): Promise<ComponentReport> => {
    const standing = await standingOf(context, component)
    const measured = await measuredByPath(context, component.name, from, now)
    const [left] = pathsOf(component)
    const paths = pathsOf(component).map((path): PathReport => {
      const share = standing.rolloutPercent
      const sharePercent = share === null ? null : path === left ? 100 - share : share
      return { path, sharePercent, ...numbersOf(measured.get(path) ?? nothingMeasured()) }
    })
    const found = await breachEvidence(context, component.name, from).catch(unlessAway)
    const health =
      found === null || found.weighed === found.undecided ? 'unknown' : found.breaches > 0 ? 'in-breach' : 'good'
    return { component, ...standing, paths, health, plan: plans.get(component.name) ?? null }
  })
}

async function standingOf(
  context: EngineContext,
  component: Component,
): Promise<Pick<ComponentReport, 'stage' | 'rolloutPercent'>> {
  if (component.kind === 'collection') {
    const status = await collectionStatus(context, component.collection).catch(unlessAway)
    return { stage: status?.stage ?? null, rolloutPercent: status?.targetReadPercent ?? null }
  }
  return { stage: null, rolloutPercent: await rolloutOf(context, component.flag).catch(unlessAway) }
}

async function measuredByPath(
  context: EngineContext,
  component: string,
  from: number,
  to: number,
): Promise<Map<string, Measured>> {
  const sums = new Map<string, Measured>()
  for (const { measurements } of (await context.metrics.read({ from, to, of: { component } }).catch(unlessAway)) ??
    []) {
    for (const measurement of measurements) {
      const { path, operation } = measurement
      if (path === null || operation === 'compare' || operation === 'runtime') continue
      const sum = sums.get(path) ?? nothingMeasured()
      addMeasured(sum, measurement)
      sums.set(path, sum)
    }
  }
  return sums
}

function numbersOf({ count, errors, latencyMs }: Measured): Omit<PathReport, 'path' | 'sharePercent'> {
  const at = (q: number): number | null => quantile(latencyMs, q)
  return { operations: count, errors, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) }
}

function unlessAway(error: unknown): null {
  if (error instanceof CutoverError && error.code === 'unavailable') return null
  throw error
}
