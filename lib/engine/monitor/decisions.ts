import { CutoverError } from '../../core/error.js'
import type { Decision } from '../../core/monitor/decision.js'
import type { Outcome } from '../../core/monitor/judge.js'
import { RETENTION } from '../../core/state/kinds.js'
import type { Ledger } from '../../ports/ledger.js'
import { olderThan } from '../alerts/kept.js'
import type { EngineContext } from '../context.js'
import { DECISION } from './kept.js'

/** Throws `not-found`: decisions are kept for thirty days. */
export async function readDecision({ ledger }: { ledger: Ledger }, id: string): Promise<Decision> {
  const held = /^\d{14}-\w{1,36}$/.test(id) ? await ledger.read(DECISION + id) : null
  if (held !== null) return held.value as unknown as Decision
  throw new CutoverError('not-found', `There is no decision ${JSON.stringify(id.slice(0, 60))}.`)
}

export interface DecisionQuery {
  component?: string | undefined
  rule?: string | undefined
  outcome?: Outcome | undefined
  event?: Decision['event'] | undefined
  cursor?: string | undefined
  limit: number
}

const PAGE = 100
const PAGES_MAX = 20

/** Newest first; filters look through a bounded part at a time, and `next` says where to go on. */
export async function listDecisions(
  { ledger }: { ledger: Ledger },
  { component, rule, outcome, event, cursor, limit }: DecisionQuery,
): Promise<{ items: Decision[]; next: string | null }> {
  const items: Decision[] = []
  let after = cursor ?? null
  for (let page = 0; page < PAGES_MAX; page++) {
    const found = await ledger.list(DECISION, after === null ? null : DECISION + after, PAGE)
    for (const { value } of found.items) {
      const decision = value as unknown as Decision
      after = decision.id
      if (component !== undefined && decision.component !== component) continue
      if (rule !== undefined && decision.rule.name !== rule) continue
      if (outcome !== undefined && decision.outcome !== outcome) continue
      if (event !== undefined && decision.event !== event) continue
      items.push(decision)
      if (items.length === limit) return { items, next: decision.id }
    }
    if (found.end) return { items, next: null }
  }
  return { items, next: after }
}

export const FORGOTTEN_AT_ONCE = 100

export function forgettableDecisions(now: number): string {
  return olderThan(DECISION, RETENTION.metric.days, now)
}

/** Removes some of the decisions that are older than they are kept; answers how many. */
export async function forgetDecisions({ ledger, clock }: Pick<EngineContext, 'ledger' | 'clock'>): Promise<number> {
  const { items } = await ledger.list(DECISION, forgettableDecisions(clock.now()), FORGOTTEN_AT_ONCE)
  if (items.length === 0) return 0
  const changes = items.map(({ key, revision }) => ({ key, ifRevision: revision, value: undefined }))
  return (await ledger.commit(changes)).kind === 'committed' ? items.length : 0
}
