import type { Schedule } from '../model.js'
import { parsePublication } from '../publication.js'
import { freshId } from '../random.js'
import { Refusal } from '../refusal.js'
import { type Call, json, param, type Reply, type Route, saved } from '../route.js'
import { fire, nextTime } from '../scheduling.js'
import { scheduleToWire } from '../wire.js'

export const scheduleRoutes: readonly Route[] = [
  { method: 'POST', pattern: /^\/v2\/schedules\/(https?:.+)$/, takesDestination: true, handle: create },
  { method: 'GET', pattern: /^\/v2\/schedules$/, handle: list },
  { method: 'GET', pattern: /^\/v2\/schedules\/([^/]+)$/, handle: (call) => json(scheduleToWire(find(call))) },
  { method: 'DELETE', pattern: /^\/v2\/schedules\/([^/]+)$/, handle: remove },
  { method: 'PATCH', pattern: /^\/v2\/schedules\/([^/]+)\/(pause|resume)$/, handle: pauseOrResume },
  { method: 'POST', pattern: /^\/v2\/schedules\/([^/]+)\/(pause|resume)$/, handle: pauseOrResume },
  { method: 'POST', pattern: /^\/__admin\/schedules\/([^/]+)\/run$/, handle: run },
]

/** A known `Upstash-Schedule-Id` replaces that schedule and leaves it paused if it was. */
function create(call: Call): Promise<Reply> {
  const { office, headers, body, callerIp } = call
  const cron = headers['upstash-cron']
  if (!cron) throw new Refusal(400, 'invalid schedule: upstash-cron is expected')
  const scheduleId = headers['upstash-schedule-id'] || freshId('scd')
  const { spec } = parsePublication({ destination: param(call), headers, body, callerIp, queueName: null })
  const now = Date.now()
  const known = office.state.schedules.get(scheduleId)
  const schedule: Schedule = {
    scheduleId,
    cron,
    createdAt: known?.createdAt ?? now,
    paused: known?.paused ?? false,
    spec: { ...spec, scheduleId },
    lastScheduleTime: known?.lastScheduleTime ?? null,
    nextScheduleTime: checkedNextTime(call, cron, now),
    lastScheduleStates: known?.lastScheduleStates ?? {},
  }
  office.state.schedules.set(scheduleId, schedule)
  return saved(office, json({ scheduleId }, known === undefined ? 201 : 200))
}

function list({ office }: Call): Reply {
  return json([...office.state.schedules.values()].map(scheduleToWire))
}

function remove(call: Call): Promise<Reply> {
  call.office.state.schedules.delete(find(call).scheduleId)
  return saved(call.office)
}

function pauseOrResume(call: Call): Promise<Reply> {
  const schedule = find(call)
  schedule.paused = param(call, 1) === 'pause'
  // Without this a schedule that was due while it was paused would fire at once.
  schedule.nextScheduleTime = nextTime(call.office, schedule.cron, Date.now())
  return saved(call.office)
}

async function run(call: Call): Promise<Reply> {
  const message = fire(call.office, find(call))
  return await saved(call.office, json({ messageId: message.messageId }, 201))
}

function find(call: Call): Schedule {
  const schedule = call.office.state.schedules.get(param(call))
  if (schedule === undefined) throw new Refusal(404, 'schedule not found')
  return schedule
}

function checkedNextTime(call: Call, cron: string, now: number): number {
  try {
    return nextTime(call.office, cron, now)
  } catch (error) {
    throw new Refusal(400, `invalid cron: ${error instanceof Error ? error.message : 'not an expression'}`)
  }
}
