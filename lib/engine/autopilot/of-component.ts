import type { Component } from '../../core/component.js'
import { CutoverError } from '../../core/error.js'
import { effectivePercent } from '../../core/flags/schedule.js'
import { addMeasured, nothingMeasured } from '../../core/metrics/measurement.js'
import type { Evidence } from '../../core/plan/evidence.js'
import { componentOf } from '../components.js'
import type { EngineContext } from '../context.js'
import { readNamedFlag, setRollout } from '../flags/flags.js'
import type { Mover } from '../stages/move.js'

/** The component behind a name in a plan, which must be switched by a flag. */
export async function switchedComponent(
  context: EngineContext,
  name: string,
): Promise<Extract<Component, { kind: 'flag' }>> {
  const component = await componentOf(context, name)
  if (component.kind === 'flag') return component
  throw new CutoverError('invalid-input', `${name} is a collection: it moves through stages, not by a rollout.`)
}

/** Sends a share of a component's traffic through its path `new`, by its flag. */
export async function rollOutComponent(
  context: EngineContext,
  name: string,
  percent: number,
  mover: Mover,
): Promise<{ before: number; after: number }> {
  const { flag } = await switchedComponent(context, name)
  return setRollout(context, flag, percent, mover)
}

/** Share of a component's traffic that its flag sends through the path `new` now, in percent. */
export async function rolloutOf(context: EngineContext, flag: string): Promise<number> {
  try {
    return effectivePercent(await readNamedFlag(context, flag), context.clock.now())
  } catch (error) {
    // A flag that was deleted under its component sends nobody anywhere.
    if (error instanceof CutoverError && error.code === 'not-found') return 0
    throw error
  }
}

/** Operations on the path that is moved to, without what only compares and what only tells of the runtime. */
export async function operationsOf(
  context: EngineContext,
  component: string,
  since: number,
): Promise<Evidence['operations']> {
  const sum = nothingMeasured()
  const { clock } = context
  const buckets = await context.metrics.read({ from: since, to: clock.now(), of: { component, path: 'new' } })
  let found = false
  for (const measurement of buckets.flatMap(({ measurements }) => measurements)) {
    if (measurement.operation === 'compare' || measurement.operation === 'runtime') continue
    found = true
    addMeasured(sum, measurement)
  }
  return found ? { count: sum.count, failed: sum.errors } : null
}
