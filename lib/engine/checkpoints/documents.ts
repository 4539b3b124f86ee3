import {
  type Check,
  type CheckpointEntry,
  type CheckpointFinding,
  outcomeOfAll,
  type Rule,
} from '../../core/checkpoint/checkpoint.js'
import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import type { Change, Entry, Ledger } from '../../ports/ledger.js'
import type { EngineContext } from '../context.js'
import { stateEntry } from '../state/journal.js'

/**
 * A check and its checkpoints as they are kept: one document, and beside it, while anything is unsettled, a mark by
 * which the cron finds it. A checkpoint is settled once: its finding, its entry in the stream of checkpoints and, with
 * the last of them, the entry of the whole check are one commit. Whoever comes second, by a delivery that is repeated or
 * a batch that is worked twice, finds it settled and changes nothing; a finding that is not the first is not kept.
 */
export interface HeldCheck {
  revision: number
  check: Check
}

export interface NewCheck extends Pick<Check, 'id' | 'component' | 'phase' | 'name' | 'by' | 'reason' | 'runId'> {
  rules: readonly Rule[]
}

/** Keeps a check that is to be made, or answers the one that is kept under its id already. */
export async function openCheck({ ledger, clock }: Parts, { rules, ...asked }: NewCheck): Promise<HeldCheck> {
  const held = await readHeld(ledger, asked.id)
  if (held !== null) return held
  const checkpoints = rules.map((rule, number) => {
    return { id: `${asked.id}.${number + 1}`, kind: rule.kind, rule, finding: null, settledAt: null }
  })
  const check: Check = { ...asked, askedAt: clock.now(), checkpoints, outcome: null, settledAt: null }
  const answer = await ledger.commit([
    { key: checkKey(check.id), ifRevision: null, value: check as unknown as Json },
    { key: openKey(check.id), ifRevision: null, value: { askedAt: check.askedAt } },
  ])
  const revision = answer.kind === 'committed' ? answer.revisions[0] : undefined
  return revision === undefined ? readCheck(ledger, asked.id) : { revision, check }
}

/** Throws `not-found`. */
export async function readCheck(ledger: Ledger, id: string): Promise<HeldCheck> {
  const held = await readHeld(ledger, id)
  if (held !== null) return held
  throw new CutoverError('not-found', `There is no check ${JSON.stringify(id.slice(0, SHOWN_CHARS_MAX))}.`)
}

/** Settles the checkpoint with this number (from 0), if it is not settled yet. */
export async function settleCheckpoint(
  { ledger, clock }: Parts,
  checkId: string,
  number: number,
  finding: CheckpointFinding,
): Promise<Check> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const { revision, check } = await readCheck(ledger, checkId)
    const checkpoint = check.checkpoints[number]
    if (checkpoint === undefined || checkpoint.finding !== null) return check
    const at = clock.now()
    const checkpoints = check.checkpoints.with(number, { ...checkpoint, finding, settledAt: at })
    const findings = checkpoints.map((one) => one.finding)
    const isLast = findings.every((one) => one !== null)
    const outcome = isLast ? outcomeOfAll(findings.map((one) => one?.outcome ?? null)) : null
    const next: Check = { ...check, checkpoints, outcome, settledAt: isLast ? at : null }
    const changes: Change[] = [{ key: checkKey(checkId), ifRevision: revision, value: next as unknown as Json }]
    const mark = isLast ? await ledger.read(openKey(checkId)) : null
    if (mark !== null) changes.push({ key: openKey(checkId), ifRevision: mark.revision, value: undefined })
    const entries: Entry[] = [entryOf(next, number, finding, at), ...(isLast ? [wholeEntry(next, at)] : [])]
    if ((await ledger.commit(changes, entries)).kind === 'committed') return next
  }
  throw new CutoverError('contended', `The check ${checkId} is settled by too many at once. Try again.`)
}

/** Ids of checks of which something is unsettled, at most `limit` (<= 200). */
export async function openChecks(ledger: Ledger, limit: number): Promise<string[]> {
  const { items } = await ledger.list(OPEN_CHECKS, null, limit)
  return items.map(({ key }) => key.slice(OPEN_CHECKS.length))
}

type Parts = Pick<EngineContext, 'ledger' | 'clock'>

export const OPEN_CHECKS = 'check-open/'
const ATTEMPTS_MAX = 10
const SHOWN_CHARS_MAX = 100

function checkKey(id: string): string {
  return `check/${id}`
}

function openKey(id: string): string {
  return OPEN_CHECKS + id
}

async function readHeld(ledger: Ledger, id: string): Promise<HeldCheck | null> {
  const held = await ledger.read(checkKey(id.slice(0, ID_CHARS_MAX)))
  return held === null ? null : { revision: held.revision, check: held.value as unknown as Check }
}

const ID_CHARS_MAX = 200

function entryOf(check: Check, number: number, finding: CheckpointFinding, at: number): Entry {
  const { id: checkId, component, phase, name, runId, by, reason } = check
  const rule = check.checkpoints[number]?.rule ?? { kind: 'zero-loss' }
  const id = check.checkpoints[number]?.id ?? checkId
  const entry: CheckpointEntry = {
    ...{ at, component, id, checkId, phase, name, kind: rule.kind },
    ...finding,
    ...{ rule, runId, by, reason },
  }
  return stateEntry('validation-checkpoint', { ...entry })
}

function wholeEntry({ id, component, phase, name, outcome, checkpoints, by, reason }: Check, at: number): Entry {
  const of = checkpoints.map((one) => ({ id: one.id, kind: one.kind, outcome: one.finding?.outcome ?? null }))
  return stateEntry('phase-check', { at, component, id, phase, name, outcome, checkpoints: of, by, reason })
}
