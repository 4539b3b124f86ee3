import type { Because, Finding, Outcome } from './judge.js'

/** Where a rule stands for one component: what the next weighing goes on from. Times are wall-clock milliseconds. */
export interface Standing {
  rule: string
  /** `breached` until every window that is asked for has passed, or what it led to is done. */
  status: 'clear' | 'breached'
  outcome: Outcome
  because: Because
  numbers: Finding['numbers']
  weighedAt: number
  /** Since when the status is what it is. */
  since: number
  /** There is an alert about it that is not known to be resolved. */
  alerted: boolean
  /** When a breach was last decided. */
  breachedAt: number | null
  /** When a weighing was last stored as a decision. */
  storedAt: number
  /** The decision that the status comes from. */
  decision: string | null
  /** Nothing from before is evidence: an action has changed what is measured. */
  evidenceFrom: number
  /** Until then it acts no more. */
  coolUntil: number
  action: Action | null
}

/** What a breach led to. It is decided in the commit that tells of the breach, and carried out until it is over. */
export interface Action {
  /** The decision it was taken by. */
  decision: string
  status:
    | 'decided' // to be carried out
    | 'under-way' // the rollback has begun, and goes on by itself
    | 'done'
    | 'failed' // somebody has to look
    | 'withheld'
  because: ActionBecause
  at: number
  /** Whoever carries it out holds it until then. */
  claimedUntil: number
  attempts: number
  rollbackId: string | null
}

export type ActionBecause =
  | 'breach'
  | 'cooling-down' // it has acted a short time ago
  | 'auto-rollback-off' // MCP_ENABLE_AUTO_ROLLBACK=false
  | 'rollback-refused'
  | 'rollback-failed'

/** Whether the action still has to be seen to. */
export function isPending(action: Action | null): action is Action {
  return action?.status === 'decided' || action?.status === 'under-way'
}
