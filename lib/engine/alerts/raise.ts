import { type Alert, type AlertMessage, type AlertNews, alertEvent, newAlert, seenAgain } from '../../core/alert.js'
import { CutoverError } from '../../core/error.js'
import type { Change, Entry } from '../../ports/ledger.js'
import { stateEntry } from '../state/journal.js'
import { type AlertContext, keyOfAbout, newestFirstId, OPEN, type ToCommit, writing } from './kept.js'
import { messageInOutbox, sendMessage } from './outbox.js'

export interface Raised {
  /** `known`: there is an unresolved one about the same, and it was counted (or was, within this minute). */
  kind: 'raised' | 'known'
  id: string
}

const ATTEMPTS_MAX = 5

/**
 * Keeps an alert and tells people of it. There is one unresolved alert about a thing, however many instances find it
 * however often. The message to the webhook is kept in the same commit as the alert, so neither is without the other.
 */
export async function raiseAlert(context: AlertContext, news: AlertNews, by = 'watch'): Promise<Raised> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const raising = await prepareAlert(context, news, by)
    if (raising.changes.length === 0) return raising.raised
    const answer = await context.ledger.commit(raising.changes, raising.entries)
    if (answer.kind === 'conflict') continue
    raising.told()
    return raising.raised
  }
  throw new CutoverError('contended', `The alert about ${news.about} is raised by too many at once.`)
}

/** What has to be committed for an alert to be raised. */
export interface Raising extends ToCommit {
  raised: Raised
}

export async function prepareAlert(context: AlertContext, news: AlertNews, by = 'watch'): Promise<Raising> {
  const { ledger, clock } = context
  const now = clock.now()
  const about = await ledger.read(keyOfAbout(news.about))
  const latest = (about?.value as { id: string } | undefined)?.id
  if (latest !== undefined) {
    const held = await ledger.read(OPEN + latest)
    if (held !== null) return againRaised(context, { ...held, value: held.value as unknown as Alert }, news)
    if (news.once) return nothing({ kind: 'known', id: latest })
  }
  const id = newestFirstId(clock)
  const alert = newAlert(id, news, now, by)
  const changes = [writing(keyOfAbout(news.about), about?.revision ?? null, { id }), writing(OPEN + id, null, alert)]
  const move = alert.history[0]
  const entries = move === undefined ? [] : [stateEntry('alert-event', alertEvent(alert, move))]
  const raised: Raised = { kind: 'raised', id }
  return withMessage(context, { raised, changes, entries }, 'alert.raised', alert)
}

function againRaised(context: AlertContext, held: { revision: number; value: Alert }, news: AlertNews): Raising {
  const raised = { kind: 'known' as const, id: held.value.id }
  const seen = seenAgain(held.value, news, context.clock.now())
  if (seen === null) return nothing(raised)
  const kept = { raised, changes: [writing(OPEN + seen.id, held.revision, seen)], entries: [] }
  if (seen.severity === held.value.severity) return { ...kept, told: () => {} }
  return withMessage(context, kept, 'alert.raised', seen)
}

function nothing(raised: Raised): Raising {
  return { raised, changes: [], entries: [], told: () => {} }
}

/** Adds the message to what is to be committed; without a webhook there is none. */
export function withMessage<Kept extends { changes: Change[]; entries: Entry[] }>(
  context: AlertContext,
  kept: Kept,
  type: AlertMessage['type'],
  alert: Alert,
): Kept & { told: () => void } {
  if (context.notify === undefined) return { ...kept, told: () => {} }
  const { key, change } = messageInOutbox(context.clock, type, alert)
  const told = (): void => context.background(sendMessage(context, key))
  return { ...kept, changes: [...kept.changes, change], told }
}
