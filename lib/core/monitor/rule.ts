import type { AlertSeverity } from '../alert.js'
import type { Component } from '../component.js'
import type { Path } from '../metrics/measurement.js'
import type { Stage } from '../stage.js'

/**
 * A threshold on something that is measured, and what follows when it is exceeded. It is a breach where
 * `metric operator threshold` holds: `error-rate > 0.01`, `success-rate < 0.7`.
 */
export interface Rule {
  name: string
  /** For people. */
  description: string
  /** A component's name; `*`: every component, each weighed for itself. */
  component: string
  /** With `component: '*'`, only components of this kind; `null`: all. */
  kind: Component['kind'] | null
  /** One of `METRICS`, or `sum:`, `share:`, `mean:`, `peak:` with a recorded name, or `ratio:` with two (`a/b`). */
  metric: string
  operator: Operator
  threshold: number
  windowMinutes: number
  /** Operations that went this way; `null`: either. What is measured of no path (memory, connections) has none. */
  path: Path | null
  /** `null`: every operation but the comparisons. */
  operation: string | null
  /**
   * The threshold is a share of the same metric on this path, in the same window: `> 0.2` means more than 20 % above
   * it. Requests that met both paths (`compare`) are what is compared, where enough were sampled.
   */
  relativeTo: Path | null
  /** A relative breach is at least this much in the metric's own unit: 20 % of nearly nothing is nothing. */
  leastDifference: number
  /** A collection is weighed only while the furthest of it stands at one of these; `null`: always. */
  stages: readonly Stage[] | null
  /** What was measured less often than this passes nothing and, unless failures are counted, breaches nothing. */
  minimumSample: number
  /** That a breach is none by chance, and that a pass is none: each by itself, for each window. */
  confidence: number
  /** It is a breach when as many windows, one after the other, each breach. */
  breachWindows: number
  /** A breach is over when as many windows, one after the other, each pass. */
  clearWindows: number
  /** ... against this threshold; `null`: against the one above. */
  clearThreshold: number | null
  /** After it has acted it acts no more for this long; it still alerts. */
  coolDownMinutes: number
  severity: AlertSeverity
  /** The alert is escalated if nobody acknowledges it; `null`: never by itself. */
  escalateAfterMinutes: number | null
  action: 'alert' | 'roll-back'
  /** How far a collection is rolled back. In dualwrite a target that fails or dawdles reaches no caller. */
  rollBackTo: Stage
  /** Only an armed rule is weighed. */
  armed: boolean
}

export const OPERATORS = ['>', '>=', '<', '<='] as const
export type Operator = (typeof OPERATORS)[number]

export const EVERY_COMPONENT = '*'
export const RULE_NAME = /^[a-z][a-z0-9-]{0,63}$/
/** All windows of a rule together. */
export const WINDOWS_MINUTES_MAX = 1_440
export const WINDOWS_MAX = 10

/** What a rule is unless it says otherwise. */
export const RULE_DEFAULTS = {
  description: '',
  component: EVERY_COMPONENT,
  kind: null,
  operator: '>',
  windowMinutes: 5,
  path: null,
  operation: null,
  relativeTo: null,
  leastDifference: 0,
  stages: null,
  minimumSample: 20,
  confidence: 0.99,
  breachWindows: 1,
  clearWindows: 2,
  clearThreshold: null,
  coolDownMinutes: 5,
  severity: 'critical',
  escalateAfterMinutes: 15,
  action: 'alert',
  rollBackTo: 'dualwrite',
  armed: true,
} as const satisfies Partial<Rule>

export function isBeyond(value: number, operator: Operator, threshold: number): boolean {
  switch (operator) {
    case '>':
      return value > threshold
    case '>=':
      return value >= threshold
    case '<':
      return value < threshold
    case '<=':
      return value <= threshold
  }
}

/** Whether more is worse. */
export function isUpperLimit(operator: Operator): boolean {
  return operator === '>' || operator === '>='
}

/** How far back the weighing of a rule looks, in milliseconds. */
export function reachOf({ windowMinutes, breachWindows, clearWindows }: Rule): number {
  return windowMinutes * MINUTE_MS * Math.max(breachWindows, clearWindows)
}

export const MINUTE_MS = 60_000
