import type { LoggedEvent } from './events.js'
import type { DeadLetter, Message, MessageSpec, Schedule } from './model.js'

/** How messages, dead letters, schedules and events look in answers. Members that are not known are left out. */
export type Wire = { [name: string]: unknown }

export function messageToWire(message: Message): Wire {
  return {
    messageId: message.messageId,
    url: message.url,
    method: message.method,
    ...specToWire(message),
    maxRetries: message.maxRetries,
    notBefore: Math.round(message.notBefore),
    createdAt: message.createdAt,
    ...(message.scheduleId === null ? {} : { scheduleId: message.scheduleId }),
  }
}

export function deadLetterToWire(letter: DeadLetter): Wire {
  const text = bodyToWire(letter.responseBodyBase64)
  return {
    ...messageToWire(letter.message),
    dlqId: letter.dlqId,
    ...(letter.responseStatus === null ? {} : { responseStatus: letter.responseStatus }),
    responseHeader: letter.responseHeader,
    ...('body' in text ? { responseBody: text.body } : { responseBodyBase64: text.bodyBase64 }),
  }
}

export function scheduleToWire(schedule: Schedule): Wire {
  return {
    scheduleId: schedule.scheduleId,
    cron: schedule.cron,
    createdAt: schedule.createdAt,
    destination: schedule.spec.url,
    method: schedule.spec.method,
    ...specToWire(schedule.spec),
    retries: schedule.spec.maxRetries,
    isPaused: schedule.paused,
    nextScheduleTime: Math.round(schedule.nextScheduleTime),
    ...(schedule.spec.delayMs === 0 ? {} : { delay: schedule.spec.delayMs / 1000 }),
    ...(schedule.lastScheduleTime === null
      ? {}
      : { lastScheduleTime: schedule.lastScheduleTime, lastScheduleStates: schedule.lastScheduleStates }),
  }
}

export function eventToWire({ message, ...event }: LoggedEvent): Wire {
  const header = Object.entries(message.header).map(([name, values]): [string, string] => [name, values.join(', ')])
  return {
    time: event.time,
    state: event.state,
    messageId: message.messageId,
    url: message.url,
    header: Object.fromEntries(header),
    body: message.bodyBase64,
    ...specNames(message),
    ...(message.scheduleId === null ? {} : { scheduleId: message.scheduleId }),
    ...(event.error === undefined ? {} : { error: event.error }),
    ...(event.nextDeliveryTime === undefined ? {} : { nextDeliveryTime: event.nextDeliveryTime }),
  }
}

function specToWire(spec: MessageSpec): Wire {
  return {
    header: spec.header,
    ...bodyToWire(spec.bodyBase64),
    ...specNames(spec),
    ...(spec.retryDelay === null ? {} : { retryDelayExpression: spec.retryDelay }),
    ...(spec.callback === null ? {} : { callback: spec.callback.url }),
    ...(spec.failureCallback === null ? {} : { failureCallback: spec.failureCallback.url }),
    callerIP: spec.callerIp,
  }
}

function specNames({ queueName, flowControl, labels }: MessageSpec): Wire {
  return {
    ...(queueName === null ? {} : { queueName }),
    ...(labels.length === 0 ? {} : { label: labels[0], labels }),
    ...(flowControl === null ? {} : { flowControlKey: flowControl.key, period: flowControl.periodSeconds }),
    ...(flowControl?.parallelism ? { parallelism: flowControl.parallelism } : {}),
    ...(flowControl?.rate ? { rate: flowControl.rate } : {}),
  }
}

/** Text as it is, anything else in base64. */
function bodyToWire(bodyBase64: string): { body: string } | { bodyBase64: string } {
  const bytes = Buffer.from(bodyBase64, 'base64')
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? { body: text } : { bodyBase64 }
}
