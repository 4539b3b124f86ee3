import { callsInFlight, currentPeriod } from '../gate.js'
import type { FlowControl } from '../model.js'
import type { Office } from '../office.js'
import { periodSeconds, positiveWhole } from '../publication.js'
import { Refusal } from '../refusal.js'
import { type Call, json, param, type Reply, type Route, saved } from '../route.js'

export const flowControlRoutes: readonly Route[] = [
  { method: 'GET', pattern: /^\/v2\/flowControl$/, handle: list },
  { method: 'GET', pattern: /^\/v2\/flowControl\/([^/]+)$/, handle: get },
  { method: 'POST', pattern: /^\/v2\/flowControl\/([^/]+)\/(pause|resume)$/, handle: pauseOrResume },
  { method: 'POST', pattern: /^\/v2\/flowControl\/([^/]+)\/pin$/, handle: pin },
  { method: 'POST', pattern: /^\/v2\/flowControl\/([^/]+)\/unpin$/, handle: unpin },
  { method: 'POST', pattern: /^\/v2\/flowControl\/([^/]+)\/resetRate$/, handle: resetRate },
  { method: 'GET', pattern: /^\/v2\/globalParallelism$/, handle: globalParallelism },
]

function list({ office }: Call): Reply {
  return json([...office.state.flowControls.values()].map((control) => toWire(office, control)))
}

function get(call: Call): Reply {
  const control = call.office.state.flowControls.get(param(call))
  if (control === undefined) throw new Refusal(404, 'flow control key not found')
  return json(toWire(call.office, control))
}

function pauseOrResume(call: Call): Promise<Reply> {
  findOrMake(call).paused = param(call, 1) === 'pause'
  return saved(call.office)
}

function pin(call: Call): Promise<Reply> {
  const { query } = call
  const parallelism = positiveWhole(query.get('parallelism') ?? undefined)
  const rate = positiveWhole(query.get('rate') ?? undefined)
  const period = periodSeconds(query.get('period') ?? undefined)
  if (parallelism === null && rate === null) throw new Refusal(400, 'parallelism or rate is expected')
  const control = findOrMake(call)
  if (parallelism !== null) Object.assign(control, { parallelism, pinnedParallelism: true })
  if (rate !== null) Object.assign(control, { rate, periodSeconds: period, pinnedRate: true })
  return saved(call.office)
}

function unpin(call: Call): Promise<Reply> {
  const control = findOrMake(call)
  if (call.query.get('parallelism') === 'true') control.pinnedParallelism = false
  if (call.query.get('rate') === 'true') control.pinnedRate = false
  return saved(call.office)
}

function resetRate(call: Call): Promise<Reply> {
  call.office.rates.set(param(call), { startedAt: Date.now(), count: 0 })
  return saved(call.office)
}

function globalParallelism({ office }: Call): Reply {
  return json({ parallelismMax: office.settings.parallelismMax, parallelismCount: office.inFlight.size })
}

/** A key may be paused or pinned before its first message. */
function findOrMake(call: Call): FlowControl {
  const { flowControls } = call.office.state
  const key = param(call)
  const control = flowControls.get(key) ?? {
    key,
    parallelism: null,
    rate: null,
    periodSeconds: 1,
    paused: false,
    pinnedParallelism: false,
    pinnedRate: false,
  }
  flowControls.set(key, control)
  return control
}

/** Times in seconds here, unlike elsewhere. Zero is "no limit". */
function toWire(office: Office, control: FlowControl): object {
  const now = Date.now()
  const period = currentPeriod(office, control, now)
  const waiting = [...office.state.messages.values()].filter(
    (message) =>
      message.flowControl?.key === control.key && message.notBefore <= now && !office.inFlight.has(message.messageId),
  )
  return {
    flowControlKey: control.key,
    waitListSize: waiting.length,
    parallelismMax: control.parallelism ?? 0,
    parallelismCount: callsInFlight(office, control.key),
    rateMax: control.rate ?? 0,
    rateCount: period.count,
    ratePeriod: control.periodSeconds,
    ratePeriodStart: Math.floor(period.startedAt / 1000),
    isPaused: control.paused,
    isPinnedParallelism: control.pinnedParallelism,
    isPinnedRate: control.pinnedRate,
  }
}
