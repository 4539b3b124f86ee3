import { CutoverError } from '../../core/error.js'
import type { Rollback } from '../../core/rollback/rollback.js'
import {
  STOP_PARTS,
  type StopPart,
  type Stopped,
  type StoppedRollback,
  type StopReport,
} from '../../core/rollback/stopped.js'
import { isEnded } from '../../core/run.js'
import { stageIndex } from '../../core/stage.js'
import { raiseAlert } from '../alerts/raise.js'
import { planNames, readPlan } from '../autopilot/kept.js'
import { autopilotOf } from '../autopilot/on-stores.js'
import { failPlan } from '../autopilot/steer.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'
import { killAllFlags } from '../flags/kill-all.js'
import { stopPrograms } from '../programs/stop.js'
import { cancelRun } from '../runs/steer.js'
import { listRuns } from '../runs/store.js'
import { furthest, type Mover } from '../stages/move.js'
import { seenFences } from '../status.js'
import { changePending } from './pending.js'
import { ifAway, type RollbackRequest, rollBackComponent } from './roll-back-component.js'
import { alertAbout, closeParts, enterStop, newStop } from './stopped.js'

/**
 * Stops everything, in one call: every named flag off, every collection back as far as is safe at once (what takes a
 * pass goes on by itself), runs cancelled but for the passes that the way back needs, plans and programs failed. While
 * the stop stands nothing advances; an operator lifts it.
 *
 * - Each part is done on its own: one that fails holds up no other, is told under `underWay`, and is done again by the
 *   tick until it is done.
 * - Twice, or two operators at once: one stop; everything is done by whoever comes first, and found done by the other.
 * - A store away: its collections wait, or go on without the target where that is enabled; the others are turned back.
 * - The ledger away: collections are turned back all the same. That everything is stopped is kept beside the source's
 *   documents, and flags, plans and runs, which live in the ledger, are seen to when it answers.
 */
export async function emergencyStop(context: EngineContext, mover: Mover): Promise<StopReport> {
  const wanted = newStop(context, mover)
  const entering = enterStop(context, wanted).catch(ifAway(null))
  const [entered, done] = await Promise.all([entering, doParts(context, wanted, mover, wanted.open)])
  const stopped: Stopped = { ...(entered ?? wanted), open: done.open }
  if (entered !== null) await closeParts(context, entered.id, done.closed).catch(ifAway(undefined))
  else {
    const keep = changePending(context.documents, (pending) => ({ ...pending, stop: pending.stop ?? stopped }))
    await keep.catch(ifAway(undefined))
  }
  return { ...done.report, stopped, recorded: entered !== null, rehearsal: false }
}

/**
 * Goes on with what a stop has left open; and, in its first minutes, takes back what somebody who had asked before it
 * stood has done since. Called by the tick. `null`: there is nothing to be done.
 */
export async function goOnStopping(context: EngineContext, stopped: Stopped): Promise<StopReport | null> {
  const { by, reason, open, at } = stopped
  const isFresh = context.clock.now() - at < FRESH_MS
  const parts = STOP_PARTS.filter((part) => open.includes(part) || (isFresh && AGAIN.has(part)))
  if (parts.length === 0) return null
  const done = await doParts(context, stopped, { by, reason }, parts, open)
  await closeParts(context, stopped.id, done.closed).catch(ifAway(undefined))
  return { ...done.report, stopped: { ...stopped, open: done.open }, recorded: true, rehearsal: false }
}

/** Longer than any function lives that was let go on before. */
const FRESH_MS = 15 * 60_000
/** Runs are not: those that somebody starts while everything is stopped move nothing. */
const AGAIN: ReadonlySet<StopPart> = new Set(['collections', 'flags', 'plans', 'programs'])

interface Done {
  report: Omit<StopReport, 'stopped' | 'recorded' | 'rehearsal'>
  open: StopPart[]
  closed: StopPart[]
}

/** `ways`: how each is done. */
export async function doParts(
  context: EngineContext,
  stopped: Stopped,
  mover: Mover,
  parts: readonly StopPart[],
  open: readonly StopPart[] = parts,
  ways: StopWays = PARTS,
): Promise<Done> {
  const report: Done['report'] = {
    flagsOff: [],
    rollbacks: [],
    runsCancelled: [],
    runsKept: [],
    plansFailed: [],
    programsFailed: [],
    timersCleared: 0,
    underWay: [],
  }
  const ended = await Promise.all(
    parts.map(async (part): Promise<boolean> => {
      try {
        return await ways[part]({ context, stopped, mover, report, isFirst: open.includes(part) })
      } catch (error) {
        if (!(error instanceof CutoverError)) throw error
        report.underWay.push({ part, because: error.message })
        return false
      }
    }),
  )
  return {
    report,
    open: parts.filter((_, number) => ended[number] !== true),
    closed: parts.filter((_, number) => ended[number] === true),
  }
}

