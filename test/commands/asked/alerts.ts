import { addValue } from '../../../lib/core/metrics/sketch.js'
import { raiseAlert } from '../../../lib/engine/alerts/raise.js'
import { listDecisions } from '../../../lib/engine/monitor/decisions.js'
import { putRule, readRule } from '../../../lib/engine/monitor/rules.js'
import { weighRules } from '../../../lib/engine/monitor/weigh-rules.js'
import { MOVER, START, type World } from '../../engine/runs/world.js'
import type { Asked } from './ask.js'

const reason = { reason: 'because' }
const rule = { name: 'latency' }
const own = { ...reason, metric: 'p99-ms', threshold: 800, path: 'target' }

/** Commands of lib/commands/operators/alerts. */
export const alerts: Asked = {
  'list-alerts': { before: raised },
  'show-alert': { before: raised },
  'acknowledge-alert': { before: raised, input: reason },
  'escalate-alert': { before: raised, input: reason },
  'resolve-alert': { before: raised, input: reason },
  'list-deliveries': { before: raised },
  'list-rules': { before: stored },
  'show-rule': { path: rule },
  'put-rule': { path: { name: 'mine' }, input: own },
  'delete-rule': { path: rule, before: stored, input: reason },
  'arm-rule': { path: { name: 'work-success' }, input: reason },
  'disarm-rule': { path: rule, input: { ...reason, component: 'projects' } },
  'replay-rule': {
    silent: true,
    path: rule,
    before: weighed,
    input: { component: 'projects', from: timeOf(START), to: timeOf(START + 600_000), stepMinutes: 1 },
  },
  'show-monitor': { path: { component: 'projects' }, before: weighed },
  'list-decisions': { before: weighed },
  'explain-decision': { before: weighed },
}

async function raised(at: World): Promise<{ alertId: string }> {
  const { id } = await raiseAlert(at.context, {
    about: 'something',
    severity: 'critical',
    kind: 'target-lost-data',
    component: null,
    message: 'm',
  })
  return { alertId: id }
}

async function stored(at: World): Promise<undefined> {
  await putRule(at.context, { ...(await readRule(at.context, 'latency')).rule, threshold: 900 }, MOVER)
}

/** Something has been measured and weighed. */
async function weighed(at: World): Promise<{ decisionId: string }> {
  const latencyMs = new Map<number, number>()
  addValue(latencyMs, 700, 100)
  const series = { component: 'projects', path: 'target', operation: 'read' } as const
  await at.context.metrics.add(at.clock.now(), [{ ...series, count: 100, errors: 0, sums: {}, peaks: {}, latencyMs }])
  at.clock.time += 2_000
  await weighRules(at.context, at.clock.now() + 60_000)
  const { items } = await listDecisions(at.context, { rule: 'latency', limit: 1 })
  return { decisionId: items[0]?.id ?? 'none' }
}

function timeOf(at: number): string {
  return new Date(at).toISOString()
}
