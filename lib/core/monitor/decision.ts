import { type Stage, stageIndex } from '../stage.js'
import type { Finding, Outcome } from './judge.js'
import type { Rule } from './rule.js'
import type { ActionBecause, Standing } from './standing.js'
import type { Weighed } from './weigh.js'

/** One weighing that was kept: with it, and it alone, a stranger can tell why it came to what it came to. */
export interface Decision {
  /** Sorts by time, the newest first. */
  id: string
  /** Wall-clock milliseconds. */
  at: number
  component: string
  /** As it was, on the paths of the component. */
  rule: Rule
  event: DecisionEvent
  outcome: Outcome
  because: string
  before: { outcome: Outcome; status: Standing['status'] } | null
  status: Standing['status']
  /** Every window that was looked at, the latest first. */
  windows: readonly Finding[]
  action: { kind: 'none' } | { kind: 'roll-back'; to: string } | { kind: 'withheld'; because: ActionBecause }
  /** The alert that it raised. */
  alert: string | null
}

export type DecisionEvent =
  | 'breached'
  /** The breach goes on, and only now is something done about it. */
  | 'acts'
  | 'cleared'
  /** It came to something else than before. */
  | 'changed'
  /** It came to the same as before; kept once in a while. */
  | 'unchanged'

/** What a weighing is to the standing it goes on from; `null`: nothing that is worth keeping now. */
export function eventOf(standing: Standing | null, weighed: Weighed, acts: boolean, now: number): DecisionEvent | null {
  const status = standing?.status ?? 'clear'
  if (weighed.because === 'cleared') return 'cleared'
  if (weighed.status !== status) return 'breached'
  if (acts) return 'acts'
  if (standing === null || standing.outcome !== weighed.outcome) return 'changed'
  return now - standing.storedAt >= UNCHANGED_MS ? 'unchanged' : null
}

/** A weighing that came to nothing new is kept this often. */
const UNCHANGED_MS = 3_600_000

/** What a breach leads to now. `none`: it is being seen to already, or the rule only alerts. */
export function actionOf(
  rule: Rule,
  standing: Standing | null,
  weighed: Weighed,
  { now, autoRollback, stage = null }: { now: number; autoRollback: boolean; stage?: Stage | null },
): Decision['action'] {
  if (weighed.outcome !== 'breach' || rule.action === 'alert') return { kind: 'none' }
  // Of what stands no further than a rollback would lead nothing is left to be rolled back.
  if (stage !== null && stageIndex(stage) <= stageIndex(rule.rollBackTo)) return { kind: 'none' }
  const before = standing?.action ?? null
  if (before?.status === 'decided' || before?.status === 'under-way') return { kind: 'none' }
  const because = !autoRollback ? 'auto-rollback-off' : now < (standing?.coolUntil ?? 0) ? 'cooling-down' : null
  if (because === null) return { kind: 'roll-back', to: rule.rollBackTo }
  // That it is withheld is said once for each reason.
  const said = standing?.status === 'breached' && before?.status === 'withheld' && before.because === because
  return said ? { kind: 'none' } : { kind: 'withheld', because }
}