/** Each answers whether it is done for good. */
export type StopWays = { readonly [part in StopPart]: (task: StopTask) => Promise<boolean> }

export interface StopTask {
  context: EngineContext
  stopped: Stopped
  mover: Mover
  report: Done['report']
  /** It was not done before. */
  isFirst: boolean
}

const PARTS: StopWays = {
  collections: turnBackAll,
  flags: async ({ context, mover, report }) => {
    report.flagsOff = await killAllFlags(context, mover)
    return true
  },
  plans: failPlans,
  programs: async ({ context, mover, report }) => {
    report.programsFailed = await stopPrograms(context, mover)
    report.timersCleared += report.programsFailed.length // the message of its next turn
    return true
  },
  runs: cancelRuns,
  alert: async ({ context, stopped: { id, by, reason } }) => {
    const message = `${by} has stopped everything: ${reason}`
    await raiseAlert(context, {
      about: alertAbout(id),
      severity: 'critical',
      kind: 'emergency-stop',
      component: null,
      message,
    })
    return true
  },
}

async function turnBackAll({ context, mover, report, isFirst }: StopTask): Promise<boolean> {
  const asked = await Promise.all(
    context.collections.map(async (collection) => (isFirst || (await isBeyond(collection)) ? [collection] : [])),
  )
  const rollbacks = await Promise.all(
    asked.flat().map(async ({ name }): Promise<Rollback | null> => {
      try {
        return await rollBackComponent(context, wayBackOf(name), mover)
      } catch (error) {
        if (!(error instanceof CutoverError)) throw error
        report.underWay.push({ part: `rollback of ${name}`, because: error.message })
        return null
      }
    }),
  )
  for (const rollback of rollbacks) {
    if (rollback === null) continue
    const { component, status, inWords } = rollback
    report.rollbacks.push(stoppedRollback(rollback))
    if (status === 'under-way') report.underWay.push({ part: `rollback of ${component}`, because: inWords })
  }
  return rollbacks.every((rollback) => rollback?.recorded === true)
}

/** How far a stop turns a collection back. */
export function wayBackOf(component: string): RollbackRequest {
  return { component, procedure: 'to-source', to: 'dualwrite', cause: { kind: 'emergency-stop' } }
}

export function stoppedRollback({
  id,
  component,
  status,
  inWords,
  from,
  secondsLeft,
  steps,
}: Rollback): StoppedRollback {
  const stage = from !== null && 'stage' in from ? from.stage : null
  const told = steps.flatMap(({ note }) => (note === null ? [] : [note]))
  return { component, rollbackId: id, status, inWords, from: stage, secondsLeft, steps: told }
}

/** It stands beyond what a stop turns back to, as far as that can be told. */
async function isBeyond(collection: Collection): Promise<boolean> {
  const seen = await seenFences(collection).catch(ifAway(null))
  if (seen === null || seen.fences.every(({ plain }) => plain)) return false
  return stageIndex(furthest(seen.fences).stage) > stageIndex('dualwrite')
}

async function failPlans({ context, mover, report }: StopTask): Promise<boolean> {
  const autopilot = autopilotOf({ context })
  for (const name of await planNames(autopilot)) {
    const before = (await readPlan(autopilot, name)).state
    const after = await failPlan(autopilot, name, mover)
    if (after.status === before.status) continue
    report.plansFailed.push(name)
    report.timersCleared += 1 // its soak, and the ticks that it waited for
  }
  return true
}

/** Those of a rollback are what the way back needs. */
async function cancelRuns({ context, mover, report }: StopTask): Promise<boolean> {
  for (const { id, status } of await listRuns(context.ledger, { active: true, limit: RUNS_MAX })) {
    if (isOfRollback(id)) {
      report.runsKept.push(id)
      continue
    }
    const cancelled = await cancelRun(context, { runId: id, ...mover }).catch(unlessEnded)
    if (cancelled === null || !isEnded(cancelled.status)) continue
    report.runsCancelled.push(id)
    if (status === 'running') report.timersCleared += 1 // the message of its next step
  }
  return true
}

export const RUNS_MAX = 10_000

/** It is what a way back needs. */
export function isOfRollback(runId: string): boolean {
  return runId.startsWith('rb-')
}

function unlessEnded(error: unknown): null {
  if (error instanceof CutoverError && error.code === 'conflict') return null
  throw error
}
