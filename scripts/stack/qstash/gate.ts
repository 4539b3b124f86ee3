import type { FlowControl, Message } from './model.js'
import type { Office } from './office.js'

export type Admission =
  | { kind: 'admitted' }
  | { kind: 'held'; reason: 'queue-order' | 'queue-paused' | 'flow-paused' | 'flow-parallelism' }
  | { kind: 'held'; reason: 'flow-rate'; until: number }

/**
 * Decides which due messages may start now. FIFO: of each queue only the first `parallelism` places may be under
 * way, and a message keeps its place while it waits for a retry and while its callbacks are delivered.
 */
export function openGate(office: Office, now: number): (message: Message) => Admission {
  const places = queuePlaces(office, now)
  return (message) => {
    if (message.queueName !== null) {
      if (office.state.queues.get(message.queueName)?.paused) return { kind: 'held', reason: 'queue-paused' }
      if (!places.get(message.queueName)?.has(message.order)) return { kind: 'held', reason: 'queue-order' }
    }
    const control = message.flowControl && office.state.flowControls.get(message.flowControl.key)
    return control ? admitUnderFlowControl(office, control, now) : { kind: 'admitted' }
  }
}

/** Counts a call against the rate of its key. */
export function countCall(office: Office, key: string, now: number): void {
  const period = currentPeriod(office, office.state.flowControls.get(key), now)
  office.rates.set(key, { startedAt: period.startedAt, count: period.count + 1 })
}

/** The present period of a key: one that is over counts as a fresh one. */
export function currentPeriod(
  office: Office,
  control: FlowControl | undefined,
  now: number,
): { startedAt: number; count: number } {
  const fresh = { startedAt: now, count: 0 }
  if (control === undefined) return fresh
  const period = office.rates.get(control.key)
  return period !== undefined && now < period.startedAt + control.periodSeconds * 1000 ? period : fresh
}

export function callsInFlight(office: Office, key: string): number {
  return [...office.inFlight.values()].filter((message) => message.flowControl?.key === key).length
}

function admitUnderFlowControl(office: Office, control: FlowControl, now: number): Admission {
  if (control.paused) return { kind: 'held', reason: 'flow-paused' }
  if (control.parallelism !== null && callsInFlight(office, control.key) >= control.parallelism) {
    return { kind: 'held', reason: 'flow-parallelism' }
  }
  const period = currentPeriod(office, control, now)
  if (control.rate !== null && period.count >= control.rate) {
    return { kind: 'held', reason: 'flow-rate', until: period.startedAt + control.periodSeconds * 1000 }
  }
  return { kind: 'admitted' }
}

function queuePlaces(office: Office, now: number): Map<string, Set<number>> {
  const orders = new Map<string, Set<number>>()
  for (const message of office.state.messages.values()) {
    const waitsForItsDelay = message.retried === 0 && message.notBefore > now
    if (message.queueName === null || waitsForItsDelay) continue
    const known = orders.get(message.queueName) ?? new Set()
    orders.set(message.queueName, known.add(message.order))
  }
  const places = [...orders].map(([name, known]): [string, Set<number>] => {
    const parallelism = office.state.queues.get(name)?.parallelism ?? 1
    return [name, new Set([...known].sort((a, b) => a - b).slice(0, parallelism))]
  })
  return new Map(places)
}
