import { CutoverError } from '../core/error.js'
import type { Json } from '../core/json.js'
import { tendAlerts } from './alerts/tend.js'
import { planNames } from './autopilot/kept.js'
import { autopilotOf } from './autopilot/on-stores.js'
import { type TickResult, tick as tickPlan } from './autopilot/tick.js'
import { settleChecks } from './checkpoints/turn.js'
import type { EngineContext } from './context.js'
import { lookAfterExperiments } from './experiments/turn.js'
import { lookAfterBreakers } from './failing/turn.js'
import { foreseenOfTick } from './foreseen.js'
import { lookingAhead } from './look-ahead.js'
import { exportMetrics } from './metrics/export.js'
import { weighRules } from './monitor/weigh-rules.js'
import { tickPrograms } from './programs/turn.js'
import { rollbackTurn } from './rollback/turn.js'
import { keepRetention } from './state/retention.js'
import { type WatchReport, watch } from './watch.js'

export interface TickReport {
  watch: WatchReport
  /** What the other turns have come to, by their names. */
  turns: { [name: string]: Json }
  plans: { [name: string]: TickResult | { kind: 'failed'; code: string } }
}

/**
 * Everything that is looked after beside stores and plans, in this order: what protects comes before what leads
 * forward. A turn does no more than fits before `deadlineAt` (wall-clock milliseconds), may be run twice at once, and
 * answers what it has done; one that fails holds up no other, not even by a fault of ours.
 */
const TURNS: readonly { name: string; turn: (context: EngineContext, deadlineAt: number) => Promise<Json> }[] = [
  { name: 'rules', turn: weighRules },
  { name: 'rollbacks', turn: rollbackTurn },
  { name: 'breakers', turn: lookAfterBreakers },
  { name: 'alerts', turn: tendAlerts },
  { name: 'checkpoints', turn: settleChecks },
  { name: 'programs', turn: tickPrograms },
  { name: 'experiments', turn: lookAfterExperiments },
  { name: 'metrics', turn: exportMetrics },
  { name: 'retention', turn: keepRetention },
]

/** What the cron does: looks after stores and runs, takes every other turn, then gives every plan its own. */
export async function tick(given: EngineContext, deadlineAt: number): Promise<TickReport> {
  const context = { ...given, ledger: lookingAhead(given.ledger, foreseenOfTick(given), given.clock) }
  const watched = await watch(context)
  const turns: TickReport['turns'] = {}
  const faults: unknown[] = []
  for (const { name, turn } of TURNS) {
    if (deadlineAt - context.clock.now() <= MARGIN_MS) break
    turns[name] = await turn(context, deadlineAt).catch((error: unknown) => {
      if (!(error instanceof CutoverError)) faults.push(error)
      return { kind: 'failed', code: error instanceof CutoverError ? error.code : 'internal' }
    })
  }
  const plans = await tickPlans(context, deadlineAt)
  if (faults.length > 0) throw faults[0] // shown, but only when everything else was looked after
  return { watch: watched, turns, plans }
}

/** Gives every plan its turn, whole or (`weigh`) without beginning anything that leads forward. */
export async function tickPlans(
  context: EngineContext,
  deadlineAt: number,
  only?: 'weigh',
): Promise<TickReport['plans']> {
  const plans: TickReport['plans'] = {}
  const autopilot = autopilotOf({ context })
  for (const name of await planNames(autopilot)) {
    const budgetMs = deadlineAt - context.clock.now() - MARGIN_MS
    if (budgetMs <= 0) break
    plans[name] = await tickPlan(autopilot, name, { budgetMs, ...(only === undefined ? {} : { only }) }).catch(failed)
  }
  return plans
}

const MARGIN_MS = 2_000

function failed(error: unknown): { kind: 'failed'; code: string } {
  if (!(error instanceof CutoverError)) throw error
  return { kind: 'failed', code: error.code }
}
