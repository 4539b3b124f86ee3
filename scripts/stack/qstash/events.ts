import type { Message } from './model.js'

/** The log that `client.logs()` reads: newest first, the last `eventsMax` only, gone with the process. */
export class EventLog {
  #events: LoggedEvent[] = []
  #sequence = 0

  add(message: Message, state: EventState, particulars: { error?: string; nextDeliveryTime?: number } = {}): void {
    this.#sequence += 1
    this.#events.push({ sequence: this.#sequence, time: Date.now(), state, message, ...particulars })
    if (this.#events.length > eventsMax) this.#events = this.#events.slice(-eventsMax / 2)
  }

  newestFirst(): LoggedEvent[] {
    return this.#events.toReversed()
  }
}

export type EventState = 'CREATED' | 'ACTIVE' | 'DELIVERED' | 'ERROR' | 'RETRY' | 'FAILED' | 'CANCELED'

export interface LoggedEvent {
  sequence: number
  time: number
  state: EventState
  message: Message
  error?: string
  nextDeliveryTime?: number
}

const eventsMax = 2000
