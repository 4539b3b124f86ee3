import type { AuditEntry } from '../../state.js'
import { call } from '../api.js'
import { auditPath, type Wish } from './request.js'

const LOOKED_AT_MAX = 20
/** An entry is there with the act's answer, but for a ledger that was away for a moment. */
const ATTEMPTS = 3
const PAUSE_MS = 700

/** How an act stands in the audit trail. */
export interface Trace {
  /** What it may be entered as; the watch enters stage changes that the ledger has missed under a name of its own. */
  actions: readonly string[]
  collection: string | null
}

export function traceOf(wish: Wish): Trace {
  switch (wish.kind) {
    case 'advance':
      return { actions: ['advance-stage', 'change-stage'], collection: wish.collection }
    case 'roll-back':
      return { actions: ['roll-back', 'change-stage'], collection: wish.collection }
    case 'roll-back-component':
      return { actions: ['roll-back-component', 'change-stage'], collection: wish.to === null ? null : wish.collection }
    case 'set-share':
      return { actions: ['set-flag'], collection: null }
    case 'backfill':
      return { actions: ['start-backfill'], collection: wish.collection }
    case 'validate':
    case 'check-zero-loss':
      return { actions: ['start-validate'], collection: wish.collection }
    case 'pause-plan':
    case 'pause-program':
      return { actions: [`${wish.kind.slice('pause-'.length)}-paused`], collection: null }
    case 'resume-plan':
    case 'resume-program':
      return { actions: [`${wish.kind.slice('resume-'.length)}-resumed`], collection: null }
    default:
      return { actions: [wish.kind], collection: null }
  }
}

/** The entry that an act has made: by its reason, and since a moment before it was sent. `null`: not there (yet). */
export async function ownEntry(wish: Wish, { reason, since, by }: Sent): Promise<AuditEntry | null> {
  const isOwn = (entry: AuditEntry): boolean => entry.reason === reason && (by === null || entry.by === by)
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = (await entriesOf(traceOf(wish), since)).find(isOwn)
    if (found !== undefined) return found
    if (attempt < ATTEMPTS) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return null
}

interface Sent {
  reason: string
  /** The server's time before it was sent; `null`: not known. */
  since: string | null
  /** Whose entry it is, where others may have given the same reason; `null`: whoever's. */
  by: string | null
}

/** What somebody did to a collection since one looked: the newest stage change, or the one of an epoch. */
export async function lastMoveOf(collection: string, epoch: number | null): Promise<AuditEntry | null> {
  const entries = await newest({ collection, limit: LOOKED_AT_MAX })
  const moves = entries.filter(({ after }) => numberOf(after, 'epoch') !== null)
  return moves.find(({ after }) => epoch === null || numberOf(after, 'epoch') === epoch) ?? null
}

/** The newest entry of one of these actions that is about something: a run, an alert, a plan. */
export async function lastOf(actions: readonly string[], about: string | null): Promise<AuditEntry | null> {
  const found = await Promise.all(actions.map((action) => newest({ action, limit: LOOKED_AT_MAX })))
  const fitting = found.flat().filter((entry) => about === null || mentions(entry, about))
  return fitting.reduce<AuditEntry | null>((a, b) => (a === null || b.at > a.at ? b : a), null)
}

async function entriesOf({ actions, collection }: Trace, since: string | null): Promise<AuditEntry[]> {
  const from = { ...(since === null ? {} : { since }), limit: LOOKED_AT_MAX }
  if (collection === null) return (await Promise.all(actions.map((action) => newest({ action, ...from })))).flat()
  return (await newest({ collection, ...from })).filter(({ action }) => actions.includes(action))
}

async function newest(asked: Parameters<typeof auditPath>[0]): Promise<AuditEntry[]> {
  const answer = await call<{ items: AuditEntry[] }>({ method: 'GET', path: auditPath(asked) })
  return answer.kind === 'ok' ? answer.value.items : []
}

/** An entry of a plan has its name beside the rest, all others in what was before or is after. */
function mentions(entry: AuditEntry, about: string): boolean {
  return [entry, entry.before, entry.after].some((side) => isMembers(side) && Object.values(side).includes(about))
}

export function numberOf(side: unknown, name: string): number | null {
  const value = isMembers(side) ? side[name] : null
  return typeof value === 'number' ? value : null
}

export function textOf(side: unknown, name: string): string | null {
  const value = isMembers(side) ? side[name] : null
  return typeof value === 'string' ? value : null
}

function isMembers(side: unknown): side is { readonly [name: string]: unknown } {
  return typeof side === 'object' && side !== null
}
