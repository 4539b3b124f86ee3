import { CutoverError } from '../../core/error.js'
import { sourceIsFull } from '../../core/readiness.js'
import { after, nextStep, type Rollback } from '../../core/rollback/rollback.js'
import type { EngineContext } from '../context.js'
import { holdPlans } from './hold-plans.js'
import { commit, type Held, readRollback } from './kept.js'
import { fencesOf } from './runs.js'
import { attempt } from './steps.js'

/**
 * Takes a rollback as far as it gets before `deadlineAt` (wall-clock milliseconds). Called by whoever asks for it, by the
 * tick, and when a run of its ends; any number of drivers at once do what one does: each step bears being done twice,
 * and of two records of it one is refused. A crash between a step and its record leaves a step that is found done.
 */
export async function drive(context: EngineContext, start: Held, deadlineAt: number): Promise<Rollback> {
  let held = await withPlansHeld(context, start)
  for (let turn = 0; turn < TURNS_MAX && held.rollback.status === 'under-way'; turn++) {
    const next = await oneStep(context, held.rollback)
    if (next === null) return held.rollback
    const waits = JSON.stringify(next.rollback) === JSON.stringify(held.rollback)
    if (waits) return held.rollback
    const committed = await commit(context, held, next.rollback)
    held = committed ?? (await readRollback(context.ledger, held.rollback.id))
    if (next.waits || context.clock.now() >= deadlineAt) return held.rollback
  }
  return held.rollback
}

/**
 * Plans that lead the component forward are paused. While the rollback is under way they can do nothing; that they cannot
 * be paused now holds up nothing, and the tick tries again, also after its end.
 */
async function withPlansHeld(context: EngineContext, start: Held): Promise<Held> {
  let held = start
  for (let turn = 0; turn < RECORDS_MAX && held.rollback.plansPaused === null; turn++) {
    const plansPaused = await holdPlans(context, held.rollback).catch(nobody)
    if (plansPaused === null) return held
    const committed = await commit(context, held, { ...held.rollback, plansPaused })
    held = committed ?? (await readRollback(context.ledger, held.rollback.id))
  }
  return held
}

const RECORDS_MAX = 5

function nobody(error: unknown): null {
  if (error instanceof CutoverError) return null
  throw error
}

/** Steps of a procedure, passes done again, and records refused. */
const TURNS_MAX = 100

/**
 * What a procedure begins with and the protocol allows at once, without the ledger: moves, and passing over a pass that is
 * not needed. Where that comes to is for whoever keeps the rollback to record.
 */
export async function driveAtOnce(context: EngineContext, rollback: Rollback): Promise<Rollback> {
  let reached = rollback
  for (let turn = 0; turn < TURNS_MAX && reached.status === 'under-way'; turn++) {
    if (!(await isAtOnce(context, reached))) return reached
    const next = await oneStep(context, reached)
    if (next === null) return reached
    reached = next.rollback
    if (next.waits) return reached
  }
  return reached
}

/** Whether the next step is of those. */
export async function isAtOnce(context: EngineContext, rollback: Rollback): Promise<boolean> {
  const number = nextStep(rollback)
  const step = number === null ? undefined : rollback.steps[number]?.step
  if (step?.kind === 'move') return true
  if (step?.kind !== 'pass' || step.when !== 'needed') return false
  const fences = await fencesOf(context, rollback.component).catch(nobody)
  return fences !== null && sourceIsFull(fences)
}

async function oneStep(
  context: EngineContext,
  rollback: Rollback,
): Promise<{ rollback: Rollback; waits: boolean } | null> {
  const number = nextStep(rollback)
  const state = number === null ? undefined : rollback.steps[number]
  if (number === null || state === undefined) return null
  const outcome = await attempt(context, rollback, state)
  return { rollback: after(rollback, number, outcome, context.clock.now()), waits: outcome.kind === 'waits' }
}
