import type { Component } from '../../core/component.js'
import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { rulesOf } from '../../core/monitor/apply.js'
import { SHIPPED_RULES } from '../../core/monitor/default-rules.js'
import type { Bucket } from '../../core/monitor/estimate.js'
import { MINUTE_MS, type Rule, reachOf } from '../../core/monitor/rule.js'
import { listComponents } from '../components.js'
import type { EngineContext } from '../context.js'
import { carryOut } from './carry-out.js'
import { forgetDecisions } from './decisions.js'
import { listStandings, storedRules } from './kept.js'
import { type Known, weighComponent } from './weigh-component.js'

/**
 * Weighs every armed rule of every component against what was measured, and carries out what was decided. Called by the
 * cron, and by the data plane when an operation fails or copies differ.
 *
 * What can go wrong: two instances weigh at once (of each component one commit holds; the other weighs again at its next
 * turn, and comes to the same), one stops between a decision and its action (the next turn carries it out), the ledger or
 * the metrics do not answer (nothing is weighed, which is evidence of nothing), clocks differ by seconds (windows are
 * off by as much at their edges), a turn runs out of time (components are taken in another order every minute). What
 * cannot: a breach or a pass for want of data, or two rollbacks for one decision.
 */
export async function weighRules(context: EngineContext, deadlineAt: number): Promise<Json> {
  const stored = (await storedRules(context)).map(({ rule }) => rule)
  const report: { [component: string]: Json } = {}
  const ruled = inTurn(await listComponents(context), context.clock.now()).map((component) => {
    const rules = rulesOf(component, stored, SHIPPED_RULES)
    return { component, rules, armed: rules.filter((rule) => rule.armed) }
  })
  const heldOf = await listStandings(context)
  const buckets = await measuredTogether(context, ruled)
  for (const one of ruled) {
    const { name } = one.component
    if (deadlineAt - context.clock.now() < MARGIN_MS) {
      report[name] = 'out-of-time'
      continue
    }
    report[name] = await ofOne(context, one, { held: heldOf(name), buckets })
  }
  const forgotten = await forgetDecisions(context).catch(ifUnavailable(0))
  return { components: report, forgotten }
}

const MARGIN_MS = 3_000

interface Ruled {
  component: Component
  rules: readonly Rule[]
  armed: readonly Rule[]
}

/** Of more components it would be too much at once. */
const TOGETHER_MAX = 8

/** What was measured of all of them, in one read; `null`: each is to be read for itself. */
async function measuredTogether(context: EngineContext, ruled: readonly Ruled[]): Promise<readonly Bucket[] | null> {
  const reaches = ruled.flatMap(({ armed }) => armed.map(reachOf))
  if (reaches.length === 0 || ruled.length > TOGETHER_MAX) return null
  const now = context.clock.now()
  return context.metrics.read({ from: now - Math.max(...reaches), to: now }).catch(ifUnavailable(null))
}

async function ofOne(context: EngineContext, { component, rules, armed }: Ruled, known: Known): Promise<Json> {
  try {
    const weighed = await weighComponent(context, component, armed, known)
    // Also after a conflict: what another instance has decided may be left for us to carry out.
    const coolDownMs = (name: string): number =>
      (rules.find((rule) => rule.name === name)?.coolDownMinutes ?? 0) * MINUTE_MS
    if (weighed === 'overtaken') return { overtaken: true, acted: await carryOut(context, component.name, coolDownMs) }
    const { pending, ...told } = weighed
    return { ...told, acted: pending ? await carryOut(context, component.name, coolDownMs) : [] }
  } catch (error) {
    return ifUnavailable({ failed: codeOf(error) })(error)
  }
}

/** One that is weighed last in this minute is not always last. */
function inTurn(components: readonly Component[], now: number): Component[] {
  const first = components.length === 0 ? 0 : Math.floor(now / MINUTE_MS) % components.length
  return [...components.slice(first), ...components.slice(0, first)]
}

function ifUnavailable<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof CutoverError) return otherwise
    throw error
  }
}

function codeOf(error: unknown): string {
  return error instanceof CutoverError ? error.code : 'internal'
}
