import type { Check, CheckpointFinding, Rule } from '../../core/checkpoint/checkpoint.js'
import { weighAnswers } from '../../core/checkpoint/weigh-answers.js'
import type { Component } from '../../core/component.js'
import type { Json, JsonObject } from '../../core/json.js'
import { enterAudit } from '../audit.js'
import { componentOf } from '../components.js'
import type { EngineContext } from '../context.js'
import { startRun } from '../runs/start.js'
import type { Mover } from '../stages/move.js'
import { comparisonsSince } from './comparisons.js'
import { openCheck, readCheck, settleCheckpoint } from './documents.js'
import { performanceFinding } from './regression.js'
import { newCheckOf } from './run.js'

export interface CheckRequest {
  component: string
  phase: string | null
  /** Of the named list that the rules come from. */
  name: string | null
  rules: readonly Rule[]
  /** What bounds the load of the run, as other runs take it. */
  limits?: JsonObject
}

/**
 * Asks for checkpoints of a component, to be settled together. Those of a collection are worked by a run, which bears
 * the check's id; `conflict` while another one is under way on it. Those of a part that a flag switches are weighed
 * from what was measured and reported, at once.
 *
 * A crash between the run and its check: the run's first batch opens the check. A crash while a part's checkpoints are
 * settled: the cron settles the others as without evidence.
 */
export async function askCheck(context: EngineContext, request: CheckRequest, mover: Mover): Promise<Check> {
  const component = await componentOf(context, request.component)
  const { phase, name, rules } = request
  if (component.kind === 'collection') {
    const input = { ...request.limits, phase, name, rules: rules as unknown as Json }
    const run = await startRun(context, { kind: 'checkpoint', collection: component.collection, input, ...mover })
    return (await openCheck(context, newCheckOf(run))).check
  }
  const id = context.clock.id()
  const { by, reason } = mover
  const after = { checkId: id, phase, name, rules: rules as unknown as Json }
  await enterAudit(context, { action: 'validate-component', collection: null, by, reason, before: null, after })
  await openCheck(context, { id, component: component.name, phase, name, by, reason, runId: null, rules })
  for (const [number, rule] of rules.entries()) {
    await settleCheckpoint(context, id, number, await ofPart(context, component, rule))
  }
  return (await readCheck(context.ledger, id)).check
}

async function ofPart(context: EngineContext, component: Component, rule: Rule): Promise<CheckpointFinding> {
  switch (rule.kind) {
    case 'performance':
      return performanceFinding(context, component, rule)
    case 'api-compatibility': {
      const since = context.clock.now() - rule.minutes * 60_000
      return weighAnswers(await comparisonsSince(context.ledger, component.name, since), rule)
    }
    case 'data-consistency':
    case 'full-consistency':
    case 'zero-loss':
      return { outcome: 'not-enough-evidence', because: 'not-for-this-component', numbers: {}, examples: [] }
  }
}
