import { CutoverError } from '../../core/error.js'
import { fail } from '../../core/plan/operate.js'
import type { StopReport } from '../../core/rollback/stopped.js'
import { planNames, readPlan } from '../autopilot/kept.js'
import { autopilotOf } from '../autopilot/on-stores.js'
import type { EngineContext } from '../context.js'
import { livingFlags } from '../flags/kill-all.js'
import { programsToStop } from '../programs/stop.js'
import { listRuns } from '../runs/store.js'
import type { Mover } from '../stages/move.js'
import {
  doParts,
  isOfRollback,
  RUNS_MAX,
  type StopTask,
  type StopWays,
  stoppedRollback,
  wayBackOf,
} from './emergency-stop.js'
import { rollBackComponent } from './roll-back-component.js'
import { newStop } from './stopped.js'

/**
 * What an emergency stop would do now: what it would turn off, where each collection would go and how soon, what would
 * end. What a stop decides by is asked, and nothing is done or entered; what changes meanwhile is not in it. A part that
 * cannot be told, because a store or the ledger does not answer, is told under `underWay`, as it would be of the stop.
 */
export async function rehearseStop(context: EngineContext, mover: Mover): Promise<StopReport> {
  const stopped = { ...newStop(context, mover), id: 'rehearsal' }
  const { report, open } = await doParts(context, stopped, mover, stopped.open, stopped.open, IN_MIND)
  return { ...report, stopped: { ...stopped, open }, recorded: false, rehearsal: true }
}

const IN_MIND: StopWays = {
  collections: turnBackInMind,
  flags: async ({ context, report }) => {
    report.flagsOff = (await livingFlags(context)).map(({ flag }) => flag.name)
    return true
  },
  plans: async ({ context, mover, report }) => {
    const autopilot = autopilotOf({ context })
    for (const name of await planNames(autopilot)) {
      const { state } = await readPlan(autopilot, name)
      if (fail(state, mover, context.clock.now()).state.status === state.status) continue
      report.plansFailed.push(name)
      report.timersCleared += 1
    }
    return true
  },
  programs: async ({ context, mover, report }) => {
    report.programsFailed = await programsToStop(context, mover)
    report.timersCleared += report.programsFailed.length
    return true
  },
  runs: async ({ context, report }) => {
    for (const { id, status } of await listRuns(context.ledger, { active: true, limit: RUNS_MAX })) {
      if (isOfRollback(id)) report.runsKept.push(id)
      else report.runsCancelled.push(id)
      if (!isOfRollback(id) && status === 'running') report.timersCleared += 1
    }
    return true
  },
  alert: async () => true,
}

async function turnBackInMind({ context, mover, report }: StopTask): Promise<boolean> {
  const rehearsed = await Promise.all(
    context.collections.map(async ({ name }) => {
      try {
        return await rollBackComponent(context, { ...wayBackOf(name), rehearsal: true }, mover)
      } catch (error) {
        if (!(error instanceof CutoverError)) throw error
        report.underWay.push({ part: `rollback of ${name}`, because: error.message })
        return null
      }
    }),
  )
  for (const rollback of rehearsed) {
    if (rollback === null) continue
    report.rollbacks.push(stoppedRollback(rollback))
    const { component, status, inWords } = rollback
    if (status === 'failed') report.underWay.push({ part: `rollback of ${component}`, because: inWords })
  }
  return rehearsed.every((rollback) => rollback !== null)
}
