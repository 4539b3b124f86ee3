import { CutoverError } from '../../core/error.js'
import { isJsonObject, type Json } from '../../core/json.js'
import { noted, type ProgramNote, type ProgramState, phaseStateOf } from '../../core/program/state.js'
import type { Change, Entry, Ledger } from '../../ports/ledger.js'
import { auditEntry } from '../audit.js'
import { stateEntry } from '../state/journal.js'

/** A program's state as the ledger keeps it. */
export interface KeptProgram {
  revision: number
  state: ProgramState
}

export async function findProgram(ledger: Ledger, name: string): Promise<KeptProgram | null> {
  const held = await ledger.read(PROGRAMS + name)
  return held === null ? null : { revision: held.revision, state: decode(held.value, name) }
}

export async function readProgram(ledger: Ledger, name: string): Promise<KeptProgram> {
  const kept = await findProgram(ledger, name)
  if (kept === null) throw new CutoverError('not-found', `There is no program ${name}.`)
  return kept
}

/**
 * Commits a state with what it tells of: each note enters the journal under the kind `phase`, and the audit trail. `null`:
 * somebody else has moved the program on since it was read, and nothing was written.
 */
export async function commitProgram(
  ledger: Ledger,
  before: KeptProgram | null,
  after: ProgramState,
  notes: readonly ProgramNote[],
  more: { entries?: readonly Entry[]; changes?: readonly Change[] } = {},
): Promise<KeptProgram | null> {
  const { name } = after.program
  const state = notes.reduce(noted, after)
  const change = { key: PROGRAMS + name, ifRevision: before?.revision ?? null, value: toJson(state) }
  const entries = notes.flatMap((note) => entriesOf(before?.state ?? null, after, note))
  const answer = await ledger.commit([change, ...(more.changes ?? [])], [...entries, ...(more.entries ?? [])])
  const revision = answer.kind === 'committed' ? answer.revisions[0] : undefined
  return revision === undefined ? null : { revision, state }
}

/** Names of all programs, in order: what a cron gives a turn. */
export async function programNames(ledger: Ledger): Promise<string[]> {
  const { items, end } = await ledger.list(PROGRAMS, null, PROGRAMS_MAX)
  if (!end) throw new CutoverError('too-large', `There are more than ${PROGRAMS_MAX} programs.`)
  return items.map(({ key }) => key.slice(PROGRAMS.length))
}

export const PROGRAMS = 'program/'
export const PROGRAMS_MAX = 200

function entriesOf(before: ProgramState | null, after: ProgramState, note: ProgramNote): Entry[] {
  const { at, by, kind, phase, reason } = note
  const program = after.program.name
  const statusOf = (state: ProgramState | null): string | null =>
    state === null ? null : phase === null ? state.status : phaseStateOf(state, phase).status
  const attempt = phase === null ? null : phaseStateOf(after, phase).attempt
  const change = { before: statusOf(before), after: statusOf(after) }
  const entry = { at, component: null, program, phase, event: kind, attempt, by, reason, ...change }
  const audited = { action: kind, collection: null, before: { program, phase, status: change.before } }
  return [
    stateEntry('phase', entry),
    auditEntry({ at, by, reason, ...audited, after: { program, phase, status: change.after } }),
  ]
}

function decode(value: Json, name: string): ProgramState {
  if (isJsonObject(value) && value.form === 1 && isJsonObject(value.program)) return value as unknown as ProgramState
  throw new CutoverError('corrupt-document', `The state of the program ${name} is damaged. Restore it from a backup.`)
}

/** The value as JSON makes it: what is `undefined` goes, and nothing is shared. */
function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value))
}
