import type { Alert, AlertMessage } from '../../core/alert.js'
import { CutoverError } from '../../core/error.js'
import type { Clock } from '../../ports/clock.js'
import type { Change, Ledger } from '../../ports/ledger.js'
import type { AlertContext } from './kept.js'
import { newestFirst, oldestFirst, readAlert, writing } from './kept.js'

/**
 * Messages to the webhook, kept in the ledger until it has taken them.
 *
 * A message is written in the commit of what it tells of. Whoever sends it first moves it on to its next attempt, so
 * that of two instances one sends, and one that stops half-way leaves a message that is due again. Hence: at least
 * once, under one id; never in a certain order. Attempts are spread over a day by exponential back-off with full
 * jitter (Brooker, "Exponential backoff and jitter", 2015); then it is given up, kept as undelivered, and its alert is
 * marked.
 */
export const OUTBOX = 'alert-outbox/'
const UNDELIVERED = 'alert-undelivered/'

export interface Outgoing {
  message: AlertMessage
  attempts: number
  /** Wall-clock milliseconds of the next attempt. */
  dueAt: number
  /** Why the last attempt failed. */
  fault: string | null
}

export function messageInOutbox(
  clock: Pick<Clock, 'now'>,
  type: AlertMessage['type'],
  alert: Alert,
): { key: string; change: Change } {
  const at = clock.now()
  const id = `msg_${alert.id}_${type.slice(type.indexOf('.') + 1)}_${alert.history.length}_${alert.count}`
  const outgoing: Outgoing = { message: { id, type, at, alert }, attempts: 0, dueAt: at, fault: null }
  const key = keyOf(outgoing)
  return { key, change: writing(key, null, outgoing) }
}

/** Sends one message, if nobody else does. Its failure is kept, not thrown. */
export async function sendMessage(context: AlertContext, key: string): Promise<'sent' | 'failed' | 'gone'> {
  const { ledger, notify } = context
  const held = notify === undefined ? null : await ledger.read(key)
  if (held === null || notify === undefined) return 'gone'
  const outgoing = held.value as unknown as Outgoing
  const next = nextAttempt(outgoing, context.clock)
  const claim = await ledger.commit([
    { key, ifRevision: held.revision, value: undefined },
    writing(keyOf(next), null, next),
  ])
  if (claim.kind === 'conflict') return 'gone'
  const revision = claim.revisions[1] ?? null
  try {
    await notify(outgoing.message)
  } catch (error) {
    await keepFault(context, { key: keyOf(next), revision, next }, faultOf(error))
    return 'failed'
  }
  await ledger.commit([{ key: keyOf(next), ifRevision: revision, value: undefined }])
  return 'sent'
}

/** Sends what is due, the longest due first, until `deadlineAt`; what is not reached is due at the next turn. */
export async function sendDue(
  context: AlertContext,
  deadlineAt: number,
): Promise<{ sent: number; failed: number; waiting: number }> {
  const report = { sent: 0, failed: 0, waiting: 0 }
  if (context.notify === undefined) return report
  const { items } = await context.ledger.list(OUTBOX, null, DUE_MAX)
  const due = items.filter(({ value }) => (value as unknown as Outgoing).dueAt <= context.clock.now())
  report.waiting = items.length - due.length
  for (let at = 0; at < due.length; at += SIDE_BY_SIDE) {
    if (context.clock.now() + SEND_MS > deadlineAt) break
    const keys = due.slice(at, at + SIDE_BY_SIDE).map(({ key }) => key)
    for (const result of await Promise.all(keys.map((key) => sendMessage(context, key))))
      if (result !== 'gone') report[result]++
  }
  return report
}

/** What waits to be sent, the next first, and what was given up, the latest first; each at most `limit`. */
export async function listOutbox(
  { ledger }: { ledger: Ledger },
  limit: number,
): Promise<{ waiting: Outgoing[]; undelivered: Outgoing[] }> {
  const [waiting, undelivered] = await Promise.all([
    ledger.list(OUTBOX, null, limit),
    ledger.list(UNDELIVERED, null, limit),
  ])
  const shown = ({ items }: typeof waiting): Outgoing[] => items.map(({ value }) => value as unknown as Outgoing)
  return { waiting: shown(waiting), undelivered: shown(undelivered) }
}

export const DUE_MAX = 100
const SIDE_BY_SIDE = 5
/** An attempt is not begun later than this before the deadline. */
const SEND_MS = 6_000
const FIRST_WAIT_MS = 10_000
const WAIT_MS_MAX = 4 * 3_600_000
const ATTEMPTS_MAX = 24
const GIVEN_UP_AFTER_MS = 24 * 3_600_000
/** An attempt under way is not made by somebody else. */
const CLAIM_MS = 10_000

function nextAttempt(outgoing: Outgoing, clock: Clock): Outgoing {
  const most = Math.min(FIRST_WAIT_MS * 2 ** outgoing.attempts, WAIT_MS_MAX)
  const dueAt = Math.floor(clock.now() + CLAIM_MS + clock.random() * most)
  return { ...outgoing, attempts: outgoing.attempts + 1, dueAt }
}

/** Keeps why it failed; a message that was tried for a day is given up. */
async function keepFault(
  context: AlertContext,
  { key, revision, next }: { key: string; revision: number | null; next: Outgoing },
  fault: string,
): Promise<void> {
  const { ledger, clock } = context
  const { message, attempts } = next
  const failed = { ...next, fault }
  if (attempts < ATTEMPTS_MAX && clock.now() - message.at < GIVEN_UP_AFTER_MS) {
    await ledger.commit([writing(key, revision, failed)])
    return
  }
  const gone: Change = { key, ifRevision: revision, value: undefined }
  const kept = writing(`${UNDELIVERED}${newestFirst(message.at)}-${message.id}`, null, failed)
  const held = await readAlert(context, message.alert.id)
  const marked =
    held === null ? [] : [writing(held.key, held.revision, { ...held.alert, undelivered: held.alert.undelivered + 1 })]
  // On a conflict it stays where it is, and is given up after its next attempt.
  await ledger.commit([gone, kept, ...marked])
}

/** In the order in which they are due. */
function keyOf({ message, dueAt }: Outgoing): string {
  return `${OUTBOX}${oldestFirst(dueAt)}-${message.id}`
}

/** What operators may read of it: never an address, for it may hold a secret. */
function faultOf(error: unknown): string {
  return error instanceof CutoverError ? error.message : 'The webhook did not answer.'
}
