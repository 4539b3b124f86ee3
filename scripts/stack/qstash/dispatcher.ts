import { attemptDelivery } from './attempt.js'
import { countCall, openGate } from './gate.js'
import type { Message } from './model.js'
import type { Office } from './office.js'
import { shuffle } from './random.js'
import { earliestSchedule, fireDueSchedules } from './scheduling.js'
import { settle } from './settle.js'

/**
 * Starts what is due and may start, and settles what comes back. One per server.
 *
 * A message leaves the state only after its attempt is settled, so what was in flight when the process ended is
 * delivered again by the next one.
 */
export class Dispatcher {
  readonly #office: Office
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #idleWaiters = new Set<() => void>()
  #pumpAsked = false
  #timer: NodeJS.Timeout | null = null

  constructor(office: Office) {
    this.#office = office
  }

  /** Looks for work in the next turn of the event loop; calls in between are one. */
  wake(): void {
    if (this.#pumpAsked || this.#closing.signal.aborted) return
    this.#pumpAsked = true
    setImmediate(() => {
      this.#pumpAsked = false
      if (!this.#closing.signal.aborted) this.#pump()
    })
  }

  /** Resolves when nothing is pending or in flight; rejects after `timeoutMs`. */
  async idle(timeoutMs: number): Promise<void> {
    if (this.#isIdle()) return
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#idleWaiters.delete(done)
        const { messages } = this.#office.state
        reject(new Error(`The queue is not idle after ${timeoutMs} ms: ${messages.size} messages are pending.`))
      }, timeoutMs)
      const done = () => {
        clearTimeout(timer)
        this.#idleWaiters.delete(done)
        resolve()
      }
      this.#idleWaiters.add(done)
    })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    if (this.#timer !== null) clearTimeout(this.#timer)
    await Promise.all(this.#running)
  }

  #pump(): void {
    const office = this.#office
    const now = Date.now()
    fireDueSchedules(office, now)
    const pending = [...office.state.messages.values()]
    const candidates = office.faults.current.reorder ? shuffle(pending, office.faults.random) : pending
    const admit = openGate(office, now)
    let wakeAt = earliestSchedule(office)
    for (const message of candidates) {
      if (office.inFlight.has(message.messageId)) continue
      if (message.notBefore > now) wakeAt = Math.min(wakeAt, message.notBefore)
      else if (office.inFlight.size < office.settings.parallelismMax) {
        const admission = admit(message)
        if (admission.kind === 'admitted') this.#begin(message, now)
        else if (admission.reason === 'flow-rate') wakeAt = Math.min(wakeAt, admission.until)
      }
    }
    this.#wakeAt(wakeAt, now)
    if (this.#isIdle()) for (const done of [...this.#idleWaiters]) done()
  }

  #begin(message: Message, now: number): void {
    const office = this.#office
    office.inFlight.set(message.messageId, message)
    if (message.flowControl !== null) countCall(office, message.flowControl.key, now)
    office.events.add(message, 'ACTIVE')
    const running = this.#deliver(message).finally(() => {
      office.inFlight.delete(message.messageId)
      this.#running.delete(running)
      this.wake()
    })
    this.#running.add(running)
  }

  async #deliver(message: Message): Promise<void> {
    const { faults, settings, state, stats } = this.#office
    const options = {
      signingKey: state.keys.current,
      timeoutMs: settings.timeoutMs,
      closing: this.#closing.signal,
    }
    const doubled = !message.duplicated && faults.strikes('duplicate')
    const atTheSameTime = doubled && faults.random() < 0.5
    const copies = Array.from({ length: atTheSameTime ? 2 : 1 }, () => attemptDelivery(message, options))
    stats.attempts += copies.length
    const [result = { kind: 'aborted' }] = await Promise.all(copies)
    if (result.kind === 'aborted' || !state.messages.has(message.messageId)) return
    const delivered = result.kind === 'answered' && result.status >= 200 && result.status < 300
    const acknowledgementLost = doubled && !atTheSameTime && delivered
    if (atTheSameTime || acknowledgementLost) {
      message.duplicated = true
      stats.duplicated += 1
    }
    if (!acknowledgementLost) settle(this.#office, message, result)
  }

  #wakeAt(time: number, now: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (time === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(() => this.wake(), Math.min(Math.max(time - now, 0) + 1, timerMsMax))
  }

  #isIdle(): boolean {
    return this.#office.state.messages.size === 0 && this.#office.inFlight.size === 0
  }
}

/** Longer waits are taken in steps: timers cannot count further than 24 days, and clocks jump. */
const timerMsMax = 60_000
