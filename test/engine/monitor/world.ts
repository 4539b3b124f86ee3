import type { Decision } from '../../../lib/core/monitor/decision.js'
import type { Rule } from '../../../lib/core/monitor/rule.js'
import type { Stage } from '../../../lib/core/stage.js'
import type { EngineContext } from '../../../lib/engine/context.js'
import { listDecisions } from '../../../lib/engine/monitor/decisions.js'
import { putRule } from '../../../lib/engine/monitor/rules.js'
import { weighRules } from '../../../lib/engine/monitor/weigh-rules.js'
import { listKept } from '../../../lib/engine/rollback/kept.js'
import { rollbackTurn } from '../../../lib/engine/rollback/turn.js'
import { collectionStatus } from '../../../lib/engine/status.js'
import { measurement, rule, type Traffic } from '../../core/monitor/values.js'
import { fill, go, MOVER, type World, type WorldOptions, world } from '../runs/world.js'

/** A collection in live, with a rule of its own in place of the shipped `error-rate`. */
export async function monitored(more: Partial<Rule> = {}, options: WorldOptions = {}): Promise<World> {
  const at = world(options)
  await fill(at, 12)
  await go(at, 'live')
  await put(at, more)
  return at
}

export async function put(at: World, more: Partial<Rule> = {}): Promise<void> {
  const what = { name: 'error-rate', path: 'target', component: 'projects', action: 'roll-back', ...more } as const
  await putRule(at.context, rule(what), MOVER)
}

export const GOOD: Traffic = { count: 500 }
export const BAD: Traffic = { count: 500, errors: 100 }

/** Something is measured for a minute, in buckets of ten seconds, and the minute passes. */
export async function minuteOf(at: World, ...traffic: Traffic[]): Promise<void> {
  for (let part = 0; part < 6; part++) {
    await at.context.metrics.add(at.clock.now(), traffic.map(measurement))
    at.clock.time += 10_000
  }
}

/** One turn, as the cron or another instance takes it. */
export async function turn(at: World, context: EngineContext = at.context): Promise<unknown> {
  const report = await weighRules(context, at.clock.now() + 60_000)
  await rollbackTurn(context, at.clock.now() + 60_000)
  await at.settled()
  return report
}

/** What the rule under test came to, oldest first. */
export async function decisions(at: World, name = 'error-rate'): Promise<Decision[]> {
  return (await listDecisions(at.context, { rule: name, limit: 100 })).items.reverse()
}

export async function stageOf(at: World): Promise<Stage> {
  return (await collectionStatus(at.context, 'projects')).stage
}

export async function rollbacksOf(at: World): Promise<{ id: string; status: string; decision: string | undefined }[]> {
  const { items } = await listKept(at.context.ledger, null, 50)
  return items.map(({ rollback: { id, status, cause } }) => ({ id, status, decision: cause.decision }))
}
