import type { Json } from '../../lib/core/json.js'
import { type PlanState, stepOf } from '../../lib/core/plan/state.js'
import type { Run } from '../../lib/core/run.js'
import { stageIndex } from '../../lib/core/stage.js'
import { furthest, pairsOf } from '../../lib/engine/stages/move.js'
import { type DecisionNote, notesOf } from '../../lib/engine/stages/noted.js'
import { JUMP_MS_MAX } from './disturbances.js'
import { PLAN, resumeThePlan } from './planner.js'
import type { Scene, System } from './scene.js'
import { type Clerk, finishAll, resumeAll } from './staff.js'
import { START } from './world.js'

/** Rounds at the cron's quick pace, then at its usual one. */
const QUICK = { rounds: 5, everyMs: 10_000 }
const USUAL = { rounds: 200, everyMs: 180_000 }
/** Rounds in which something goes on and nothing gets on: clocks that were ahead cost minutes at every step of a plan. */
const PATIENCE = 30
/** Rounds in which nothing changes: then nothing will. */
const STILL = 2

/**
 * Nobody does anything any more but the cron and the queue, and the network is quiet. Whatever was begun must come to
 * its end by itself, or say why it waits; see `faultsAtRest`.
 */
export async function comeToRest(scene: Scene, system: System, clerk: Clerk): Promise<void> {
  const { world } = scene
  system.cron.calm(QUICK.everyMs)
  await resumeAll(clerk)
  if (system.whole.plan !== 'none') await resumeThePlan(clerk)
  if (system.whole.cleanUp && (await stageOf(scene)) === 'complete') await finishAll(clerk)
  let still = 0
  let stuck = 0
  let before = ''
  let why: string | null = null
  for (let round = 0; round < QUICK.rounds + USUAL.rounds && still < STILL && stuck < PATIENCE; round++) {
    const { everyMs } = round < QUICK.rounds ? QUICK : USUAL
    system.cron.calm(everyMs)
    await world.sleep(everyMs)
    const now = await look(scene, system)
    why = now.why
    still = now.why === null && now.shown === before ? still + 1 : 0
    stuck = now.shown === before ? stuck + 1 : 0
    before = now.shown
  }
  if (why !== null) clerk.fault(`The system does not come to rest: ${why}.`)
  system.cron.stop()
}

/** What still goes on, and everything that would change if anything went on. */
async function look(scene: Scene, system: System): Promise<{ why: string | null; shown: string }> {
  const runs = await runsOf(scene)
  const plan = await planOf(scene)
  const running = runs.find(({ status }) => status === 'running')
  const { status, stepIndex, entry, progress, blocked, rollingBack, claim } = plan ?? { claim: null }
  // By the clock of whoever comes next, which may be behind.
  const claimed = claim != null && status !== 'paused' && claim.until + JUMP_MS_MAX > START + scene.world.now()
  const why =
    running !== undefined
      ? `the run ${running.id} is under way (${JSON.stringify(running)})`
      : claimed
        ? `the plan is claimed (${JSON.stringify(claim)})`
        : plan !== null && isUnderWay(plan)
          ? 'the plan only waits for time to pass'
          : scene.network.strays + system.post.waiting > 0
            ? 'something is on its way'
            : null
  return { why, shown: JSON.stringify([runs, status, stepIndex, entry, progress, blocked, rollingBack, claim]) }
}

/** It has not been weighed yet, or it soaks: by a clock that was ahead, when it entered the step. */
function isUnderWay({ status, verdicts, blocked }: PlanState): boolean {
  if (status !== 'running' || Object.keys(blocked).length > 0) return false
  const soaks = verdicts.some(({ because }) => because === 'soaking' || because === 'evidence-too-early')
  return verdicts.length === 0 || soaks
}

