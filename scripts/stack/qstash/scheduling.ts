import { nextScaledCronTime } from './cron.js'
import { createMessage, place } from './intake.js'
import type { Message, Schedule } from './model.js'
import type { Office } from './office.js'

/** Fires every schedule that is due; one that missed several times (the process was stopped) fires once. */
export function fireDueSchedules(office: Office, now: number): void {
  for (const schedule of office.state.schedules.values()) {
    if (schedule.nextScheduleTime > now) continue
    schedule.nextScheduleTime = nextTime(office, schedule.cron, now)
    if (!schedule.paused) fire(office, schedule)
    office.file.changed()
  }
}

/** Makes one message from a schedule, at once. */
export function fire(office: Office, schedule: Schedule): Message {
  const message = createMessage(office, schedule.spec, Date.now() + schedule.spec.delayMs)
  schedule.lastScheduleTime = message.createdAt
  schedule.lastScheduleStates = { [message.messageId]: 'IN_PROGRESS' }
  office.stats.published += 1
  place(office, message)
  return message
}

/** When a schedule is due next. Throws on an expression that is not valid. */
export function nextTime(office: Office, cron: string, now: number): number {
  return nextScaledCronTime(cron, now, office.settings.cronScale, office.settings.startedAt)
}

export function earliestSchedule(office: Office): number {
  const times = [...office.state.schedules.values()].filter(({ paused }) => !paused).map((s) => s.nextScheduleTime)
  return Math.min(Number.POSITIVE_INFINITY, ...times)
}
