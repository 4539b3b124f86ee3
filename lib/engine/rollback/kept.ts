import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { given, type Rollback } from '../../core/rollback/rollback.js'
import { type Stage, stageIndex } from '../../core/stage.js'
import { RETENTION } from '../../core/state/kinds.js'
import type { Change, Ledger } from '../../ports/ledger.js'
import { prepareAlert } from '../alerts/raise.js'
import type { EngineContext } from '../context.js'
import { sideBySide } from '../side-by-side.js'
import { beginning, newsOf, told } from './told.js'

/** A rollback with the revision it was read at: whoever commits upon an older one is refused. */
export interface Held {
  revision: number
  rollback: Rollback
}

export const KEPT = 'rollback/'
const ATTEMPTS_MAX = 8

/** A fresh id; later ones sort before earlier ones, so that a listing is newest first. */
export function newId({ clock }: Pick<EngineContext, 'clock'>): string {
  return `rb-${backwards(clock.now())}-${clock.id().replaceAll('-', '').slice(0, 12)}`
}

function backwards(at: number): string {
  return String(MS_MAX - at).padStart(MS_DIGITS, '0')
}

const MS_MAX = 9_999_999_999_999
const MS_DIGITS = 13

export async function readRollback(ledger: Ledger, id: string): Promise<Held> {
  const held = await find(ledger, id)
  if (held === null) throw new CutoverError('not-found', `There is no rollback ${JSON.stringify(id.slice(0, 64))}.`)
  return held
}

/** `null`: it is not there, or was long ago and is not remembered. */
async function find(ledger: Ledger, id: string): Promise<Held | null> {
  const held = await ledger.read(KEPT + id)
  return held === null ? null : { revision: held.revision, rollback: held.value as unknown as Rollback }
}

/** The rollback of a component that is under way; `null`: there is none. */
export async function underWay({ ledger }: Pick<EngineContext, 'ledger'>, component: string): Promise<Held | null> {
  const pointer = pointerIn((await ledger.read(POINTER + component))?.value)
  if (pointer === null || pointer.over) return null
  const held = await find(ledger, pointer.rollbackId)
  return held?.rollback.status === 'under-way' ? held : null
}

/** The latest rollback of a component, ended or not; `null`: it was never rolled back. */
export async function latest({ ledger }: Pick<EngineContext, 'ledger'>, component: string): Promise<Rollback | null> {
  const pointer = pointerIn((await ledger.read(POINTER + component))?.value)
  const held = pointer === null ? null : await find(ledger, pointer.rollbackId)
  return held?.rollback ?? null
}

/** What says which rollback of a component is the latest. */
interface Pointer {
  rollbackId: string
  /** It has ended, and nothing of it is left to be done. */
  over?: boolean
}

export const POINTER = 'rollback-of/'

function pointerIn(value: Json | undefined): Pointer | null {
  return (value as unknown as Pointer | undefined) ?? null
}

/** Latest rollbacks of which something may be left to be done. */
export async function unfinished({ ledger }: Pick<EngineContext, 'ledger'>): Promise<Held[]> {
  const { items } = await ledger.list(POINTER, null, UNFINISHED_MAX)
  const ids = items.flatMap(({ value }) => {
    const pointer = pointerIn(value)
    return pointer === null || pointer.over ? [] : [pointer.rollbackId]
  })
  return (await sideBySide(ids, (id) => find(ledger, id))).filter((held) => held !== null)
}

export const UNFINISHED_MAX = 200

