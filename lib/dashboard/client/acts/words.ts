import type { AuditEntry } from '../../state.js'
import { numberOf, textOf } from './audited.js'
import type { Wish } from './request.js'

/** `operator-token (Ben)`, as the trail has it, the way people say it: `Ben (operator-token)`. */
export function nameInWords(by: string): string {
  const [, token, own] = /^(\S+) \((.+)\)$/.exec(by) ?? []
  return own === undefined ? by : `${own} (${token})`
}

/** What an entry of the audit trail says was done, without when and why. */
export function deedInWords(entry: AuditEntry): string {
  const { action, collection, before, after } = entry
  const [from, to] = [textOf(before, 'stage'), textOf(after, 'stage')]
  const who = nameInWords(entry.by)
  const it = collection ?? 'it'
  if (to !== null) {
    const percent = numberOf(after, 'rolloutPercent')
    const share = percent === null || percent === 100 ? '' : ` (${percent} % of the records)`
    if (from === to) return `${who} set the rollout of ${it} at ${to}${share === '' ? ' to 100 %' : share}`
    return `${who} moved ${it}${from === null ? '' : ` from ${from}`} to ${to}${share}`
  }
  return `${who} ${DEEDS[action]?.(it) ?? `did “${action}”${collection === null ? '' : ` to ${collection}`}`}`
}

const DEEDS: { readonly [action: string]: ((collection: string) => string) | undefined } = {
  'start-backfill': (collection) => `started a back-fill of ${collection}`,
  'start-validate': (collection) => `started a validation of ${collection}`,
  'pause-run': (collection) => `paused the run on ${collection}`,
  'resume-run': (collection) => `resumed the run on ${collection}`,
  'cancel-run': (collection) => `cancelled the run on ${collection}`,
  'plan-paused': () => 'paused the plan',
  'plan-resumed': () => 'resumed the plan',
  'program-paused': () => 'paused the program',
  'program-resumed': () => 'resumed the program',
  'acknowledge-alert': () => 'acknowledged the alert',
  'resolve-alert': () => 'resolved the alert',
  'emergency-stop': () => 'stopped everything',
  'lift-emergency-stop': () => 'lifted the emergency stop',
  'roll-back-component': (collection) => `began to roll ${collection} back`,
}

/** What an act has come to, from the server's answer. */
export function resultInWords(wish: Wish, value: unknown): string {
  switch (wish.kind) {
    case 'advance':
    case 'roll-back':
      return movedInWords(wish.collection, value)
    case 'roll-back-component':
      return `The rollback of ${wish.collection} has begun. ${textOf(value, 'inWords') ?? 'It is under way.'}`
    case 'set-share':
      return `The flag ${wish.flag} sends ${wish.sharePercent} % the new way, from the next request on.`
    case 'backfill':
      return `A back-fill of ${wish.collection} has begun. It is shown under Runs, with its progress.`
    case 'validate':
      return `A validation of ${wish.collection}${wish.repair ? ' that repairs what differs' : ''} has begun. Its progress is under Runs, what it finds under Consistency.`
    case 'check-zero-loss':
      return `The check for loss in ${wish.collection} has begun. What it proves is shown under Consistency.`
    case 'emergency-stop':
      return stoppedInWords(value)
    default:
      return DONE[wish.kind]
  }
}

/** Whether what was begun goes on by itself after the answer. */
export function goesOn(wish: Wish, value: unknown): boolean {
  if (wish.kind === 'roll-back-component') return textOf(value, 'status') !== 'completed'
  return wish.kind === 'backfill' || wish.kind === 'validate' || wish.kind === 'check-zero-loss'
}

const DONE = {
  'pause-run': 'The run is paused. It keeps its place, and goes on from there when it is resumed.',
  'resume-run': 'The run goes on where it stood.',
  'cancel-run': 'The run is cancelled. What it has moved stays moved.',
  'pause-plan': 'The plan is paused: it begins nothing more until it is resumed.',
  'resume-plan': 'The plan goes on.',
  'pause-program': 'The program is paused: it begins nothing more until it is resumed.',
  'resume-program': 'The program goes on.',
  'acknowledge-alert': 'The alert is acknowledged: it is not escalated by itself any more.',
  'resolve-alert': 'The alert is resolved.',
  'lift-emergency-stop': 'The stop is lifted. Nothing begins by itself: resume or start what shall go on.',
} as const

function movedInWords(collection: string, value: unknown): string {
  const [from, to, percent] = [textOf(value, 'from'), textOf(value, 'to'), numberOf(value, 'rolloutPercent')]
  const share = percent === null || percent === 100 ? '' : ` for ${percent} % of the records`
  const way =
    from !== null && from === to
      ? `is at ${to} for ${percent ?? 100} % of the records now`
      : `moved from ${from ?? 'where it stood'} to ${to ?? 'another stage'}${share}`
  const moved = `${collection} ${way}, epoch ${numberOf(value, 'epoch') ?? '?'}.`
  const pending = memberOf(value, 'pending')
  const left = textOf(pending, 'inWords') ?? textOf(pending, 'reason')
  return left === null ? moved : `${moved} It went no further: ${left}`
}

function stoppedInWords(value: unknown): string {
  const counted = [
    ['collection turned back', 'collections turned back', 'rollbacks'],
    ['flag off', 'flags off', 'flagsOff'],
    ['run cancelled', 'runs cancelled', 'runsCancelled'],
    ['plan ended', 'plans ended', 'plansFailed'],
    ['program ended', 'programs ended', 'programsFailed'],
  ] as const
  const parts = counted.flatMap(([one, more, member]) => {
    const count = lengthOf(memberOf(value, member))
    return count === 0 ? [] : [`${count} ${count === 1 ? one : more}`]
  })
  const underWay = lengthOf(memberOf(value, 'underWay'))
  const rest = underWay === 0 ? '' : ` ${underWay} ${underWay === 1 ? 'part is' : 'parts are'} still under way.`
  return `Everything is stopped${parts.length === 0 ? '' : `: ${parts.join(', ')}`}. Nothing advances until the stop is lifted.${rest}`
}

/**
 * Whether an act that was answered as done had been done by somebody else already: acknowledging twice, pausing what is
 * paused. The server leaves such a thing as it is, and its history tells who did it.
 */
export function wasDoneBefore(wish: Wish, reason: string, value: unknown): boolean {
  const changed = memberOf(value, 'changed')
  if (typeof changed === 'boolean') return !changed
  const kind = HISTORY[wish.kind]
  const history = memberOf(value, 'history')
  if (kind === undefined || !Array.isArray(history)) return false
  return !history.some((one: unknown) => textOf(one, 'kind') === kind && textOf(one, 'reason') === reason)
}

const HISTORY: { readonly [kind: string]: string | undefined } = {
  'pause-plan': 'plan-paused',
  'resume-plan': 'plan-resumed',
  'pause-program': 'program-paused',
  'resume-program': 'program-resumed',
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as { [name: string]: unknown })[name] : undefined
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0
}
