import type { Component } from '../component.js'
import type { Condition, MigrationPlan, PlanStep } from '../plan/plan.js'
import { theWeek } from '../plan/the-week.js'
import type { GradualCourse, Phase, Program } from './program.js'
import { planOf } from './state.js'

/** What each name in a program is. */
export type Kinds = ReadonlyMap<string, Component['kind']>

/** The plan that takes a phase's components along. */
export function planOfPhase(program: Program, phase: Phase, kinds: Kinds, attempt: number): MigrationPlan {
  const are = (kind: Component['kind']): string[] => phase.components.filter((name) => kinds.get(name) === kind)
  const collections = are('collection')
  return {
    name: planOf(program.name, phase.name, attempt),
    collections,
    components: are('flag'),
    program: program.name,
    steps: stepsOf(phase, collections),
    timeScale: program.timeScale,
  }
}

function stepsOf({ course }: Phase, collections: readonly string[]): readonly PlanStep[] {
  if (course.kind === 'steps') return course.steps
  if (course.kind === 'gradual') return gradualSteps(course)
  const { kind: _, ...options } = course
  return theWeek(collections, options).steps
}

export const PERCENTAGES = [1, 5, 10, 25, 50, 100] as const

/** Larger and larger shares; at every one of them, a failing condition sends everybody back to the path `legacy`. */
export function gradualSteps(course: GradualCourse): PlanStep[] {
  const { percentages = PERCENTAGES, soakMs = HOUR_MS, gate = defaultGate(course) } = course
  return percentages.map((rolloutPercent, at) => ({
    name: `share-${rolloutPercent}`,
    day: 1 + Math.floor((at * soakMs) / DAY_MS),
    action: { kind: 'rollout', rolloutPercent },
    gate,
    soakMs,
    onFail: 'turn-back',
    rollback: { rolloutPercent: 0 },
  }))
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

function defaultGate({ minOperations = 100, maxErrorShare = 0.01, minWeighed }: GradualCourse): Condition[] {
  return [
    { kind: 'error-rate', minOperations, maxShare: maxErrorShare },
    { kind: 'no-alerts' },
    ...(minWeighed === undefined ? [] : [{ kind: 'no-breach' as const, minWeighed }]),
  ]
}
