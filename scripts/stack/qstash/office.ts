import type { EventLog } from './events.js'
import type { Faults } from './faults.js'
import type { Message } from './model.js'
import type { QstashState } from './state.js'
import type { StateFile } from './state-file.js'

/** What every part of the server works on: what is kept, what is under way, and how it was set up. */
export interface Office {
  state: QstashState
  file: StateFile
  events: EventLog
  faults: Faults
  stats: QstashStats
  settings: Settings
  /** Messages that are being delivered at this moment, by id. */
  inFlight: Map<string, Message>
  /** Calls made in the present period of each flow-control key. */
  rates: Map<string, { startedAt: number; count: number }>
  /** Asks the dispatcher to look for work. */
  wake(): void
}

interface Settings {
  token: string
  /** Every wait before a retry is multiplied by this. */
  backoffScale: number
  cronScale: number
  startedAt: number
  deduplicationWindowMs: number
  messageBytesMax: number
  parallelismMax: number
  timeoutMs: number
}

/** Counts since the start of this process. */
export interface QstashStats {
  published: number
  deduplicated: number
  attempts: number
  delivered: number
  retried: number
  deadLettered: number
  duplicated: number
  lost: number
  refused: number
  pending: number
  inFlight: number
}

export function emptyStats(): QstashStats {
  return {
    published: 0,
    deduplicated: 0,
    attempts: 0,
    delivered: 0,
    retried: 0,
    deadLettered: 0,
    duplicated: 0,
    lost: 0,
    refused: 0,
    pending: 0,
    inFlight: 0,
  }
}
