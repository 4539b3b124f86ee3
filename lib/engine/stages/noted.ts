import type { Plan, SourceControl } from '../../core/protocol/answers.js'

/** A decision as the source's document keeps it: with what the audit trail may not have heard of yet. */
export interface NotedPlan extends Plan {
  /** The decisions before this one, oldest first. */
  earlier?: readonly DecisionNote[]
  /** Made because the target had lost data: a pass has to follow. */
  recovery?: true
  /** The epoch of that decision, where stages have stayed as they were under a later one; absent: this one's. */
  recoveredAt?: number
}

export interface DecisionNote extends Pick<Plan, 'by' | 'reason' | 'at' | 'from' | 'to'> {
  epoch: number
}

/** Decisions kept beside the latest: more than one outage of the ledger makes. */
const EARLIER_MAX = 12

/** The plan to be kept in place of the one in `control`, which it remembers. */
export function notedPlan(control: SourceControl, plan: NotedPlan): NotedPlan {
  const earlier = control.plan === null ? [] : notesOf(control.plan).slice(-EARLIER_MAX)
  return { ...plan, earlier }
}

/** What a decision that leaves a partition where it is must not forget. */
export function stillToFollow({ plan }: SourceControl): Pick<NotedPlan, 'recovery' | 'recoveredAt'> {
  const noted: NotedPlan | null = plan
  return noted?.recovery ? { recovery: true, recoveredAt: recoveredAt(noted) } : {}
}

export function recoveredAt(plan: NotedPlan): number {
  return plan.recoveredAt ?? plan.fence.epoch
}

/** All decisions that a plan tells of, oldest first. */
export function notesOf(plan: NotedPlan): DecisionNote[] {
  const { earlier = [], fence, by, reason, at, from, to } = plan
  return [...earlier, { epoch: fence.epoch, by, reason, at, from, to }]
}
