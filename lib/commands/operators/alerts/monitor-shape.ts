import * as z from 'zod'
import { ALERT_SEVERITIES } from '../../../core/alert.js'
import { PATHS } from '../../../core/metrics/measurement.js'
import { inBrief } from '../../../core/monitor/brief.js'
import { closenessOf, unitOf, weighedValue } from '../../../core/monitor/closeness.js'
import { OPERATORS, type Rule } from '../../../core/monitor/rule.js'
import type { Standing } from '../../../core/monitor/standing.js'
import { STAGES } from '../../../core/stage.js'
import type { Monitor } from '../../../engine/monitor/monitors.js'
import { timeOf } from '../../alert-shape.js'

export const monitorShape = z.object({
  component: z.string(),
  rules: z.array(
    z.object({
      rule: z.string(),
      description: z.string(),
      armed: z.boolean(),
      metric: z.string(),
      operator: z.enum(OPERATORS).describe('A breach is `value operator threshold`'),
      threshold: z.number(),
      unit: z
        .enum(['share', 'ms', 'count', 'ratio'])
        .describe('Of threshold and value; ratio: the share by which `path` differs from `relativeTo`'),
      path: z.enum(PATHS).nullable().describe('null: operations on either path'),
      operation: z.string().nullable().describe('null: every operation'),
      relativeTo: z.enum(PATHS).nullable(),
      severity: z.enum(ALERT_SEVERITIES),
      windowMinutes: z.number(),
      onBreach: z.enum(['alert', 'roll-back']),
      rollBackTo: z.enum(STAGES).describe('How far a collection goes back'),
      status: z.enum(['clear', 'breached']).nullable().describe('null: never weighed'),
      outcome: z.enum(['pass', 'breach', 'not-enough-evidence']).nullable(),
      because: z.string().nullable(),
      value: z.number().nullable().describe('What was weighed last; null: none'),
      closeness: z
        .number()
        .nullable()
        .describe('0: far from the threshold, 1: at it, above 1: beyond; null: no evidence'),
      inWords: z.string(),
      numbers: z.record(z.string(), z.unknown()),
      weighedAt: z.string().nullable(),
      decision: z.string().nullable(),
      action: z
        .object({ status: z.string(), because: z.string(), rollbackId: z.string().nullable() })
        .nullable()
        .describe('What a breach has led to'),
    }),
  ),
})

type Shown = z.input<typeof monitorShape>

/** Where the rules of a component stand, as operators see it. */
export function shownMonitor({ component, rules }: Monitor): Shown {
  return { component: component.name, rules: rules.map(({ rule, standing }) => shownRule(rule, standing)) }
}

function shownRule(rule: Rule, standing: Standing | null): Shown['rules'][number] {
  const { name, description, armed, metric, operator, threshold, path, operation, relativeTo } = rule
  const { severity, windowMinutes, action: onBreach, rollBackTo } = rule
  const { status = null, outcome = null, because = null, numbers = {}, decision = null, action } = standing ?? {}
  return {
    rule: name,
    ...{ description, armed, metric, operator, threshold, unit: unitOf(rule), path, operation, relativeTo },
    ...{ severity, windowMinutes, onBreach, rollBackTo, status, outcome, because },
    value: standing === null ? null : weighedValue(rule, numbers),
    closeness: standing === null || !armed ? null : closenessOf(rule, standing),
    inWords: inBrief(rule, standing),
    numbers: { ...numbers },
    weighedAt: standing === null ? null : timeOf(standing.weighedAt),
    decision,
    action: action == null ? null : { status: action.status, because: action.because, rollbackId: action.rollbackId },
  }
}
