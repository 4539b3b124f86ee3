import { STAGES, type Stage, stageIndex } from '../../../core/stage.js'
import { addressOf } from '../read.js'

/** What an operator has chosen to be done, with everything that it takes but the reason. */
export type Wish =
  | { kind: 'advance'; collection: string; to: Stage; rolloutPercent: number; ifEpoch: number; acceptRisk: boolean }
  | { kind: 'roll-back'; collection: string; to: Stage; rolloutPercent: number; ifEpoch: number }
  /** What takes a pass on the way is done by itself. Of a part that a flag switches, by its name, without a stage. */
  | { kind: 'roll-back-component'; collection: string; to: Stage | null; ifEpoch: number | null }
  | { kind: 'set-share'; flag: string; sharePercent: number; revision: number | null }
  | { kind: 'backfill'; collection: string }
  | { kind: 'validate'; collection: string; repair: boolean; hidden: boolean; kept: number }
  | { kind: 'check-zero-loss'; collection: string }
  | { kind: 'pause-run' | 'resume-run' | 'cancel-run'; runId: string }
  | { kind: 'pause-plan' | 'resume-plan'; name: string }
  | { kind: 'pause-program' | 'resume-program'; name: string }
  | { kind: 'acknowledge-alert' | 'resolve-alert'; alertId: string }
  | { kind: 'emergency-stop' }
  | { kind: 'lift-emergency-stop' }

export interface ActRequest {
  method: 'POST' | 'PUT'
  path: string
  body: { readonly [name: string]: unknown }
}

const BASE = '/api/migration'
/** Hides the values of every field. */
const ALL_PATHS = '$.**'

/** The request that a wish becomes. */
export function requestOf(wish: Wish, reason: string): ActRequest {
  const [path, more] = placeOf(wish)
  const method = wish.kind === 'set-share' ? 'PUT' : 'POST'
  return { method, path: BASE + path, body: { reason: reason.trim(), ...more } }
}

function placeOf(wish: Wish): [path: string, more: ActRequest['body']] {
  switch (wish.kind) {
    case 'advance': {
      const { to, rolloutPercent, ifEpoch, acceptRisk } = wish
      const risk = acceptRisk ? { acceptRisk: 'zero-loss-not-proved' } : {}
      return [of(wish, 'advance'), { to, rolloutPercent, ifEpoch, ...risk }]
    }
    case 'roll-back': {
      const { to, rolloutPercent, ifEpoch } = wish
      return [of(wish, 'roll-back'), { to, rolloutPercent, ifEpoch }]
    }
    case 'roll-back-component':
      return [rollbackPath(wish.collection), stated({ to: wish.to, ifEpoch: wish.ifEpoch })]
    case 'set-share':
      return [flagPlace(wish.flag), stated({ value: wish.sharePercent, revision: wish.revision })]
    case 'backfill':
      return [of(wish, 'backfill'), {}]
    case 'validate': {
      const { repair, hidden, kept } = wish
      return [of(wish, 'validate'), { repair, redact: hidden ? [ALL_PATHS] : [], mismatchesKept: kept }]
    }
    case 'check-zero-loss':
      return [of(wish, 'zero-loss'), {}]
    case 'pause-run':
    case 'resume-run':
    case 'cancel-run':
      return [`/runs/${encodeURIComponent(wish.runId)}/${verbOf(wish.kind)}`, {}]
    case 'pause-plan':
    case 'resume-plan':
      return [`/plans/${encodeURIComponent(wish.name)}/${verbOf(wish.kind)}`, {}]
    case 'pause-program':
    case 'resume-program':
      return [`/programs/${encodeURIComponent(wish.name)}/${verbOf(wish.kind)}`, {}]
    case 'acknowledge-alert':
    case 'resolve-alert':
      return [`/alerts/${encodeURIComponent(wish.alertId)}/${verbOf(wish.kind)}`, {}]
    case 'emergency-stop':
      return ['/emergency-stop', {}]
    case 'lift-emergency-stop':
      return ['/emergency-stop/lift', {}]
  }
}

function of({ collection }: { collection: string }, verb: string): string {
  return `/collections/${encodeURIComponent(collection)}/${verb}`
}

function verbOf(kind: string): string {
  return kind.slice(0, kind.indexOf('-'))
}

/** Says what a rollback, or a stop, would do; nothing is entered for it, so that its reason is nobody's. */
export function rehearsalOf(rehearsed: { collection: string; to: Stage | null } | 'emergency-stop'): ActRequest {
  const body = { reason: 'a look before it is done', rehearsal: true }
  if (rehearsed === 'emergency-stop') return { method: 'POST', path: `${BASE}/emergency-stop`, body }
  const { collection, to } = rehearsed
  return { method: 'POST', path: BASE + rollbackPath(collection), body: { ...body, ...stated({ to }) } }
}

/** Where a flag is read. */
export function flagPath(flag: string): string {
  return BASE + flagPlace(flag)
}

function flagPlace(flag: string): string {
  return `/feature-flags/${encodeURIComponent(flag)}`
}

/** Without what is left to the server. */
function stated(members: { readonly [name: string]: unknown }): ActRequest['body'] {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null))
}

function rollbackPath(collection: string): string {
  return `/rollback/${encodeURIComponent(collection)}`
}

/** What asks the server what a stage change would do. */
export interface Look {
  collection: string
  direction: 'up' | 'down'
  /** `null`: as the verb has it. */
  to: Stage | null
  rolloutPercent: number
  acceptRisk?: boolean
}

export function previewPath({ collection, direction, to, rolloutPercent, acceptRisk = false }: Look): string {
  const query = new URLSearchParams({ direction, rolloutPercent: String(rolloutPercent) })
  if (to !== null) query.set('to', to)
  if (acceptRisk) query.set('acceptRisk', 'zero-loss-not-proved')
  return `${BASE}/collections/${encodeURIComponent(collection)}/preview?${query}`
}

export function auditPath(asked: { action?: string; collection?: string; since?: string; limit: number }): string {
  return addressOf('/audit', asked)
}

/** What it takes to have `wanted` percent of the records at the stage where now `present` percent stand. */
export function rolloutLook(
  { collection, stage, present }: { collection: string; stage: Stage; present: number },
  wanted: number,
): Look | null {
  if (wanted >= present) return { collection, direction: 'up', to: stage, rolloutPercent: wanted }
  const below = STAGES[stageIndex(stage) - 1]
  return below === undefined ? null : { collection, direction: 'down', to: below, rolloutPercent: wanted }
}

/** A share as it is typed, in percent with at most two decimals; `null`: it is none. */
export function shareOf(text: string): number | null {
  const digits = text.trim().replace(',', '.')
  if (!/^\d{1,3}(\.\d{1,2})?$/.test(digits)) return null
  const share = Number(digits)
  return share <= 100 ? share : null
}
