import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { given, type Rollback, type RollbackStep } from '../../core/rollback/rollback.js'
import { type Stage, stageIndex } from '../../core/stage.js'
import type { Change, Entry, Ledger } from '../../ports/ledger.js'
import { auditEntry } from '../audit.js'
import type { EngineContext } from '../context.js'
import { stateEntry } from '../state/journal.js'

/** A rollback with the revision it was read at: whoever commits upon an older one is refused. */
export interface Held {
  revision: number
  rollback: Rollback
}

const KEPT = 'rollback/'
const ATTEMPTS_MAX = 8

/** A fresh id; later ones sort before earlier ones, so that a listing is newest first. */
export function newId({ clock }: Pick<EngineContext, 'clock'>): string {
  const back = String(MS_MAX - clock.now()).padStart(MS_DIGITS, '0')
  return `rb-${back}-${clock.id().replaceAll('-', '').slice(0, 12)}`
}

const MS_MAX = 9_999_999_999_999
const MS_DIGITS = 13

export async function readRollback(ledger: Ledger, id: string): Promise<Held> {
  const held = await ledger.read(KEPT + id)
  if (held === null) throw new CutoverError('not-found', `There is no rollback ${JSON.stringify(id)}.`)
  return { revision: held.revision, rollback: held.value as unknown as Rollback }
}

/** The rollback of a component that is under way; `null`: there is none. */
export async function underWay({ ledger }: Pick<EngineContext, 'ledger'>, component: string): Promise<Held | null> {
  const pointer = await ledger.read(pointerKey(component))
  const id = (pointer?.value as { rollbackId: string | null } | undefined)?.rollbackId ?? null
  if (id === null) return null
  const held = await readRollback(ledger, id)
  return held.rollback.status === 'under-way' ? held : null
}

/** What says which rollback of a component is the latest. */
function pointerKey(component: string): string {
  return `rollback-of/${component}`
}

/**
 * Enters a rollback that has begun. One that is under way and goes as far is joined instead; another is superseded, in
 * the same commit.
 */
export async function enter(
  { ledger }: Pick<EngineContext, 'ledger'>,
  rollback: Rollback,
): Promise<{ kind: 'entered' | 'joined'; held: Held }> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const pointer = await ledger.read(pointerKey(rollback.component))
    const before =
      pointer === null ? null : await readRollback(ledger, (pointer.value as { rollbackId: string }).rollbackId)
    const present = before?.rollback.status === 'under-way' ? before : null
    if (present?.rollback.id === rollback.id) return { kind: 'entered', held: present }
    if (present !== null && goesAsFar(present.rollback, rollback)) return { kind: 'joined', held: present }
    const changes: Change[] = [
      { key: KEPT + rollback.id, ifRevision: null, value: rollback as unknown as Json },
      {
        key: pointerKey(rollback.component),
        ifRevision: pointer?.revision ?? null,
        value: { rollbackId: rollback.id },
      },
    ]
    const entries = [beginning(rollback), ...told(null, rollback)]
    if (present !== null) {
      const note = `Superseded by ${rollback.id}.`
      const last = given(present.rollback, 'superseded', note, rollback.startedAt)
      changes.push({ key: KEPT + last.id, ifRevision: present.revision, value: last as unknown as Json })
      entries.push(...told(present.rollback, last))
    }
    const answer = await ledger.commit(changes, entries)
    const revision = answer.kind === 'committed' ? answer.revisions[0] : undefined
    if (revision !== undefined) return { kind: 'entered', held: { revision, rollback } }
  }
  throw new CutoverError('contended', `${rollback.component} is rolled back by too many at once. Look again.`)
}

/** Replaces the rollback if nobody else has, with the entries that tell what changed; `null` if somebody has. */
export async function commit(
  { ledger }: Pick<EngineContext, 'ledger'>,
  held: Held,
  next: Rollback,
): Promise<Held | null> {
  const change = { key: KEPT + next.id, ifRevision: held.revision, value: next as unknown as Json }
  const answer = await ledger.commit([change], told(held.rollback, next))
  const revision = answer.kind === 'committed' ? answer.revisions[0] : undefined
  return revision === undefined ? null : { revision, rollback: next }
}

/** Whether joining `present` gives whoever asks for `wanted` what they ask for. */
function goesAsFar(present: Rollback, wanted: Rollback): boolean {
  if (present.procedure !== wanted.procedure) return false
  const [held, asked] = [goalOf(present), goalOf(wanted)]
  return held === null || asked === null || stageIndex(held) <= stageIndex(asked)
}

function goalOf({ steps }: Rollback): Stage | null {
  const last = steps.findLast(({ step }) => step.kind === 'move')?.step
  return last?.kind === 'move' ? last.to : null
}

function beginning({ id, component, procedure, cause, by, reason, startedAt, from }: Rollback): Entry {
  const after = { rollbackId: id, procedure, cause: cause.kind, decision: cause.decision ?? null }
  const before = from as unknown as Json
  return auditEntry({ at: startedAt, by, action: 'roll-back-component', collection: component, reason, before, after })
}

/** What the history says of a change: that it began, each step, and how it ended. */
export function told(before: Rollback | null, after: Rollback): Entry[] {
  const { id, component, procedure, cause, by, reason } = after
  const about = { component, rollbackId: id }
  const entries: Entry[] = []
  if (before === null) {
    const { startedAt: at, from } = after
    entries.push(stateEntry('rollback-event', { at, ...about, event: 'began', procedure, cause, by, reason, from }))
  }
  for (const [number, step] of after.steps.entries()) {
    const was = before?.steps[number]
    if (was?.status === step.status || step.status === 'to-do') continue
    const at = step.endedAt ?? step.startedAt ?? after.startedAt
    entries.push(stateEntry('rollback-event', { at, ...about, event: 'step', number: number + 1, ...shownStep(step) }))
  }
  if (after.status !== 'under-way' && before?.status !== after.status) {
    const { endedAt, startedAt, status, inWords } = after
    const at = endedAt ?? startedAt
    entries.push(
      stateEntry('rollback-event', { at, ...about, event: 'ended', status, inWords, tookMs: at - startedAt }),
    )
    const shown = { rollbackId: id, status, inWords }
    entries.push(
      auditEntry({
        at,
        by,
        action: 'end-rollback',
        collection: component,
        reason,
        before: { rollbackId: id },
        after: shown,
      }),
    )
  }
  return entries
}

function shownStep({ step, status, note, runId }: RollbackStep): { [member: string]: unknown } {
  return { step, status, note, runId }
}

/** Rollbacks newest first, with ids above `after`. */
export async function listKept(
  ledger: Ledger,
  after: string | null,
  limit: number,
): Promise<{ items: Held[]; end: boolean }> {
  const { items, end } = await ledger.list(KEPT, after === null ? null : KEPT + after, limit)
  return { items: items.map(({ revision, value }) => ({ revision, rollback: value as unknown as Rollback })), end }
}
