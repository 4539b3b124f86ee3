import { leastSample, metricOf } from './metric.js'
import { RULE_DEFAULTS, type Rule } from './rule.js'

/** Of two systems that work side by side: over 20 % below the legacy one. */
const WORSE = { operator: '<', relativeTo: 'legacy', threshold: -0.2 } as const

/**
 * Rules that are there without anybody having put them. Each may be overridden for every component or for one; what is
 * stored under its name is weighed in its place.
 *
 * Regression is told by medians: few requests that met both paths tell them, and a few slow ones do not move them. How
 * slow the slowest are is for `latency`. Those that roll back ask the path that a rollback leaves: a source that dawdles is no reason to go back to it.
 */
export const DEFAULT_RULES: readonly Rule[] = [
  trigger('error-rate', 'More than 1 % of operations on the target fail.', {
    metric: 'error-rate',
    path: 'target',
    threshold: 0.01,
  }),
  trigger('latency', 'The slowest 5 % of operations on the target take more than 500 ms.', {
    metric: 'p95-ms',
    path: 'target',
    threshold: 500,
    // Of fewer a cold start or two would decide.
    minimumSample: 100,
  }),
  trigger('memory', 'More than 90 % of the memory of a function is in use.', {
    metric: 'memory-share',
    threshold: 0.9,
    breachWindows: 2,
    windowMinutes: 2.5,
  }),
  trigger('dropped-connections', 'More than 1 % of connections are dropped.', {
    metric: 'dropped-connection-rate',
    threshold: 0.01,
  }),
  trigger('regression', 'Half of the reads on the target take over 20 % longer than half of those on the source.', {
    metric: 'p50-ms',
    path: 'target',
    relativeTo: 'source',
    operation: 'read',
    kind: 'collection',
    threshold: 0.2,
    leastDifference: 50,
    stages: ['live', 'rampdown', 'complete'],
  }),
  trigger(
    'regression-of-parts',
    'Half of the operations take over 20 % longer than half of those on the legacy path.',
    {
      metric: 'p50-ms',
      path: 'new',
      relativeTo: 'legacy',
      kind: 'flag',
      threshold: 0.2,
      leastDifference: 50,
    },
  ),
  trigger('mismatches', 'More than one in a thousand comparisons finds the two stores to differ.', {
    metric: 'mismatch-rate',
    threshold: 0.001,
  }),
]

/** Limits for work that two systems do side by side. They are shipped disarmed: who has such parts arms them. */
export const WORK_RULES: readonly Rule[] = [
  work('work-success', 'Fewer than 70 % of work items succeed.', {
    metric: 'success-rate',
    operator: '<',
    threshold: 0.7,
  }),
  work('work-duration', 'A work item takes more than ten minutes on average.', {
    metric: 'mean-ms',
    threshold: 600_000,
  }),
  work('pull-requests', 'Pull requests of the new system are accepted over 20 % less often than the legacy one’s.', {
    metric: 'ratio:pullRequestsAccepted/pullRequests',
    ...WORSE,
  }),
  work('builds', 'Builds of the new system succeed over 20 % less often than the legacy one’s.', {
    metric: 'ratio:buildsSucceeded/builds',
    ...WORSE,
  }),
  work('quality', 'The quality score of the new system is over 20 % below the legacy one’s.', {
    metric: 'mean:qualityScore',
    ...WORSE,
  }),
]

export const SHIPPED_RULES: readonly Rule[] = [...DEFAULT_RULES, ...WORK_RULES]

function trigger(name: string, description: string, more: Partial<Rule> & Pick<Rule, 'metric' | 'threshold'>): Rule {
  return { ...RULE_DEFAULTS, action: 'roll-back', ...withSample(more), name, description }
}

function work(name: string, description: string, more: Partial<Rule> & Pick<Rule, 'metric' | 'threshold'>): Rule {
  const what = { kind: 'flag', path: 'new', windowMinutes: 60, severity: 'warning', armed: false } as const
  return { ...RULE_DEFAULTS, ...what, ...withSample(more), name, description }
}

function withSample<Members extends Pick<Rule, 'metric'>>(members: Members): Members & Pick<Rule, 'minimumSample'> {
  const metric = metricOf(members.metric)
  return { minimumSample: metric === null ? RULE_DEFAULTS.minimumSample : leastSample(metric), ...members }
}