/** Nothing is left of a rollback that has ended: it need not be looked at again. Not done, it is done later. */
export async function letGo({ ledger }: Pick<EngineContext, 'ledger'>, { id, component }: Rollback): Promise<void> {
  const held = await ledger.read(POINTER + component)
  if (held === null || pointerIn(held.value)?.rollbackId !== id) return
  await ledger.commit([{ key: POINTER + component, ifRevision: held.revision, value: { rollbackId: id, over: true } }])
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
    const pointer = await ledger.read(POINTER + rollback.component)
    const known = pointerIn(pointer?.value)
    const before = known === null || known.over ? null : await find(ledger, known.rollbackId)
    const present = before?.rollback.status === 'under-way' ? before : null
    if (before?.rollback.id === rollback.id) return { kind: 'entered', held: before }
    // It ended before it could be entered: what is under way now is somebody's later wish.
    if (present !== null && rollback.status !== 'under-way') return await enterAside(ledger, rollback)
    if (present !== null && goesAsFar(present.rollback, rollback)) return { kind: 'joined', held: present }
    const changes: Change[] = [
      { key: KEPT + rollback.id, ifRevision: null, value: rollback as unknown as Json },
      {
        key: POINTER + rollback.component,
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

async function enterAside(ledger: Ledger, rollback: Rollback): Promise<{ kind: 'entered'; held: Held }> {
  const change = { key: KEPT + rollback.id, ifRevision: null, value: rollback as unknown as Json }
  const answer = await ledger.commit([change], [beginning(rollback), ...told(null, rollback)])
  const revision = answer.kind === 'committed' ? answer.revisions[0] : undefined
  return {
    kind: 'entered',
    held: revision === undefined ? await readRollback(ledger, rollback.id) : { revision, rollback },
  }
}

/**
 * Replaces the rollback if nobody else has, with the entries that tell what changed, and with the alert of its end;
 * `null` if somebody has.
 */
export async function commit(context: EngineContext, held: Held, next: Rollback): Promise<Held | null> {
  const change = { key: KEPT + next.id, ifRevision: held.revision, value: next as unknown as Json }
  const news = held.rollback.status === next.status ? null : newsOf(next)
  const raising = news === null ? null : await prepareAlert(context, news, next.by)
  const entries = [...told(held.rollback, next), ...(raising?.entries ?? [])]
  const answer = await context.ledger.commit([change, ...(raising?.changes ?? [])], entries)
  const revision = answer.kind === 'committed' ? answer.revisions[0] : undefined
  if (revision === undefined) return null
  raising?.told()
  return { revision, rollback: next }
}

/** Whether joining `present` gives whoever asks for `wanted` what they ask for. */
function goesAsFar(present: Rollback, wanted: Rollback): boolean {
  const [held, asked] = [goalOf(present), goalOf(wanted)]
  // A way of one's own would only lead less far, or later, than what an emergency stop has begun.
  const isOther = present.procedure !== wanted.procedure
  if (isOther && (present.cause.kind !== 'emergency-stop' || held === null || asked === null)) return false
  return held === null || asked === null || stageIndex(held) <= stageIndex(asked)
}

/** How far back it leads; `null`: it moves no stage. */
export function goalOf({ steps }: Rollback): Stage | null {
  const last = steps.findLast(({ step }) => step.kind === 'move')?.step
  return last?.kind === 'move' ? last.to : null
}

export async function isKept(ledger: Ledger, id: string): Promise<boolean> {
  return (await ledger.read(KEPT + id)) !== null
}

/** Removes rollbacks that ended before what is remembered of their kind; some at a time. */
export async function prune({ ledger, clock }: Pick<EngineContext, 'ledger' | 'clock'>): Promise<number> {
  const now = clock.now()
  const before = now - RETENTION['rollback-event'].days * DAY_MS
  const { items } = await listKept(ledger, `rb-${backwards(before)}`, PRUNED_MAX)
  const over = items.filter(({ rollback }) => rollback.status !== 'under-way')
  for (const { revision, rollback } of over)
    await ledger.commit([{ key: KEPT + rollback.id, ifRevision: revision, value: undefined }])
  return over.length
}

const DAY_MS = 86_400_000
const PRUNED_MAX = 50

/** Rollbacks newest first, with ids above `after`. */
export async function listKept(
  ledger: Ledger,
  after: string | null,
  limit: number,
): Promise<{ items: Held[]; end: boolean }> {
  const { items, end } = await ledger.list(KEPT, after === null ? null : KEPT + after, limit)
  return { items: items.map(({ revision, value }) => ({ revision, rollback: value as unknown as Rollback })), end }
}
