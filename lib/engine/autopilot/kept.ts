import { CutoverError } from '../../core/error.js'
import { isJsonObject, type Json } from '../../core/json.js'
import type { PlanDecision, PlanState, Turn } from '../../core/plan/state.js'
import type { Change, Entry } from '../../ports/ledger.js'
import type { Autopilot } from './actions.js'

/** A plan's state as the ledger keeps it. */
export interface Kept {
  revision: number
  state: PlanState
}

function keyOfPlan(name: string): string {
  return PLANS + name
}

export async function findPlan({ ledger }: Pick<Autopilot, 'ledger'>, name: string): Promise<Kept | null> {
  const held = await ledger.read(keyOfPlan(name))
  return held === null ? null : { revision: held.revision, state: decode(held.value, name) }
}

export async function readPlan(autopilot: Autopilot, name: string): Promise<Kept> {
  const kept = await findPlan(autopilot, name)
  if (kept === null) throw new CutoverError('not-found', `There is no plan ${name}.`)
  return kept
}

/**
 * Commits a turn, and its decision to the audit trail, in one access. `null`: somebody else has moved the plan on
 * since it was read, and nothing was written.
 */
export async function commitTurn(
  autopilot: Autopilot,
  name: string,
  ifRevision: number | null,
  turn: Turn,
  others: readonly Change[] = [],
): Promise<Kept | null> {
  const change: Change = { key: keyOfPlan(name), ifRevision, value: toJson(turn.state) }
  const entries = turn.decision === null ? [] : [entryOf(autopilot, name, turn.decision)]
  const answer = await autopilot.ledger.commit([change, ...others], entries)
  const revision = answer.kind === 'committed' ? answer.revisions[0] : undefined
  return revision === undefined ? null : { revision, state: turn.state }
}

/** Names of all plans, in order: what a cron ticks. */
export async function planNames({ ledger }: Autopilot): Promise<string[]> {
  const names: string[] = []
  let after: string | null = null
  for (let page = 0; page < PLAN_PAGES_MAX; page++) {
    const { items, end } = await ledger.list(PLANS, after, PLANS_PER_PAGE)
    names.push(...items.map(({ key }) => key.slice(PLANS.length)))
    after = items.at(-1)?.key ?? null
    if (end || after === null) return names
  }
  throw new CutoverError('too-large', `There are more than ${PLAN_PAGES_MAX * PLANS_PER_PAGE} plans.`)
}

const PLAN_PAGES_MAX = 10
export const PLANS_PER_PAGE = 100
export const PLANS = 'plan/'

function entryOf({ actions }: Autopilot, plan: string, decision: PlanDecision): Entry {
  const { kind, collection, by, at, before, after, reason, verdicts, evidence } = decision
  return actions.audit({
    action: kind,
    plan,
    collection,
    by,
    at,
    before: toJson(before),
    after: toJson(after),
    reason,
    verdicts: toJson(verdicts),
    evidence: toJson(evidence),
  })
}

function decode(value: Json, name: string): PlanState {
  if (isJsonObject(value) && value.form === 1 && isJsonObject(value.plan)) return value as unknown as PlanState
  throw new CutoverError('corrupt-document', `The state of the plan ${name} is damaged. Restore it from a backup.`)
}

/** The value as JSON makes it: what is `undefined` goes, and nothing is shared. */
function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value))
}
