import * as z from 'zod'
import { ALERT_SEVERITIES } from '../core/alert.js'
import { PATHS } from '../core/metrics/measurement.js'
import type { Decision } from '../core/monitor/decision.js'
import { explain } from '../core/monitor/explain.js'
import { leastSample, METRICS, metricOf } from '../core/monitor/metric.js'
import {
  EVERY_COMPONENT,
  OPERATORS,
  RULE_DEFAULTS,
  RULE_NAME,
  type Rule,
  WINDOWS_MAX,
  WINDOWS_MINUTES_MAX,
} from '../core/monitor/rule.js'
import { STAGES } from '../core/stage.js'
import type { KnownRule, RuleChange } from '../engine/monitor/rules.js'
import { timeOf } from './alert-shape.js'

const OF = RULE_DEFAULTS
const metricWords = `${METRICS.join(', ')}; of what was recorded: sum:NAME, share:NAME, mean:NAME, peak:NAME, ratio:NAME/NAME`

/** Members of a rule but its name; what is left out is what a rule is by default. */
export const ruleMembers = z.strictObject({
  description: z.string().max(500).default(OF.description),
  component: z.string().default(OF.component).describe(`A component's name; "${EVERY_COMPONENT}": every one`),
  kind: z.enum(['collection', 'flag']).nullable().default(OF.kind).describe('With every component: only of this kind'),
  metric: z.string().describe(metricWords),
  operator: z.enum(OPERATORS).default(OF.operator).describe('A breach is `metric operator threshold`'),
  threshold: z.number().describe('In the metric’s unit: shares 0 to 1, milliseconds, or what was recorded'),
  windowMinutes: z.number().positive().max(WINDOWS_MINUTES_MAX).default(OF.windowMinutes),
  path: z.enum(PATHS).nullable().default(OF.path).describe('null: operations on either path'),
  operation: z.string().max(64).nullable().default(OF.operation).describe('null: every operation'),
  relativeTo: z
    .enum(PATHS)
    .nullable()
    .default(OF.relativeTo)
    .describe('The threshold is a share by which `path` differs from this path'),
  leastDifference: z.number().min(0).default(OF.leastDifference).describe('In the metric’s unit, for a relative rule'),
  stages: z.array(z.enum(STAGES)).nullable().default(OF.stages).describe('A collection is weighed only at these'),
  minimumSample: z.number().int().min(1).optional().describe('Default: 20, and 1 of what is read off'),
  confidence: z.number().min(0.5).lt(1).default(OF.confidence),
  breachWindows: z.number().int().min(1).max(WINDOWS_MAX).default(OF.breachWindows),
  clearWindows: z.number().int().min(1).max(WINDOWS_MAX).default(OF.clearWindows),
  clearThreshold: z.number().nullable().default(OF.clearThreshold),
  coolDownMinutes: z.number().min(0).max(10_080).default(OF.coolDownMinutes),
  severity: z.enum(ALERT_SEVERITIES).default(OF.severity),
  escalateAfterMinutes: z.number().positive().max(10_080).nullable().default(OF.escalateAfterMinutes),
  action: z.enum(['alert', 'roll-back']).default(OF.action),
  rollBackTo: z.enum(STAGES).default(OF.rollBackTo).describe('How far a collection is rolled back'),
  armed: z.boolean().default(OF.armed).describe('Only armed rules are weighed'),
})

export const ruleName = z.string().regex(RULE_NAME).describe('Name of the rule')
export const ruleInput = z.strictObject({ name: ruleName, component: z.string().default(EVERY_COMPONENT) })
export const ifRevision = z
  .number()
  .int()
  .min(0)
  .optional()
  .describe('Only if this is what is stored; 0: only if nothing is')

/** A rule from what was given. */
export function ruleOf(name: string, members: z.output<typeof ruleMembers>): Rule {
  const metric = metricOf(members.metric)
  const least = metric === null ? OF.minimumSample : leastSample(metric)
  return { ...members, name, minimumSample: members.minimumSample ?? least }
}

export const ruleShape = z.object({
  name: z.string(),
  description: z.string(),
  component: z.string(),
  kind: z.string().nullable(),
  metric: z.string(),
  operator: z.string(),
  threshold: z.number(),
  windowMinutes: z.number(),
  path: z.string().nullable(),
  operation: z.string().nullable(),
  relativeTo: z.string().nullable(),
  leastDifference: z.number(),
  stages: z.array(z.string()).nullable(),
  minimumSample: z.number(),
  confidence: z.number(),
  breachWindows: z.number(),
  clearWindows: z.number(),
  clearThreshold: z.number().nullable(),
  coolDownMinutes: z.number(),
  severity: z.string(),
  escalateAfterMinutes: z.number().nullable(),
  action: z.string(),
  rollBackTo: z.string(),
  armed: z.boolean(),
})

export const knownRuleShape = ruleShape.extend({
  revision: z.number().int().describe('0: as it is shipped'),
  from: z.enum(['shipped', 'stored']),
})

export const ruleChangeShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('changed'), rule: knownRuleShape }),
  z.object({ kind: z.literal('refused'), reason: z.enum(['revision-moved', 'shipped']) }),
])

export function shownRule({ rule, revision, from }: KnownRule): z.input<typeof knownRuleShape> {
  return { ...rule, stages: rule.stages === null ? null : [...rule.stages], revision, from }
}

export function shownChange(change: RuleChange): z.input<typeof ruleChangeShape> {
  return change.kind === 'refused' ? change : { kind: 'changed', rule: shownRule(change.known) }
}

const numbersShape = z.record(z.string(), z.union([z.number(), z.string(), z.null()]))

export const decisionShape = z.object({
  id: z.string(),
  at: z.string(),
  component: z.string(),
  rule: ruleShape.describe('As it was, on the paths of the component'),
  event: z.enum(['breached', 'acts', 'cleared', 'changed', 'unchanged']),
  outcome: z.enum(['pass', 'breach', 'not-enough-evidence']),
  because: z.string(),
  sentence: z.string().describe('Why, for somebody who knows nothing else'),
  before: z.object({ outcome: z.string(), status: z.string() }).nullable(),
  status: z.enum(['clear', 'breached']),
  windows: z
    .array(
      z.object({ from: z.string(), to: z.string(), outcome: z.string(), because: z.string(), numbers: numbersShape }),
    )
    .describe('Every window that was looked at, the latest first'),
  action: z.object({
    kind: z.enum(['none', 'roll-back', 'withheld']),
    to: z.string().optional(),
    because: z.string().optional(),
  }),
  alert: z.string().nullable(),
})

export function shownDecision(decision: Decision): z.input<typeof decisionShape> {
  const { at, rule, windows, before, ...rest } = decision
  return {
    ...rest,
    at: timeOf(at),
    rule: { ...rule, stages: rule.stages === null ? null : [...rule.stages] },
    sentence: explain(decision),
    before,
    windows: windows.map((window) => ({
      ...window,
      from: timeOf(window.from),
      to: timeOf(window.to),
      numbers: { ...window.numbers },
    })),
  }
}
