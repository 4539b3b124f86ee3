import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { AGAIN_MAX, STOP_PARTS, type StopPart, type Stopped } from '../../core/rollback/stopped.js'
import { resolveAbout } from '../alerts/move.js'
import { auditEntry } from '../audit.js'
import type { EngineContext } from '../context.js'
import type { Mover } from '../stages/move.js'
import { stateEntry } from '../state/journal.js'
import { changePending, readPending } from './pending.js'

export const STOPPED = 'stopped'
const ATTEMPTS_MAX = 8

/** The emergency stop that stands; `null`: none does. Throws when that cannot be told. */
export async function readStopped({
  ledger,
  documents,
}: Pick<EngineContext, 'ledger' | 'documents'>): Promise<Stopped | null> {
  const [held, { stop }] = await Promise.all([ledger.read(STOPPED), readPending(documents)])
  return held === null ? stop : (held.value as unknown as Stopped)
}

/** The same from the ledger alone, for those who work on nothing else. */
export async function stoppedInLedger({ ledger }: Pick<EngineContext, 'ledger'>): Promise<Stopped | null> {
  return ((await ledger.read(STOPPED))?.value as unknown as Stopped | undefined) ?? null
}

/** Throws `conflict` with the reason `emergency-stopped` while a stop stands. */
export async function refuseWhileStopped(context: Pick<EngineContext, 'ledger'>): Promise<void> {
  const stopped = await stoppedInLedger(context)
  if (stopped !== null) throw whileStopped(stopped)
}

export function whileStopped({ by, reason, at }: Stopped): CutoverError {
  const since = new Date(at).toISOString()
  return new CutoverError(
    'conflict',
    `${by} has stopped everything at ${since} (${reason}). Nothing advances until the stop is lifted.`,
    { details: { reason: 'emergency-stopped', by, since } },
  )
}

/** What the alert of a stop is about. */
export function alertAbout(stopId: string): string {
  return `emergency-stop/${stopId}`
}

/** An alert that cannot be resolved now is left to whoever reads it: the stop is lifted all the same. */
function unlessAway(error: unknown): void {
  if (!(error instanceof CutoverError)) throw error
}

/** A stop as it begins: everything is still to be done. */
export function newStop({ clock }: Pick<EngineContext, 'clock'>, { by, reason }: Mover): Stopped {
  return { id: clock.id(), state: 'failed', at: clock.now(), by, reason, again: [], open: STOP_PARTS }
}

/** Enters a stop; where one stands, that is kept, and who called again is noted. All of it is done (again) then. */
export async function enterStop({ ledger, clock }: EngineContext, stop: Stopped): Promise<Stopped> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = await ledger.read(STOPPED)
    const standing = held === null ? null : (held.value as unknown as Stopped)
    if (standing?.id === stop.id) return standing
    const { at, by, reason } = stop
    const again = [...(standing?.again ?? []), { at, by, reason }].slice(-AGAIN_MAX)
    const next: Stopped = standing === null ? stop : { ...standing, again, open: STOP_PARTS }
    const after = { state: next.state, stopId: next.id }
    const before = standing === null ? null : { stopId: standing.id }
    const entries = [
      auditEntry({ at, by, action: 'emergency-stop', collection: null, reason, before, after }),
      stateEntry('rollback-event', { at, component: null, event: 'emergency-stop', stopId: next.id, by, reason }),
    ]
    const change = { key: STOPPED, ifRevision: held?.revision ?? null, value: next as unknown as Json }
    if ((await ledger.commit([change], entries)).kind === 'committed') return next
  }
  throw new CutoverError('contended', `Too many stop everything at once, at ${clock.now()}. Look again.`)
}

/** Takes parts that are done off the list; nothing happens where the stop was lifted or replaced meanwhile. */
export async function closeParts({ ledger }: EngineContext, id: string, done: readonly StopPart[]): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = await ledger.read(STOPPED)
    const standing = held === null ? null : (held.value as unknown as Stopped)
    if (held === null || standing === null || standing.id !== id) return
    const open = standing.open.filter((part) => !done.includes(part))
    if (open.length === standing.open.length) return
    const change = { key: STOPPED, ifRevision: held.revision, value: { ...standing, open } as unknown as Json }
    if ((await ledger.commit([change])).kind === 'committed') return
  }
}

/** Things may advance again; nothing begins by itself. `null`: no stop stood. */
export async function liftStop(context: EngineContext, { by, reason }: Mover): Promise<Stopped | null> {
  const { ledger, clock, documents } = context
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = await ledger.read(STOPPED)
    const { stop } = await readPending(documents)
    const standing = held === null ? stop : (held.value as unknown as Stopped)
    if (standing === null) return null
    const at = clock.now()
    const before = { state: standing.state, stopId: standing.id, reason: standing.reason }
    const entries = [
      auditEntry({
        at,
        by,
        action: 'lift-emergency-stop',
        collection: null,
        reason,
        before,
        after: { state: 'lifted' },
      }),
      stateEntry('rollback-event', { at, component: null, event: 'stop-lifted', stopId: standing.id, by, reason }),
    ]
    const changes = held === null ? [] : [{ key: STOPPED, ifRevision: held.revision, value: undefined }]
    // First the other place: what is lifted and left there would be entered again by the tick.
    if (held !== null && stop !== null) await changePending(documents, (pending) => ({ ...pending, stop: null }))
    if ((await ledger.commit(changes, entries)).kind !== 'committed') continue
    if (held === null) await changePending(documents, (pending) => ({ ...pending, stop: null }))
    await resolveAbout(context, alertAbout(standing.id), { by, reason }).catch(unlessAway)
    return standing
  }
  throw new CutoverError('contended', 'The stop is changed by too many at once. Look again.')
}
