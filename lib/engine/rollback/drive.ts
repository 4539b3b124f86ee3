import { after, nextStep, type Rollback } from '../../core/rollback/rollback.js'
import type { EngineContext } from '../context.js'
import { commit, type Held, readRollback } from './kept.js'
import { attempt } from './steps.js'

/**
 * Takes a rollback as far as it gets before `deadlineAt` (wall-clock milliseconds). Called by whoever asks for it, by the
 * tick, and when a run of its ends; any number of drivers at once do what one does: each step bears being done twice,
 * and of two records of it one is refused. A crash between a step and its record leaves a step that is found done.
 */
export async function drive(context: EngineContext, start: Held, deadlineAt: number): Promise<Rollback> {
  let held = start
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

/** Steps of a procedure, passes done again, and records refused. */
const TURNS_MAX = 100

/**
 * The moves that a procedure begins with, without the ledger: what the protocol allows at once waits for nothing. Where
 * it comes to is for whoever keeps the rollback to record.
 */
export async function driveMoves(context: EngineContext, rollback: Rollback): Promise<Rollback> {
  let reached = rollback
  for (let turn = 0; turn < TURNS_MAX && reached.status === 'under-way'; turn++) {
    const number = nextStep(reached)
    if (number === null || reached.steps[number]?.step.kind !== 'move') return reached
    const next = await oneStep(context, reached)
    if (next === null) return reached
    reached = next.rollback
    if (next.waits) return reached
  }
  return reached
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
