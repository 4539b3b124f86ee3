import { judge } from '../../core/monitor/judge.js'
import { MINUTE_MS, RULE_DEFAULTS } from '../../core/monitor/rule.js'
import type { Evidence, WeighedThreshold } from '../../core/plan/evidence.js'
import { keyOfThreshold } from '../../core/plan/gate-components.js'
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
    thresholds: asks('threshold') ? await weighThresholds(context, component, since, asked) : null,
    breaches: asks('no-breach') ? await breachEvidence(context, component, since) : null,
    checkpoints: asks('checkpoint') ? await checkpointEvidence(context, component, since) : null,
  }
}

/** Each threshold of the gate, by the monitor's own judgement, in its window as far as that lies within the step. */
async function weighThresholds(
  { clock, metrics }: EngineContext,
  component: string,
  since: number,
  asked?: Asked,
): Promise<{ [key: string]: WeighedThreshold }> {
  const now = clock.now()
  const buckets = await metrics.read({ from: since, to: now, of: { component } })
  const weighed = (asked?.gate ?? []).flatMap((condition): [string, WeighedThreshold][] => {
    if (condition.kind !== 'threshold') return []
    const { metric, path, relativeTo = null, operator, threshold, windowMinutes, minSample } = condition
    const window = { from: Math.max(since, now - (windowMinutes * MINUTE_MS) / (asked?.timeScale ?? 1)), to: now }
    const more = { metric, path, relativeTo, operator, threshold, windowMinutes, minimumSample: minSample }
    const { outcome, numbers } = judge({ ...RULE_DEFAULTS, name: 'gate', component, ...more }, buckets, window)
    const value = relativeTo === null ? numbers.value : numbers.relative
    const { sample } = numbers
    const told = { value: typeof value === 'number' ? value : null, sample: typeof sample === 'number' ? sample : 0 }
    return [[keyOfThreshold(condition), { outcome, ...told }]]
  })
  return Object.fromEntries(weighed)
}
