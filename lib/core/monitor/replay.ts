import { actionOf, type Decision, eventOf } from './decision.js'
import type { Bucket } from './estimate.js'
import { explain } from './explain.js'
import type { Finding, Outcome } from './judge.js'
import { MINUTE_MS, type Rule, reachOf } from './rule.js'
import type { Standing } from './standing.js'
import { weigh } from './weigh.js'

/** What a rule would have decided, and when. */
export interface Replay {
  /** How often it was weighed. */
  weighed: number
  outcomes: { [outcome in Outcome]: number }
  /** How often it would have rolled back. */
  rollbacks: number
  decisions: ReplayedDecision[]
  /** There were more than are listed. */
  more: boolean
  /** Width of the widest bucket that was used, in milliseconds: windows are told no more exactly. */
  grainMs: number
}

export interface ReplayedDecision {
  at: number
  event: Decision['event']
  outcome: Outcome
  because: string
  action: Decision['action']['kind']
  numbers: Finding['numbers']
  sentence: string
}

export const REPLAY_WEIGHINGS_MAX = 2_000
const DECISIONS_MAX = 200

/**
 * Weighs a rule over what was recorded, as if it had been armed at `from`: at each step with what was known by then.
 * A rollback is taken to be done at once; what it would have changed in the traffic after it nobody can know, so what
 * follows a first rollback is what would have been weighed had it changed nothing.
 */
export function replay(
  rule: Rule,
  component: string,
  buckets: readonly Bucket[],
  { from, to, stepMs }: { from: number; to: number; stepMs: number },
): Replay {
  const outcomes = { pass: 0, breach: 0, 'not-enough-evidence': 0 }
  const found: Replay = { weighed: 0, outcomes, rollbacks: 0, decisions: [], more: false, grainMs: 0 }
  let standing: Standing | null = null
  let first = 0
  for (let now = from; now <= to && found.weighed < REPLAY_WEIGHINGS_MAX; now += stepMs) {
    while ((buckets[first]?.at ?? Number.POSITIVE_INFINITY) < now - reachOf(rule)) first += 1
    const end = upTo(buckets, first, now)
    const seen = buckets.slice(first, end)
    for (const { widthMs } of seen) found.grainMs = Math.max(found.grainMs, widthMs)
    const weighed = weigh(rule, standing, seen, now)
    const action = actionOf(rule, standing, weighed, { now, autoRollback: true })
    const event = eventOf(standing, weighed, action.kind !== 'none', now)
    found.weighed += 1
    outcomes[weighed.outcome] += 1
    if (action.kind === 'roll-back') found.rollbacks += 1
    if (event !== null && event !== 'unchanged') {
      const { outcome, because, windows, status } = weighed
      const before = standing === null ? null : { outcome: standing.outcome, status: standing.status }
      const whole = {
        id: '',
        at: now,
        component,
        rule,
        event,
        outcome,
        because,
        before,
        status,
        windows,
        action,
        alert: null,
      }
      const numbers = windows[0]?.numbers ?? {}
      if (found.decisions.length === DECISIONS_MAX) found.more = true
      else
        found.decisions.push({
          at: now,
          event,
          outcome,
          because,
          action: action.kind,
          numbers,
          sentence: explain(whole),
        })
    }
    standing = next(rule, standing, weighed, action.kind, now)
  }
  return found
}

function upTo(buckets: readonly Bucket[], first: number, now: number): number {
  let end = first
  while ((buckets[end]?.at ?? Number.POSITIVE_INFINITY) < now) end += 1
  return end
}

function next(
  { name, coolDownMinutes }: Rule,
  before: Standing | null,
  { outcome, because, windows, status }: ReturnType<typeof weigh>,
  action: Decision['action']['kind'],
  now: number,
): Standing {
  const acted = action === 'roll-back'
  return {
    rule: name,
    status: acted ? 'clear' : status,
    outcome,
    because,
    numbers: windows[0]?.numbers ?? {},
    weighedAt: now,
    since: now,
    alerted: outcome === 'breach' || (because !== 'cleared' && (before?.alerted ?? false)),
    breachedAt: outcome === 'breach' ? now : (before?.breachedAt ?? null),
    storedAt: now,
    decision: null,
    evidenceFrom: acted ? now : (before?.evidenceFrom ?? 0),
    coolUntil: acted ? now + coolDownMinutes * MINUTE_MS : (before?.coolUntil ?? 0),
    action:
      action === 'withheld'
        ? {
            decision: '',
            status: 'withheld',
            because: 'cooling-down',
            at: now,
            claimedUntil: 0,
            attempts: 0,
            rollbackId: null,
          }
        : acted
          ? null
          : (before?.action ?? null),
  }
}
