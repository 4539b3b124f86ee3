import type { Flag, FlagDefinition } from '../flags/definition.js'
import { BUCKETS } from '../flags/evaluate.js'
import { effectivePercent } from '../flags/schedule.js'
import { CELLS } from './counts.js'

/** What shares of its subjects an experiment should find, in its cohorts and in the cells of the key space. */
export interface Allocation {
  cohorts: number[]
  cells: number[]
}

/**
 * As the flag deals now, among those who are dealt one of the cohorts by its rollout (not by a rule). `null`: nobody
 * would come into some cohort.
 */
export function allocationOfFlag(flag: Flag, cohorts: string[], now: number): Allocation | null {
  const share = Math.round(effectivePercent(flag, now) * (BUCKETS / 100)) / BUCKETS
  const listed = new Set(cohorts)
  const weights = cohorts.map((name) => splitShare(flag, name) * share + (name === flag.fallback ? 1 - share : 0))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (weights.some((weight) => !(weight > 0))) return null
  const inside = [...listed].reduce((total, name) => total + splitShare(flag, name), 0)
  const outside = listed.has(flag.fallback) ? 1 : 0
  const cells = Array.from({ length: CELLS }, (_, at) => {
    const below = Math.min(1, Math.max(0, share * CELLS - at))
    return (below * inside + (1 - below) * outside) / CELLS
  })
  return { cohorts: weights.map((weight) => weight / sum), cells: cells.map((cell) => cell / sum) }
}

/** Of a collection's slots, those whose reads the target serves: the cohorts are source and target. */
export function allocationOfRollout(targetPercent: number): Allocation | null {
  const target = targetPercent / 100
  return target > 0 && target < 1 ? statedAllocation([1 - target, target]) : null
}

export function statedAllocation(shares: readonly number[]): Allocation {
  return { cohorts: [...shares], cells: new Array<number>(CELLS).fill(1 / CELLS) }
}

/** The cell of a bucket among `buckets`. */
export function cellOf(bucket: number, buckets: number): number {
  return Math.min(CELLS - 1, Math.floor((bucket / buckets) * CELLS))
}

export function sameAllocation(a: Allocation, b: Allocation): boolean {
  return a.cohorts.every((share, at) => Math.abs(share - (b.cohorts[at] ?? 0)) < SAME)
}

const SAME = 1e-6

function splitShare({ rollout }: FlagDefinition, variant: string): number {
  const sum = rollout.split.reduce((total, { weight }) => total + weight, 0)
  const own = rollout.split.reduce((total, one) => total + (one.variant === variant ? one.weight : 0), 0)
  return sum > 0 ? own / sum : 0
}
