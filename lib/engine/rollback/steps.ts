import { CutoverError } from '../../core/error.js'
import { effectivePercent } from '../../core/flags/schedule.js'
import type { ProcedureStep } from '../../core/rollback/procedure.js'
import type { Rollback, RollbackStep, StepOutcome } from '../../core/rollback/rollback.js'
import { type Stage, stageIndex } from '../../core/stage.js'
import { checkpointEvidence } from '../checkpoints/evidence.js'
import { componentOf } from '../components.js'
import type { EngineContext } from '../context.js'
import { readNamedFlag, setRollout } from '../flags/flags.js'
import { furthest } from '../stages/move.js'
import { type WalkResult, walkDown } from '../stages/walk.js'
import { fencesOf, passStep, validateStep } from './runs.js'
import { withoutTarget } from './target-gone.js'

/**
 * One attempt at the step of a rollback. It may be made twice, and by two drivers at once: moves find themselves done,
 * runs have ids that follow from the rollback, rollouts are only ever lowered. A store that is away makes a step wait.
 */
export async function attempt(context: EngineContext, rollback: Rollback, state: RollbackStep): Promise<StepOutcome> {
  try {
    return await perform(context, rollback, state)
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error
    return MENDABLE.has(error.code) ? { kind: 'waits', note: error.message } : { kind: 'failed', note: error.message }
  }
}

/** What time, another driver or an operator's mending a store may lift. */
const MENDABLE: ReadonlySet<CutoverError['code']> = new Set([
  'unavailable',
  'conflict',
  'contended',
  'outcome-unknown',
  'corrupt-document',
])

function perform(context: EngineContext, rollback: Rollback, state: RollbackStep): Promise<StepOutcome> {
  const { step } = state
  switch (step.kind) {
    case 'move':
      return moveStep(context, rollback, step.to)
    case 'pass':
      return passStep(context, rollback, state, step.when)
    case 'validate':
      return validateStep(context, rollback, state)
    case 'rollout':
      return rolloutStep(context, rollback, step.percent)
    case 'wait':
      return waitStep(context, state, step)
    case 'checkpoint':
      return checkpointStep(context, rollback, state, step)
  }
}

/** Down to `to`; a target that does not answer is left behind where that is enabled. */
export async function moveStep(context: EngineContext, rollback: Rollback, to: Stage): Promise<StepOutcome> {
  const outcome = await moveStepFrom(context, rollback, to, undefined)
  return outcome.kind === 'refused' ? refusal(outcome.reason, `It stands at ${outcome.from}.`) : outcome
}

/** The same only from an epoch: at another one it is refused, and nothing is done. */
export async function moveStepFrom(
  context: EngineContext,
  rollback: Rollback,
  to: Stage,
  ifEpoch: number | undefined,
): Promise<StepOutcome | Extract<WalkResult, { kind: 'refused' }>> {
  const { component: collection, by } = rollback
  const mover = { by, reason: `${rollback.reason} (rollback ${rollback.id})` }
  // Where nothing is to be done, a target that is away is no matter.
  const { stage } = furthest(await fencesOf(context, collection))
  if (stageIndex(stage) <= stageIndex(to)) return { kind: 'skipped', note: `Nothing stands beyond ${to}.` }
  const walk = { collection, direction: 'down' as const, to, action: 'roll-back-component', ifEpoch }
  let result: WalkResult
  try {
    result = await walkDown(context, walk, mover)
  } catch (error) {
    if (!(error instanceof CutoverError) || error.code !== 'unavailable') throw error
    const left = await withoutTarget(context, collection, mover)
    if (left === null) throw error
    if (stageIndex(left.to) > stageIndex(to)) throw error
    return { kind: 'done', note: `The target does not answer and was left behind, in ${left.to}.` }
  }
  if (result.kind === 'moved') {
    const { pending } = result
    const cameTo = `It came to ${result.to}.`
    if (pending?.reason === 'epoch-moved')
      return { kind: 'waits', note: `${cameTo} Then somebody else moved it; it is looked at again.` }
    if (pending !== null) return refusal(pending.reason, cameTo)
    return { kind: 'done', note: `From ${result.from} to ${result.to}, epoch ${result.epoch}.` }
  }
  if (result.reason === 'epoch-moved') return result
  if (result.reason === 'already-there') return { kind: 'skipped', note: `Nothing stands beyond ${to}.` }
  return refusal(result.reason, `It stands at ${result.from}.`)
}

function refusal(reason: string, where: string): StepOutcome {
  if (reason === 'source-not-full')
    return { kind: 'pass-again', note: `${where} The source may lack something: a pass has to complete first.` }
  if (reason === 'collection-finished')
    return { kind: 'failed', note: 'The collection is cleaned up: there is no way back by stages. Restore a back-up.' }
  return { kind: 'failed', note: `${where} The step was refused: ${reason}.` }
}

async function rolloutStep(context: EngineContext, rollback: Rollback, percent: number): Promise<StepOutcome> {
  const component = await componentOf(context, rollback.component)
  if (component.kind !== 'flag') return { kind: 'failed', note: `${rollback.component} has no rollout.` }
  const { flag } = component
  const now = effectivePercent(await readNamedFlag(context, flag), context.clock.now())
  // Where it is lower already, this drops the steps of a schedule that would raise it.
  const mover = { by: rollback.by, reason: `${rollback.reason} (rollback ${rollback.id})` }
  const { before, after } = await setRollout(context, flag, Math.min(now, percent), mover)
  if (before === after) return { kind: 'skipped', note: `The rollout of ${flag} is ${after} %.` }
  return { kind: 'done', note: `The rollout of ${flag} went from ${before} % to ${after} %.` }
}

async function waitStep(
  { clock }: EngineContext,
  { startedAt }: RollbackStep,
  { seconds }: Extract<ProcedureStep, { kind: 'wait' }>,
): Promise<StepOutcome> {
  const left = startedAt === null ? seconds : Math.ceil((startedAt + seconds * 1000 - clock.now()) / 1000)
  if (left <= 0) return { kind: 'done', note: null }
  return { kind: 'waits', note: `${left} s left`, secondsLeft: left }
}

/** The latest finding decides: a checkpoint that was breached and has passed since has passed. */
async function checkpointStep(
  context: EngineContext,
  rollback: Rollback,
  { startedAt }: RollbackStep,
  { checkpoint, seconds }: Extract<ProcedureStep, { kind: 'checkpoint' }>,
): Promise<StepOutcome> {
  const evidence = await checkpointEvidence(context, rollback.component, rollback.startedAt)
  const fitting = evidence.filter(({ kind }) => checkpoint === null || kind === checkpoint)
  const latest = fitting.toSorted((a, b) => b.at - a.at).find(({ outcome }) => outcome !== 'not-enough-evidence')
  if (latest?.outcome === 'pass') return { kind: 'done', note: `The checkpoint ${latest.id} passed.` }
  if (latest?.outcome === 'breach') return { kind: 'failed', note: `The checkpoint ${latest.id} was breached.` }
  const left = startedAt === null ? seconds : Math.ceil((startedAt + seconds * 1000 - context.clock.now()) / 1000)
  if (left <= 0) return { kind: 'failed', note: `No checkpoint gave enough evidence within ${seconds} s.` }
  return { kind: 'waits', note: `no checkpoint has given enough evidence; ${left} s left`, secondsLeft: left }
}
