import type { Stage } from '../stage.js'
import type { RollbackStatus } from './rollback.js'

/** An emergency stop that stands: until an operator lifts it, nothing advances. One document. */
export interface Stopped {
  id: string
  /** The state of the whole migration, as E7 names it. */
  state: 'failed'
  /** Wall-clock milliseconds. */
  at: number
  by: string
  reason: string
  /** Who has called for it again since. */
  again: readonly { at: number; by: string; reason: string }[]
  /** What is not done yet; the tick does it. */
  open: readonly StopPart[]
}

/** What a stop does, each on its own: one that fails holds up no other, and is done again. */
export const STOP_PARTS = ['collections', 'flags', 'plans', 'programs', 'runs', 'alert'] as const
export type StopPart = (typeof STOP_PARTS)[number]

/** How many further calls are kept. */
export const AGAIN_MAX = 20

export interface StoppedRollback {
  component: string
  rollbackId: string
  status: RollbackStatus
  inWords: string
  /** Where it stood, if that could be told. */
  from: Stage | null
  /** Until it is back; an estimate. `null`: nobody knows, or it is. */
  secondsLeft: number | null
  /** What came of each step, or would. */
  steps: string[]
}

/** What a stop has come to, for whoever called. */
export interface StopReport {
  stopped: Stopped
  /** It is in the ledger. `false`: the ledger did not answer; the tick goes on when it does. */
  recorded: boolean
  /** Nothing was done: this is what would be. */
  rehearsal: boolean
  /** Named flags that were switched off by this call. */
  flagsOff: string[]
  rollbacks: StoppedRollback[]
  runsCancelled: string[]
  /** Passes that the way back needs. */
  runsKept: string[]
  plansFailed: string[]
  programsFailed: string[]
  /** Timers that were pending and will not fire: messages of runs, soaks of plans. */
  timersCleared: number
  /** What could not be done yet, and why; it is done by the tick. */
  underWay: { part: string; because: string }[]
}
