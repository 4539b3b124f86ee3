import type { CheckpointFinding, Rule } from '../../core/checkpoint/checkpoint.js'
import { weighPerformance } from '../../core/checkpoint/weigh-latencies.js'
import { type Component, pathsOf } from '../../core/component.js'
import type { EngineContext } from '../context.js'
import { measuredIn } from '../metrics/window.js'

/** The new path against the old one, on the requests that have met both within the rule's time. */
export async function performanceFinding(
  { metrics, clock }: Pick<EngineContext, 'metrics' | 'clock'>,
  component: Component,
  rule: Extract<Rule, { kind: 'performance' }>,
): Promise<CheckpointFinding> {
  const to = clock.now()
  const from = to - rule.minutes * 60_000
  const latencies = async (path: ReturnType<typeof pathsOf>[number]) => {
    const measured = await measuredIn(metrics, { component: component.name, path, operation: 'compare' }, from, to)
    return measured?.latencyMs ?? new Map<number, number>()
  }
  const [left, entered] = pathsOf(component)
  return weighPerformance({ over: await latencies(entered), under: await latencies(left) }, rule)
}
