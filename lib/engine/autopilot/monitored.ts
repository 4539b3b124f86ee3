import type { Evidence } from '../../core/plan/evidence.js'
import type { Condition } from '../../core/plan/plan.js'
import { checkpointEvidence } from '../checkpoints/evidence.js'
import type { EngineContext } from '../context.js'
import { breachEvidence } from '../monitor/evidence.js'
import type { Asked } from './actions.js'

/** What checkpoints and the monitor have found; only what the gate asks for is looked up. */
export async function monitored(
  context: EngineContext,
  component: string,
  since: number,
  asked?: Asked,
): Promise<Partial<Evidence>> {
  const asks = (kind: Condition['kind']): boolean => asked?.gate.some((condition) => condition.kind === kind) ?? false
  return {
    breaches: asks('no-breach') ? await breachEvidence(context, component, since) : null,
    checkpoints: asks('checkpoint') ? await checkpointEvidence(context, component, since) : null,
  }
}
