import type { PlanStep } from '../plan/plan.js'
import type { CollectionSizes } from './sizes.js'
import type { Traffic } from './traffic.js'

/** What an estimate is made from. */
export interface PlanSetting {
  steps: readonly PlanStep[]
  timeScale: number
  /** Who acts: the autopilot at every tick of the cron, or an operator whose days nobody knows. */
  driver: 'autopilot' | 'operator'
  tickSeconds: number
  quietMs: number
  collections: readonly PlannedCollection[]
  /** Runs slow down while clients use the application. */
  throttle: boolean
  /** Partitions of each collection of the deployment that stays where it is, in off: the watch looks after them too. */
  bystanders: readonly number[]
}

export interface PlannedCollection {
  sizes: CollectionSizes
  recordsPerSecond: number
  traffic: Traffic
}