/** Nothing may be half-done: no hold, no decision that was not carried out, no run or plan that waits for nothing. */
export async function faultsAtRest(scene: Scene, { whole }: System): Promise<string[]> {
  const { raw, scenario } = scene
  const faults: string[] = []
  for (const [source, target] of pairsOf(raw)) {
    const [here, there] = [await source.control(), await target.control()]
    const { fence, plan } = here
    const show = JSON.stringify({ here, there })
    if (here.hold || there.hold) faults.push(`A store is still on hold: ${show}`)
    if (plan !== null && plan.fence.epoch > fence.epoch) faults.push(`A decision was not carried out: ${show}`)
    const leveled = fence.plain ? there.fence === null : (there.fence?.epoch ?? 0) === fence.epoch
    if (!leveled) faults.push(`The stores stand at different fences: ${show}`)
  }
  if (scenario.loss && scene.alarms > 0 && !(await wasRecovered(scene)))
    faults.push('The data plane has said that the target lost data, and nobody has recovered it.')
  for (const run of await runsOf(scene)) {
    if (run.status === 'running' || run.lease !== null) faults.push(`A run was left: ${JSON.stringify(run)}`)
    if (run.status === 'paused' && run.note === null) faults.push(`A run is paused, and nobody says why: ${run.id}`)
    if (run.status === 'failed' && run.note === null) faults.push(`A run has failed, and nobody says why: ${run.id}`)
  }
  const plan = await planOf(scene)
  if (plan !== null) faults.push(...faultsOfPlan(plan))
  // Others may have moved the collection since, on purpose.
  const alone = whole.staff === 0 && !whole.overrules && scenario.leaseMs === null && !scenario.loss
  if (plan !== null && alone) faults.push(...(await faultsOfPlace(scene, plan)))
  return faults
}

/** The source's documents remember who decided what. */
async function wasRecovered({ raw, alarmEpoch }: Scene): Promise<boolean> {
  for (const [source] of pairsOf(raw)) {
    const { plan } = await source.control()
    // A decision of that very moment that asks nothing of the target any more leaves nothing to recover.
    const left = ({ epoch, to }: DecisionNote): boolean => epoch > alarmEpoch && (to === 'off' || to === 'dualwrite')
    if (plan !== null && notesOf(plan).some((one) => one.reason.includes('lost') || left(one))) return true
  }
  return false
}

/** What a step's own run is there to show. */
const SHOWN_BY = { backfill: 'pass-complete', validate: 'validation-clean', 'zero-loss': 'zero-loss' } as const

function faultsOfPlan(state: PlanState): string[] {
  const { status, rollingBack, blocked, verdicts, claim } = state
  const { action } = stepOf(state)
  const done = Object.values(state.progress).some((one) => one.kind === 'run' && one.status === 'complete')
  const shows = action.kind === 'run' && done ? SHOWN_BY[action.run] : null
  if (verdicts.some(({ because, condition }) => because === 'no-run-in-this-step' && condition.kind === shows))
    return [`The plan waits for the run of its step, which is done: ${JSON.stringify(verdicts)}`]
  const open = verdicts.filter(({ outcome }) => outcome !== 'pass')
  if (status === 'running' && open.length === 0 && Object.keys(blocked).length === 0)
    return ['The plan waits, and does not say for what.']
  if ((status === 'turned-back' || status === 'failed') && rollingBack.length > 0 && Object.keys(blocked).length === 0)
    return ['The plan has turned back half way, and does not say why.']
  return claim !== null && status !== 'paused' && status !== 'finished' && status !== 'failed'
    ? [`The plan is ${status}, and somebody still has a claim: ${JSON.stringify(claim)}`]
    : []
}

/** Where the plan alone moves the collection, it stands where the plan says. */
async function faultsOfPlace(scene: Scene, { status, plan, stepIndex, rollingBack }: PlanState): Promise<string[]> {
  const stage = await stageOf(scene)
  const moves = plan.steps.flatMap(({ action }) => (action.kind === 'move' ? [action.to] : []))
  const last = moves.at(-1) ?? 'off'
  if (status === 'finished' && stage !== last) return [`The plan is finished, and the collection stands in ${stage}.`]
  const rollback = plan.steps[stepIndex]?.rollback
  if (status !== 'turned-back' || rollback == null || rollingBack.length > 0) return []
  const to = rollback.to ?? 'off'
  return stageIndex(stage) > stageIndex(to) ? [`The plan has turned back, and ${stage} is left.`] : []
}

export async function stageOf({ raw }: Scene): Promise<ReturnType<typeof furthest>['stage']> {
  const fences = []
  for (const [source] of pairsOf(raw)) fences.push((await source.control()).fence)
  return furthest(fences).stage
}

export async function runsOf({ ledger }: Scene): Promise<Run[]> {
  return (await ledger.list('run/', null, 200)).items.map(({ value }) => value as unknown as Run)
}

export async function planOf({ ledger }: Scene): Promise<PlanState | null> {
  const held = await ledger.read(`plan/${PLAN}`)
  return held === null ? null : (held.value as Json as unknown as PlanState)
}
