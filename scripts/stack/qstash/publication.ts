import { parseDurationMs } from './duration.js'
import type { DeliveryPlan, FlowControlSpec, MessageSpec } from './model.js'
import { type HeaderBag, parsePlan } from './plan.js'
import { Refusal } from './refusal.js'

/** What a publish asks for: the message, and what decides whether and when it becomes one. */
export interface Publication {
  spec: MessageSpec
  deduplication: { kind: 'none' } | { kind: 'id'; id: string } | { kind: 'content' }
  /** Milliseconds since the epoch; overrides the delay. */
  notBefore: number | null
}

export interface PublicationInput {
  destination: string
  headers: HeaderBag
  body: Buffer
  callerIp: string
  queueName: string | null
}

export function parsePublication({ destination, headers, body, callerIp, queueName }: PublicationInput): Publication {
  const plan = parsePlan(headers, 'upstash-', destination)
  const contentType = headers['content-type']
  if (contentType !== undefined) plan.header['content-type'] ??= [contentType]
  const spec: MessageSpec = {
    ...plan,
    bodyBase64: body.toString('base64'),
    callback: parseCallback(headers, 'upstash-callback'),
    failureCallback: parseCallback(headers, 'upstash-failure-callback'),
    queueName: queueName ?? headers['upstash-queue-name'] ?? null,
    flowControl: parseFlowControl(headers),
    labels: splitList(headers['upstash-label']),
    callerIp,
    scheduleId: null,
  }
  return { spec, deduplication: parseDeduplication(headers), notBefore: parseNotBefore(headers) }
}

/** `parallelism=1, rate=5, period=1m` under a key. */
function parseFlowControl(headers: HeaderBag): FlowControlSpec | null {
  const key = headers['upstash-flow-control-key']
  const value = headers['upstash-flow-control-value']
  if (key === undefined && value === undefined) return null
  if (!key || !value) throw new Refusal(400, 'flow control needs both a key and a value')
  const pairs = new Map(
    splitList(value).map((pair) => pair.split('=', 2).map((part) => part.trim()) as [string, string]),
  )
  const control: FlowControlSpec = {
    key,
    parallelism: positiveWhole(pairs.get('parallelism')),
    rate: positiveWhole(pairs.get('rate')),
    periodSeconds: periodSeconds(pairs.get('period')),
  }
  if (control.parallelism === null && control.rate === null) {
    throw new Refusal(400, 'invalid flow control value: parallelism or rate is expected')
  }
  return control
}

export function positiveWhole(text: string | undefined): number | null {
  if (text === undefined) return null
  if (!/^[1-9]\d*$/.test(text))
    throw new Refusal(400, 'invalid flow control value: a positive whole number is expected')
  return Number(text)
}

export function periodSeconds(text: string | undefined): number {
  if (text === undefined) return 1
  const duration = parseDurationMs(text)
  if (duration === null || duration <= 0) throw new Refusal(400, 'invalid flow control period')
  return duration / 1000
}

function parseCallback(headers: HeaderBag, name: string): DeliveryPlan | null {
  const url = headers[name]
  if (url === undefined) return null
  const plan = parsePlan(headers, `${name}-`, url)
  return { ...plan, header: { 'content-type': ['application/json'], ...plan.header } }
}

function parseDeduplication(headers: HeaderBag): Publication['deduplication'] {
  const id = headers['upstash-deduplication-id']
  if (id !== undefined && id !== '') return { kind: 'id', id }
  return headers['upstash-content-based-deduplication'] === 'true' ? { kind: 'content' } : { kind: 'none' }
}

function parseNotBefore(headers: HeaderBag): number | null {
  const text = headers['upstash-not-before']
  if (text === undefined) return null
  if (!/^\d+$/.test(text)) throw new Refusal(400, 'invalid upstash-not-before: unix seconds are expected')
  return Number(text) * 1000
}

function splitList(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
