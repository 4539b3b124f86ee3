import type { Condition, PlanStep } from '../plan/plan.js'

/**
 * A migration of many parts as data: phases that depend on one another, and in each the components that a plan of its
 * own takes along. Phases that do not depend on each other go side by side; none begins before all that it depends on
 * are finished.
 */
export interface Program {
  /** `[a-z0-9-]`, at most 28 characters; its key in the ledger. */
  name: string
  phases: readonly Phase[]
  /** Phases that go side by side at most. */
  parallel: number
  /** How much faster than planned soak times elapse: 1 in production. */
  timeScale: number
}

export interface Phase {
  name: string
  /** For people. */
  description?: string
  dependsOn: readonly string[]
  /** Collections, or components that a flag switches. */
  components: readonly string[]
  course: Course
  /**
   * Names of checkpoints. Each is asked for of every component once the plan is through, and the phase is finished when
   * all have passed; one that fails turns the phase back.
   */
  checks: readonly string[]
  onFail: OnFail
}

export type OnFail =
  | 'turn-back' // this phase alone
  | 'turn-back-dependents' // and every phase that depends on it, those first that nothing depends on

export type Course =
  /** The week, for collections. Members as `WeekOptions`. */
  | { kind: 'week'; minCompared?: number; minSamples?: number; minOperations?: number; maxErrorShare?: number }
  | GradualCourse
  | { kind: 'steps'; steps: readonly PlanStep[] }

/** For components that a flag switches: larger and larger shares of the traffic, each with a gate and a soak time. */
export interface GradualCourse {
  kind: 'gradual'
  /** Growing, up to 100. Default 1, 5, 10, 25, 50, 100. */
  percentages?: readonly number[]
  /** Planned milliseconds at each share. Default an hour. */
  soakMs?: number
  /** Instead of the default: error rate, and rules of the monitor if `minWeighed` is given. */
  gate?: readonly Condition[]
  /** Of the default gate. Default 100. */
  minOperations?: number
  /** Of the default gate. Default 0.01. */
  maxErrorShare?: number
  /** Decisions of the component's rules that each share needs. Default: rules are not asked. */
  minWeighed?: number
}

export const PROGRAM_PHASES_MAX = 30
export const PROGRAM_PARALLEL_DEFAULT = 4
/** So that a plan's name can hold those of its program and phase, and a number. */
export const PROGRAM_NAME = /^(?=.{1,28}$)[a-z0-9]+(-[a-z0-9]+)*$/
export const PHASE_CHECKS_MAX = 10

/** Names of the phases that cannot begin before this one, near and far. */
export function dependentsOf({ phases }: Pick<Program, 'phases'>, name: string): Set<string> {
  const found = new Set<string>()
  let grew = true
  // Each round finds at least one more phase, or is the last.
  for (let round = 0; grew && round <= PROGRAM_PHASES_MAX; round++) {
    grew = false
    for (const { name: other, dependsOn } of phases) {
      if (found.has(other) || !dependsOn.some((before) => before === name || found.has(before))) continue
      found.add(other)
      grew = true
    }
  }
  return found
}
