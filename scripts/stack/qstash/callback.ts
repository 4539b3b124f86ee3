import type { AttemptResult } from './attempt.js'
import { createMessage } from './intake.js'
import type { DeliveryPlan, Message } from './model.js'
import type { Office } from './office.js'

/**
 * The message that reports on an attempt. It takes the place of its subject in a FIFO queue, so that the next message
 * waits for it. `dlqId` is given to failure callbacks only.
 */
export function callbackMessage(
  office: Office,
  subject: Message,
  plan: DeliveryPlan,
  result: Exclude<AttemptResult, { kind: 'aborted' }>,
  dlqId: string | null,
): Message {
  const body = JSON.stringify(callbackBody(subject, result, dlqId))
  const spec = {
    ...plan,
    bodyBase64: Buffer.from(body).toString('base64'),
    callback: null,
    failureCallback: null,
    queueName: subject.queueName,
    flowControl: null,
    labels: subject.labels,
    callerIp: subject.callerIp,
    scheduleId: subject.scheduleId,
  }
  return { ...createMessage(office, spec, Date.now() + plan.delayMs), order: subject.order }
}

function callbackBody(
  subject: Message,
  result: Exclude<AttemptResult, { kind: 'aborted' }>,
  dlqId: string | null,
): { [name: string]: unknown } {
  const answered = result.kind === 'answered'
  return {
    status: answered ? result.status : 0,
    header: answered ? result.header : {},
    body: answered ? result.body.toString('base64') : Buffer.from(result.error).toString('base64'),
    retried: subject.retried,
    maxRetries: subject.maxRetries,
    sourceMessageId: subject.messageId,
    url: subject.url,
    method: subject.method,
    sourceHeader: subject.header,
    sourceBody: subject.bodyBase64,
    notBefore: Math.round(subject.notBefore),
    createdAt: subject.createdAt,
    callerIP: subject.callerIp,
    ...(subject.scheduleId === null ? {} : { scheduleId: subject.scheduleId }),
    ...(dlqId === null ? {} : { dlqId }),
  }
}
