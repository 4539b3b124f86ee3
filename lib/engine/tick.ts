import type { DataPlane } from '../core/data-plane.js'
import { CutoverError } from '../core/error.js'
import type { DocumentStore } from '../ports/document.js'
import { planNames } from './autopilot/kept.js'
import { autopilotOf } from './autopilot/on-stores.js'
import { type TickResult, tick as tickPlan } from './autopilot/tick.js'
import type { EngineContext } from './context.js'
import { type WatchReport, watch } from './watch.js'

export interface TickReport {
  watch: WatchReport
  plans: { [name: string]: TickResult | { kind: 'failed'; code: string } }
}

/** What the cron does: looks after stores and runs, then gives every plan its turn. */
export async function tick(
  context: EngineContext,
  dataPlane: DataPlane,
  documents: DocumentStore,
  deadlineAt: number,
): Promise<TickReport> {
  return { watch: await watch(context), plans: await tickPlans(context, dataPlane, documents, deadlineAt) }
}

/** Gives every plan its turn, whole or (`weigh`) without beginning anything that leads forward. */
export async function tickPlans(
  context: EngineContext,
  dataPlane: DataPlane,
  documents: DocumentStore,
  deadlineAt: number,
  only?: 'weigh',
): Promise<TickReport['plans']> {
  const plans: TickReport['plans'] = {}
  const autopilot = autopilotOf({ context, dataPlane, documents })
  for (const name of await planNames(autopilot)) {
    const budgetMs = deadlineAt - context.clock.now() - MARGIN_MS
    if (budgetMs <= 0) break
    try {
      plans[name] = await tickPlan(autopilot, name, { budgetMs, ...(only === undefined ? {} : { only }) })
    } catch (error) {
      if (!(error instanceof CutoverError)) throw error
      plans[name] = { kind: 'failed', code: error.code }
    }
  }
  return plans
}

const MARGIN_MS = 2_000
