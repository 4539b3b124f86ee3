import { CutoverError } from '../../core/error.js'
import type { Fence } from '../../core/fence.js'
import { sourceIsFull } from '../../core/readiness.js'
import { PASS_ATTEMPTS_MAX, type Rollback, type RollbackStep, type StepOutcome } from '../../core/rollback/rollback.js'
import { isEnded, progressOf, type Run } from '../../core/run.js'
import { type PeriodRange, strictRanges } from '../../core/transition.js'
import { collectionOf, type EngineContext } from '../context.js'
import { startRun } from '../runs/start.js'
import { cancelRun } from '../runs/steer.js'
import { latestRun, readRun } from '../runs/store.js'
import { sideBySide } from '../side-by-side.js'
import { pairsOf } from '../stages/move.js'

/**
 * The steps of a rollback that take a run. The run's id follows from the rollback and the attempt, so whoever asks
 * again, after a crash or at the same moment, gets the run that is there. It does not keep out of the application's
 * way: whoever rolls back wants to be back.
 */
export async function passStep(
  context: EngineContext,
  rollback: Rollback,
  state: RollbackStep,
  when: 'needed' | 'always',
): Promise<StepOutcome> {
  const { component } = rollback
  const fences = await fencesOf(context, component)
  if (fences.some(({ plain }) => plain))
    return { kind: 'failed', note: 'The collection is cleaned up: there is no way back by stages. Restore a back-up.' }
  const isFull = sourceIsFull(fences)
  if (state.runId === null) {
    if (isFull && when === 'needed') return { kind: 'skipped', note: SOURCE_IS_FULL }
    return startPass(context, rollback, state)
  }
  const { run } = await readRun(context.ledger, state.runId)
  if (!isEnded(run.status)) return watched(run)
  if (run.status === 'succeeded' && (isFull || when === 'always'))
    return { kind: 'done', note: `The back-fill ${run.id} has passed ${run.done} records.` }
  if (isFull && when === 'needed') return { kind: 'done', note: SOURCE_IS_FULL }
  const why = run.note ?? `it was ${run.status}, and the stages have moved since`
  if (state.attempts >= PASS_ATTEMPTS_MAX)
    return { kind: 'failed', note: `${state.attempts} back-fills did not complete. The last: ${why}` }
  return startPass(context, rollback, state)
}

/** Why there is nothing to pass. */
export const SOURCE_IS_FULL = 'The source is known to have everything.'

export async function validateStep(
  context: EngineContext,
  rollback: Rollback,
  state: RollbackStep,
): Promise<StepOutcome> {
  if (state.runId === null) {
    const run = await begin(context, rollback, 'validate', `${rollback.id}-validate-${state.attempts + 1}`)
    return watched(run)
  }
  const { run } = await readRun(context.ledger, state.runId)
  if (!isEnded(run.status)) return watched(run)
  if (run.status === 'succeeded') return { kind: 'done', note: `The validation ${run.id} found both stores alike.` }
  return { kind: 'failed', note: `The validation ${run.id} ended as ${run.status}: ${run.note ?? 'no reason given'}` }
}

/** A back-fill of somebody else's is waited for if it can still declare the source full; otherwise it makes way. */
async function startPass(context: EngineContext, rollback: Rollback, state: RollbackStep): Promise<StepOutcome> {
  const { component, by } = rollback
  const other = await latestRun(context.ledger, component, 'backfill')
  if (other !== null && other.id !== state.runId && !isEnded(other.status)) {
    if (other.status === 'running' && covers(other, await fencesOf(context, component))) return watched(other)
    const reason = `It makes way for the pass of the rollback ${rollback.id}.`
    await cancelRun(context, { runId: other.id, by, reason }).catch(unlessEnded)
  }
  return watched(await begin(context, rollback, 'backfill', `${rollback.id}-pass-${state.attempts + 1}`))
}

function begin(
  context: EngineContext,
  { id, component: collection, by, reason }: Rollback,
  kind: 'backfill' | 'validate',
  runId: string,
): Promise<Run> {
  const input = { throttle: false }
  return startRun(context, { id: runId, kind, collection, input, by, reason: `${reason} (rollback ${id})` })
}

function watched(run: Run): StepOutcome {
  const { done, total, secondsLeft } = progressOf(run)
  const recordsLeft = total === null ? null : Math.max(0, total - done)
  const of = total === null ? '' : ` of ${total}`
  const paused = run.status === 'paused' ? ` It is paused: ${run.note ?? 'no reason given'}` : ''
  const note = `${run.kind} ${run.id}: ${done}${of} records.${paused}`
  return { kind: 'waits', note, runId: run.id, recordsLeft, secondsLeft }
}

/** Whether the run began in the strict period in which every strict slot still is. Clocks could not tell. */
function covers({ input }: Run, fences: readonly Fence[]): boolean {
  const covered = (input.covered ?? []) as unknown as PeriodRange[][]
  return fences.every((fence, number) =>
    strictRanges(fence).every(({ from, until, period }) =>
      (covered[number] ?? []).some((then) => then.period === period && then.from <= from && until <= then.until),
    ),
  )
}

/** A source that was left behind does not know of it when it comes back; a target that is away is no matter. */
export async function fencesOf(context: EngineContext, collection: string): Promise<Fence[]> {
  return sideBySide(pairsOf(collectionOf(context, collection)), async ([source, target]) => {
    const [{ fence }, beyond] = await Promise.all([source.control(), target.control().catch(unknownTarget)])
    return beyond?.fence && beyond.fence.epoch > fence.epoch ? beyond.fence : fence
  })
}

function unknownTarget(error: unknown): null {
  if (error instanceof CutoverError) return null
  throw error
}

function unlessEnded(error: unknown): void {
  if (!(error instanceof CutoverError) || error.code !== 'conflict') throw error
}
