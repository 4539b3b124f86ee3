import type { Bucket, Window } from './estimate.js'
import { type Because, type Finding, judge, type Outcome } from './judge.js'
import { isBeyond, MINUTE_MS, type Rule } from './rule.js'
import type { Standing } from './standing.js'

/** What a rule comes to at one moment, with every window that was looked at: the latest first. */
export interface Weighed {
  outcome: Outcome
  because: Because
  windows: Finding[]
  status: Standing['status']
}

/** What else decides whether a rule is weighed. */
export type Place = 'applies' | 'not-at-this-stage' | 'stage-unknown'

/**
 * Weighs a rule at `now`. A breach needs every one of `breachWindows` windows in a row to breach; a breach is over when
 * every one of `clearWindows` has passed, against the threshold for that. In between it stays what it was: what lies
 * between the two thresholds, and what cannot be told, changes nothing.
 *
 * It follows from what was measured and from the standing alone: weighed twice, or by two instances at once, or often,
 * it comes to the same.
 */
export function weigh(
  rule: Rule,
  standing: Pick<Standing, 'status' | 'alerted' | 'evidenceFrom'> | null,
  buckets: readonly Bucket[],
  now: number,
  place: Place = 'applies',
): Weighed {
  const status = standing?.status ?? 'clear'
  const [latest, ...earlier] = windowsOf(rule, standing?.evidenceFrom ?? 0, now)
  if (latest === undefined || place !== 'applies') {
    const because = place === 'applies' ? 'nothing-measured' : place
    return { outcome: 'not-enough-evidence', because, windows: [], status }
  }
  const first = judge(rule, buckets, latest)
  if (first.outcome === 'breach') {
    const windows = [first, ...earlier.slice(0, rule.breachWindows - 1).map((window) => judge(rule, buckets, window))]
    if (windows.every(({ outcome }) => outcome === 'breach'))
      return { outcome: 'breach', because: 'beyond-threshold', windows, status: 'breached' }
    return { outcome: 'not-enough-evidence', because: 'not-for-long-enough', windows, status }
  }
  if (status === 'breached' || standing?.alerted) {
    const threshold = rule.clearThreshold ?? rule.threshold
    const asked = [latest, ...earlier].slice(0, rule.clearWindows)
    const windows = asked.map((window) => judge(rule, buckets, window, threshold))
    if (windows.every(({ outcome }) => outcome === 'pass'))
      return { outcome: 'pass', because: 'cleared', windows, status: 'clear' }
    return { outcome: first.outcome, because: first.because, windows: [first, ...windows.slice(1)], status }
  }
  return { outcome: first.outcome, because: first.because, windows: [first], status }
}

/** Windows that follow each other without a gap, the latest first; none reaches back beyond `evidenceFrom`. */
function windowsOf(rule: Rule, evidenceFrom: number, now: number): Window[] {
  const widthMs = rule.windowMinutes * MINUTE_MS
  return Array.from({ length: Math.max(rule.breachWindows, rule.clearWindows) }, (_, number) => {
    const to = now - number * widthMs
    return { from: Math.min(to, Math.max(to - widthMs, evidenceFrom)), to }
  })
}

/** A clear threshold that is easier than the threshold itself would clear what still breaches. */
export function isClearable({ operator, threshold, clearThreshold }: Rule): boolean {
  return clearThreshold === null || !isBeyond(clearThreshold, operator, threshold)
}
