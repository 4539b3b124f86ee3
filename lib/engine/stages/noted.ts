import type { Plan, SourceControl } from '../../core/protocol/answers.js'

/** A decision as the source's document keeps it: with what the audit trail may not have heard of yet. */
export interface NotedPlan extends Plan {
  /** The decisions before this one, oldest first. */
  earlier?: readonly DecisionNote[]
  /** Made because the target had lost data: a pass has to follow. */
  recovery?: true
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

/** All decisions that a plan tells of, oldest first. */
export function notesOf(plan: NotedPlan): DecisionNote[] {
  const { earlier = [], fence, by, reason, at, from, to } = plan
  return [...earlier, { epoch: fence.epoch, by, reason, at, from, to }]
}
