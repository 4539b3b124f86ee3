import type { AttemptResult } from './attempt.js'
import { callbackMessage } from './callback.js'
import { place } from './intake.js'
import type { DeadLetter, Message } from './model.js'
import type { Office } from './office.js'
import { judge } from './verdict.js'

/** Carries out what follows from an attempt: done, once more later, or a dead letter, with the callbacks of each. */
export function settle(office: Office, message: Message, result: Exclude<AttemptResult, { kind: 'aborted' }>): void {
  const now = Date.now()
  const verdict = judge(result, message, now)
  let letter: DeadLetter | null = null
  const reported = { ...message }
  if (verdict.kind === 'delivered') {
    office.stats.delivered += 1
    office.events.add(message, 'DELIVERED')
    remove(office, message, 'SUCCESS')
  } else {
    office.events.add(message, 'ERROR', { error: describe(result) })
    if (verdict.kind === 'retry') retryLater(office, message, now + verdict.waitMs * office.settings.backoffScale)
    else letter = bury(office, message, result)
  }
  if (reported.callback !== null) place(office, callbackMessage(office, reported, reported.callback, result, null))
  if (letter !== null && reported.failureCallback !== null) {
    place(office, callbackMessage(office, reported, reported.failureCallback, result, letter.dlqId))
  }
  office.file.changed()
}

function retryLater(office: Office, message: Message, at: number): void {
  message.retried += 1
  message.notBefore = at
  office.stats.retried += 1
  office.events.add(message, 'RETRY', { nextDeliveryTime: Math.round(at) })
}

function bury(office: Office, message: Message, result: Exclude<AttemptResult, { kind: 'aborted' }>): DeadLetter {
  office.state.sequence += 1
  const letter: DeadLetter = {
    dlqId: `${Date.now()}-${office.state.sequence}`,
    message: { ...message },
    responseStatus: result.kind === 'answered' ? result.status : null,
    responseHeader: result.kind === 'answered' ? result.header : {},
    responseBodyBase64: result.kind === 'answered' ? result.body.toString('base64') : '',
  }
  office.state.deadLetters.set(letter.dlqId, letter)
  office.stats.deadLettered += 1
  office.events.add(message, 'FAILED')
  remove(office, message, 'FAIL')
  return letter
}

function remove(office: Office, message: Message, outcome: 'SUCCESS' | 'FAIL'): void {
  office.state.messages.delete(message.messageId)
  const schedule = message.scheduleId === null ? undefined : office.state.schedules.get(message.scheduleId)
  if (schedule?.lastScheduleStates[message.messageId]) schedule.lastScheduleStates[message.messageId] = outcome
}

function describe(result: Exclude<AttemptResult, { kind: 'aborted' }>): string {
  return result.kind === 'answered' ? `The destination answered ${result.status}.` : result.error
}
