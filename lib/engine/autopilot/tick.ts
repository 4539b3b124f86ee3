import { CutoverError } from '../../core/error.js'
import type { Evidence } from '../../core/plan/evidence.js'
import { nextOf } from '../../core/plan/next.js'
import { membersOf, PLAN_COLLECTIONS_MAX } from '../../core/plan/plan.js'
import { countsFrom, type PlanState, type PlanStatus, type RunStatus, stepOf } from '../../core/plan/state.js'
import { type Found, weighStep } from '../../core/plan/weigh.js'
import type { Autopilot } from './actions.js'
import { commitTurn, type Kept, readPlan } from './kept.js'
import { perform } from './perform.js'

/**
 * One turn of a plan, called by cron and queue as often as they like, also twice at once: carries out what the step
 * still has to do, weighs its gate, and leaves it or turns back. At most one step is left in a tick. What a turning
 * back has to take down is begun at once. No action begins after `budgetMs`; evidence that is asked for by then is
 * still awaited.
 */
export async function tick(autopilot: Autopilot, name: string, { budgetMs, only }: TickLimits): Promise<TickResult> {
  const { clock } = autopilot
  const deadline = clock.monotonic() + budgetMs
  const tried = new Set<string>()
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const kept = await readPlan(autopilot, name)
    const step = stepOf(kept.state).name
    if (clock.monotonic() >= deadline) return { kind: 'out-of-time', step }
    const next = nextOf(kept.state, clock.now(), tried)
    if (turn === 0 && next.kind !== 'rest' && next.kind !== 'busy' && next.kind !== 'roll-back') {
      const why = await autopilot.actions.holds?.(kept.state.plan)
      if (why != null) return { kind: 'held', step, why }
    }
    switch (next.kind) {
      case 'rest':
        return { kind: 'rests', step, status: next.status }
      case 'busy':
        return { kind: 'busy', step, until: next.until }
      case 'blocked': {
        const blocked: TickResult = { kind: 'blocked', step, blocked: next.blocked }
        if (kept.state.status !== 'running') return blocked
        // The collections that have gone on are watched all the same, and turned back if they fail.
        const weighed = await weigh(autopilot, kept)
        if (weighed.kind !== 'turned-back') return weighed.kind === 'waits' ? blocked : weighed
        tried.clear()
        break
      }
      case 'act':
      case 'roll-back': {
        if (next.kind === 'act' && only === 'weigh') return { kind: 'waits', step, reason: 'its action is to be begun' }
        const outcome = await perform(autopilot, kept, next)
        if (outcome === 'overtaken') return { kind: 'overtaken', step }
        if (outcome === 'blocked') tried.add(next.collection)
        break
      }
      case 'weigh': {
        const weighed = await weigh(autopilot, kept)
        if (weighed.kind !== 'turned-back') return weighed
        tried.clear()
      }
    }
  }
  return { kind: 'out-of-time', step: stepOf((await readPlan(autopilot, name)).state).name }
}

export interface TickLimits {
  /** Milliseconds in which the tick may begin further work. */
  budgetMs: number
  /** Nothing that leads forward is begun: evidence is weighed, and what has failed is taken back. */
  only?: 'weigh'
}

export type TickResult =
  | { kind: 'advanced' | 'finished' | 'waits'; step: string; reason: string }
  | { kind: 'rests'; step: string; status: PlanStatus }
  /** An emergency stop stands, or its program does not go on. */
  | { kind: 'held'; step: string; why: string }
  /** Another tick is carrying out an action. */
  | { kind: 'busy'; step: string; until: number }
  /** Another tick, or an operator, has moved the plan on: nothing was done. */
  | { kind: 'overtaken'; step: string }
  | { kind: 'blocked'; step: string; blocked: PlanState['blocked'] }
  | { kind: 'out-of-time'; step: string }

/** Every collection forward, one weighing, every collection back, and what they come to. */
const TURNS_MAX = 2 * PLAN_COLLECTIONS_MAX + 2

async function weigh(autopilot: Autopilot, kept: Kept): Promise<TickResult | { kind: 'turned-back' }> {
  const step = stepOf(kept.state).name
  const found = await findOut(autopilot, kept.state)
  const weighed = weighStep(kept.state, found, autopilot.clock.now(), autopilot.autoRollback ?? true)
  const committed = await commitTurn(autopilot, kept.state.plan.name, kept.revision, weighed)
  if (committed === null) return { kind: 'overtaken', step }
  const { kind, reason } = weighed
  return kind === 'turned-back' ? { kind } : { kind, step, reason }
}

/** Asks for everything at once, since a plan has few collections. Runs first: evidence must not be older than they. */
async function findOut({ actions }: Autopilot, state: PlanState): Promise<Found> {
  const collections = membersOf(state.plan)
  const { timeScale } = state.plan
  const { gate } = stepOf(state)
  const since = countsFrom(state)
  const runs = await Promise.all(
    collections.map(async (collection): Promise<[string, RunStatus | 'lost'][]> => {
      const progress = state.progress[collection]
      if (progress?.kind !== 'run' || progress.status === 'complete' || progress.status === 'cancelled') return []
      const answer = await orNull(
        actions.run(progress.runId).then((run) => ({ status: run?.status ?? ('lost' as const) })),
      )
      return answer === null ? [] : [[collection, answer.status]]
    }),
  )
  const evidence = await Promise.all(
    collections.map(async (collection): Promise<[string, Evidence | null]> => {
      const progress = state.progress[collection]
      const ownRun = progress?.kind === 'run' ? progress.runId : undefined
      const asked = { gate, timeScale, ...(ownRun === undefined ? {} : { ownRun }) }
      return [collection, await orNull(actions.evidence(collection, since, asked))]
    }),
  )
  return { runs: Object.fromEntries(runs.flat()), evidence: Object.fromEntries(evidence) }
}

/** What cannot be asked now is not known, and the gate treats it so. Any other error is a fault and is shown. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'unavailable') return null
    throw error
  }
}
