import type { Behaviour } from './behaviour.js'
import type { Monitor } from './monitor.js'
import type { Request } from './requests.js'
import type { SourceStates, StoreStates } from './stores.js'

/** Everything that one search is about. */
export interface Whole {
  processes: readonly Process[]
  source: SourceStates
  target: StoreStates
  /** The states of the stores when the processes begin. */
  initial: { source: number; target: number; epoch: number }
  monitor: Monitor
  requestOf: (number: number) => Request
  /** What is wrong with a pair of store states, or `null`; asked once for each pair. */
  invariant: (source: number, target: number) => Promise<string | null>
  bounds: Bounds
}

export interface Process {
  name: string
  behaviour: Behaviour
  /** Number of the event "this operation has begun"; `null` for operators. */
  invoked: number | null
  /** Processes that must have been answered, or have ended, before this one begins. */
  after: readonly number[]
  /** Its requests may go astray. */
  mishaps: boolean
}

export interface Bounds {
  /** Requests that are not answered, are lost, late or doubled: so many altogether. */
  mishaps: number
  /** Strays under way at one time. */
  strays: number
  /** Jumps of the stores' clocks past the lateness limit. */
  jumps: number
  /** Times that the target is set back to an earlier state: 0 or 1. */
  losses: number
  leases: boolean
}

/**
 * Where things stand in the row of numbers that is a state of the whole. A process takes one number, twice that of its
 * local state, and one more while a sending of its request is unanswered; two more, where there are leases, tell when
 * it last saw each store.
 */
export interface Layout {
  process: number
  sights: number
  strays: number
  width: number
}

export const AT = { source: 0, target: 1, monitor: 2, time: 3, mishaps: 4, jumps: 5, backup: 6 } as const

export function layoutOf({ processes, bounds }: Whole): Layout {
  const process = 7
  const sights = process + processes.length
  const strays = sights + (bounds.leases ? 2 * processes.length : 0)
  return { process, sights, strays, width: strays + bounds.strays }
}

export function firstRow({ processes, initial, monitor, bounds }: Whole, layout: Layout): Int32Array {
  const row = new Int32Array(layout.width)
  row[AT.source] = initial.source
  row[AT.target] = initial.target
  row[AT.monitor] = monitor.initial
  row[AT.mishaps] = bounds.mishaps
  row[AT.jumps] = bounds.jumps
  row[AT.backup] = bounds.losses === 0 ? LOST : 0
  processes.forEach(({ behaviour }, at) => {
    row[layout.process + at] = behaviour.root.number * 2
  })
  // A process may have seen both stores just before anything else happens.
  if (bounds.leases) row.fill(freshSight(initial.epoch), layout.sights, layout.strays)
  return row
}

/** `AT.backup`: 0 none taken yet, n + 1 state n was, -1 it is over. */
export const LOST = -1

/** A sight of a store at an epoch; `waned`: from before the wait of a degrade that is under way. */
export function freshSight(epoch: number): number {
  return epoch * 2 + 2
}

export function isSightAt(sight: number, epoch: number): boolean {
  return sight >> 1 === epoch + 1
}
