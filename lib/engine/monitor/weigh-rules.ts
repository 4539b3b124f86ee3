import type { Component } from '../../core/component.js'
import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { rulesOf } from '../../core/monitor/apply.js'
import { SHIPPED_RULES } from '../../core/monitor/default-rules.js'
import { MINUTE_MS, type Rule } from '../../core/monitor/rule.js'
import { listComponents } from '../components.js'
import type { EngineContext } from '../context.js'
import { carryOut } from './carry-out.js'
import { forgetDecisions } from './decisions.js'
import { storedRules } from './kept.js'
import { weighComponent } from './weigh-component.js'

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
  for (const component of inTurn(await listComponents(context), context.clock.now())) {
    if (deadlineAt - context.clock.now() < MARGIN_MS) {
      report[component.name] = 'out-of-time'
      continue
    }
    report[component.name] = await ofOne(context, component, stored)
  }
  const forgotten = await forgetDecisions(context).catch(ifUnavailable(0))
  return { components: report, forgotten }
}

const MARGIN_MS = 3_000

async function ofOne(context: EngineContext, component: Component, stored: readonly Rule[]): Promise<Json> {
  const rules = rulesOf(component, stored, SHIPPED_RULES)
  const armed = rules.filter((rule) => rule.armed)
  try {
    const weighed = await weighComponent(context, component, armed)
    // Also after a conflict: what another instance has decided may be left for us to carry out.
    const coolDownMs = (name: string): number =>
      (rules.find((rule) => rule.name === name)?.coolDownMinutes ?? 0) * MINUTE_MS
    const acted = await carryOut(context, component.name, coolDownMs)
    return { ...(weighed === 'overtaken' ? { overtaken: true } : { ...weighed }), acted }
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
