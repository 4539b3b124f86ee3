import type { AuditEntry } from '../../state.js'
import { type Answer, call, type Lost, type Problem, type Refusal } from '../api.js'
import { lastMoveOf, lastOf, numberOf, ownEntry, traceOf } from './audited.js'
import type { Wish } from './request.js'
import { goesOn, resultInWords, wasDoneBefore } from './words.js'

/** What an act has come to, as it is shown. `entry`: of the audit trail; of somebody else where it is a conflict. */
export type Outcome =
  /** `begun`: it goes on by itself, and its end is not known yet. */
  | { kind: 'done'; begun: boolean; inWords: string; entry: AuditEntry | null }
  /** Somebody else was faster, and nothing of this was done. */
  | { kind: 'conflict'; inWords: string; entry: AuditEntry | null }
  | { kind: 'refused'; inWords: string }
  /** The server has said no, or the session is over: nothing was done. */
  | { kind: 'failed'; inWords: string; signedOut: boolean }
  /** The answer was lost, and the trail does not have it (yet). */
  | { kind: 'unknown'; inWords: string }

export interface Sent {
  wish: Wish
  reason: string
  /** The server's time a moment before. */
  since: string | null
}

/** Makes what the server has answered, or has not, into what the operator is told. */
export async function settle(sent: Sent, answer: Answer<unknown>): Promise<Outcome> {
  const { wish, reason } = sent
  switch (answer.kind) {
    case 'ok': {
      if (wasDoneBefore(wish, reason, answer.value)) return conflict(wish, null)
      const entry = await ownEntry(wish, { ...sent, by: null })
      return { kind: 'done', begun: goesOn(wish, answer.value), inWords: resultInWords(wish, answer.value), entry }
    }
    case 'refused':
      return refused(wish, answer.refusal)
    case 'problem':
      return afterProblem(sent, answer.problem)
    case 'signed-out':
      return { kind: 'failed', inWords: 'Your session is over, and nothing was done. Sign in again.', signedOut: true }
    case 'unreachable':
    case 'unknown':
      return lookForIt(sent, LOST[answer.because])
  }
}

/** Looks in the audit trail whether an act was done whose answer was lost. */
export async function lookForIt(sent: Sent, because: string): Promise<Outcome> {
  const session = await call<{ name: string }>({ method: 'GET', path: '/api/session' })
  const by = session.kind === 'ok' ? session.value.name : null
  const entry = by === null ? null : await ownEntry(sent.wish, { ...sent, by })
  if (entry !== null) {
    const inWords = `${because} The audit trail has it, so it was done.`
    return { kind: 'done', begun: goesOn(sent.wish, null), inWords, entry }
  }
  return {
    kind: 'unknown',
    inWords: `${because} It is not known whether this was done: the audit trail ${by === null ? 'could not be read' : 'does not have it by now'}.`,
  }
}

const LOST: { readonly [because in Lost]: string } = {
  'no-connection': 'The connection broke before the answer came.',
  'no-answer-in-time': 'No answer came in time.',
  'not-our-server': 'Something between this page and the server answered in its place.',
}

function refused(wish: Wish, { reason, inWords, details }: Refusal): Promise<Outcome> | Outcome {
  if (reason === 'epoch-moved' || reason === 'not-stopped') return conflict(wish, numberOf(details, 'epoch'))
  return { kind: 'refused', inWords: inWords ?? `It was refused: ${reason}.` }
}

async function afterProblem(sent: Sent, { status, code, message, details }: Problem): Promise<Outcome> {
  const byOther =
    details.reason === 'epoch-moved' ||
    details.reason === 'changed-meanwhile' ||
    'status' in details ||
    'runId' in details
  if (code === 'conflict' && byOther) {
    const about = typeof details.runId === 'string' ? details.runId : null
    return conflict(sent.wish, numberOf(details, 'epoch'), { about, message })
  }
  if (code === 'forbidden') return { kind: 'failed', inWords: `You may not do this. ${message}`, signedOut: false }
  if (status < 500 || code === 'contended') return { kind: 'failed', inWords: message, signedOut: false }
  // A part of it may have been done before a store stopped answering.
  const found = await lookForIt(sent, message)
  if (found.kind === 'unknown' && code === 'unavailable')
    return { kind: 'unknown', inWords: `${message} The audit trail does not have it by now.` }
  return found
}

async function conflict(
  wish: Wish,
  epoch: number | null,
  { about = null, message = '' }: { about?: string | null; message?: string } = {},
): Promise<Outcome> {
  const entry = await otherEntry(wish, epoch, about)
  const rest = message === '' ? 'Nothing of what you asked was done.' : message
  return { kind: 'conflict', inWords: rest, entry }
}

/** Whose act stands in the way. */
function otherEntry(wish: Wish, epoch: number | null, about: string | null): Promise<AuditEntry | null> {
  switch (wish.kind) {
    case 'set-share':
      return lastOf(['set-flag', 'put-flag', 'kill-flag', 'revive-flag'], wish.flag)
    case 'advance':
    case 'roll-back':
    case 'roll-back-component':
      return lastMoveOf(wish.collection, epoch)
    case 'pause-run':
    case 'resume-run':
    case 'cancel-run':
      return lastOf(['pause-run', 'resume-run', 'cancel-run'], wish.runId)
    case 'acknowledge-alert':
    case 'resolve-alert':
      return lastOf(['acknowledge-alert', 'resolve-alert'], wish.alertId)
    case 'pause-plan':
    case 'resume-plan':
    case 'pause-program':
    case 'resume-program':
      return lastOf(traceOf(wish).actions, wish.name)
    default:
      return lastOf(traceOf(wish).actions, about)
  }
}
