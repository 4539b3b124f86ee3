import { CutoverError } from '../../core/error.js'
import { slotsWhere } from '../../core/fence.js'
import type { Json } from '../../core/json.js'
import type { Evidence, Health } from '../../core/plan/evidence.js'
import type { RunStatus } from '../../core/plan/state.js'
import type { Forbidden } from '../../core/rollback/forbidden.js'
import type { Run } from '../../core/run.js'
import { SLOTS } from '../../core/slot.js'
import { isStrict } from '../../core/stage.js'
import { mayRollBackByItself } from '../../core/switches.js'
import { alertsAgainst } from '../alerts/list.js'
import { AUDIT_STREAM } from '../audit.js'
import { refuseGivingUp } from '../checkpoints/giving-up.js'
import { collectionOf, type EngineContext } from '../context.js'
import { exportCollection } from '../finish/export.js'
import { trafficSince } from '../metrics/traffic.js'
import { listDeadLetters } from '../runs/dead-letters.js'
import { startRun } from '../runs/start.js'
import { listRuns, readRun } from '../runs/store.js'
import { sideBySide } from '../side-by-side.js'
import { type MoveResult, type Mover, moveStage, pairsOf } from '../stages/move.js'
import { collectionStatus } from '../status.js'
import { whatForbids } from '../switches/guard.js'
import type { Asked, Autopilot, AutopilotActions, PlannedMove } from './actions.js'
import { heldBecause } from './held.js'
import { monitored } from './monitored.js'
import { operationsOf, rollOutComponent, rolloutOf, switchedComponent } from './of-component.js'

export interface AutopilotParts {
  context: EngineContext
  autoRollback?: boolean
  /** Quiet time of the clean-up, in milliseconds. */
  quietMs?: number
}

/** The autopilot over the real stores: what its plans do and ask is what operators do and ask. */
export function autopilotOf(parts: AutopilotParts): Autopilot {
  const { ledger, clock } = parts.context
  const autoRollback = (parts.autoRollback ?? true) && mayRollBackByItself(parts.context.switches)
  return { ledger, clock, actions: actionsOn(parts), autoRollback }
}

function actionsOn({ context, quietMs }: AutopilotParts): AutopilotActions {
  return {
    move: (name, move, mover) => moveIfLet(context, name, move, mover),
    rollOut: (component, percent, mover) => rollOutComponent(context, component, percent, mover),
    async startRun(kind, collection, key) {
      const reason = 'a step of the plan'
      const input = kind === 'zero-loss' ? { zeroLoss: true } : {}
      const of = kind === 'backfill' ? ('backfill' as const) : ('validate' as const)
      return { runId: (await startRun(context, { id: key, kind: of, collection, input, by: 'autopilot', reason })).id }
    },
    async run(runId) {
      try {
        const { run } = await readRun(context.ledger, runId)
        return { status: PLAN_STATUS[run.status] }
      } catch (error) {
        if (error instanceof CutoverError && error.code === 'not-found') return null
        throw error
      }
    },
    evidence: (component, since, asked) =>
      context.collections.some(({ name }) => name === component)
        ? ofCollection(context, component, since, asked)
        : ofComponent(context, component, since, asked),
    holds: (plan) => heldBecause(context, plan),
    async cleanUp(collection, key) {
      const input = quietMs === undefined ? {} : { quietMs }
      const reason = 'a step of the plan'
      const run = await startRun(context, { id: key, kind: 'clean-up', collection, input, by: 'autopilot', reason })
      return { runId: run.id }
    },
    async exportDocuments(collection) {
      await exportCollection(context.dataPlane, context.documents, {
        collection,
        name: `exports/${collection}.json`,
        documents: 1,
        shape: (await collectionOf(context, collection).source.shape?.()) ?? 'map',
      })
    },
    audit: ({ action, plan, collection, by, at, before, after, reason, verdicts, evidence }) => ({
      stream: AUDIT_STREAM,
      value: { at, by, action, collection, reason, before, after, plan, verdicts, evidence } satisfies {
        [name: string]: Json
      },
    }),
  }
}

/** Down always; up unless the environment, an emergency stop, a rollback or a proof that is missing stands against it. */
async function moveIfLet(context: EngineContext, name: string, move: PlannedMove, mover: Mover): Promise<MoveResult> {
  const forbidden = move.direction === 'up' ? await againstIt(context, name, move, mover) : null
  if (forbidden === null) return moveStage(collectionOf(context, name), move, mover, context)
  const { stage } = await collectionStatus(context, name)
  return { kind: 'refused', ...forbidden, from: stage, to: move.to }
}

async function againstIt(
  context: EngineContext,
  name: string,
  { to }: PlannedMove,
  mover: Mover,
): Promise<Forbidden | null> {
  const forbidden = await whatForbids(context, name, to)
  if (forbidden !== null || to !== 'complete') return forbidden
  const unproved = await refuseGivingUp(context, { collection: name, action: 'advance-stage' }, mover)
  if (unproved === null) return null
  // Somebody has taken the risk by hand: nothing is left to be given up.
  const { stage, rolloutPercent } = await collectionStatus(context, name)
  return stage === 'complete' && rolloutPercent === 100 ? null : unproved
}

const PLAN_STATUS: { [status in Run['status']]: RunStatus } = {
  running: 'running',
  paused: 'paused',
  succeeded: 'complete',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** What can be known now of a component that a flag switches. */
async function ofComponent(context: EngineContext, name: string, since: number, asked?: Asked): Promise<Evidence> {
  const takenAt = context.clock.now()
  const { flag } = await switchedComponent(context, name)
  const openAlerts = await alertsAgainst(context, name)
  return {
    ...NOTHING,
    takenAt,
    operations: await operationsOf(context, name, since),
    openAlerts,
    rollout: await rolloutOf(context, flag),
    ...(await monitored(context, name, since, asked)),
  }
}

const NOTHING = {
  stores: null,
  flags: null,
  backfill: null,
  validation: null,
  comparisons: null,
  deadLetters: null,
  zeroLoss: null,
} satisfies Partial<Evidence>

/** What can be known now; what cannot is `null`, and no condition passes on that. */
async function ofCollection(context: EngineContext, name: string, since: number, asked?: Asked): Promise<Evidence> {
  const { clock, ledger } = context
  const collection = collectionOf(context, name)
  const takenAt = clock.now()
  const status = await collectionStatus(context, name)
  const fences = await sideBySide(pairsOf(collection), async ([source]) => (await source.control()).fence)
  const count = (test: Parameters<typeof slotsWhere>[1]): number =>
    fences.reduce((sum, fence) => sum + slotsWhere(fence, test), 0)
  const runs = (await listRuns(ledger, { collection: name, active: false, limit: 200 })).filter(
    // Clocks of two instances differ: the step's own run is known by its id.
    (run) => run.createdAt >= since || run.id === asked?.ownRun,
  )
  const traffic = await trafficSince(context.metrics, name, since, takenAt)
  const letters = await listDeadLetters(context, name, null, 200)
  const openAlerts = await alertsAgainst(context, name)
  return {
    takenAt,
    stores: { source: healthOf(status.source.reachable), target: healthOf(status.target.reachable) },
    flags: {
      slots: fences.length * SLOTS,
      strict: count(({ stage }) => isStrict(stage)),
      full: count(({ stage, fullSource, fullTarget }) => isStrict(stage) && fullSource && fullTarget),
    },
    backfill: backfillEvidence(runs),
    validation: validationEvidence(runs),
    comparisons:
      traffic === null ? null : { samples: traffic.matched + traffic.mismatched, mismatches: traffic.mismatched },
    operations: traffic === null ? null : { count: traffic.reads + traffic.writes, failed: traffic.failed },
    deadLetters: letters.items.length,
    openAlerts,
    zeroLoss: zeroLossEvidence(runs),
    ...(await monitored(context, name, since, asked)),
  }
}

function healthOf(reachable: boolean): Health {
  return reachable ? 'healthy' : 'unhealthy'
}

/** Of runs that are newest first: the latest complete one, or else the latest. */
function chosen(runs: readonly Run[], test: (run: Run) => boolean): Run | null {
  const fitting = runs.filter(test)
  return fitting.find(({ status }) => status === 'succeeded' || status === 'failed') ?? fitting[0] ?? null
}

function backfillEvidence(runs: readonly Run[]): Evidence['backfill'] {
  const run = chosen(runs, ({ kind }) => kind === 'backfill')
  if (run === null) return null
  return {
    runId: run.id,
    startedAt: run.createdAt,
    complete: run.status === 'succeeded',
    deadLetters: run.counters.deadLetters ?? 0,
  }
}

function validationEvidence(runs: readonly Run[]): Evidence['validation'] {
  const run = chosen(runs, ({ kind }) => kind === 'validate')
  if (run === null) return null
  const { compared = 0, mismatched = 0, repaired = 0, inconclusive = 0 } = run.counters
  const mismatches = Math.max(0, mismatched - repaired)
  // A run that failed for another reason has not shown that the stores agree.
  const complete = run.status === 'succeeded' || (run.status === 'failed' && mismatches > 0)
  // What could not be judged is no evidence.
  return { runId: run.id, startedAt: run.createdAt, complete, compared: compared - inconclusive, mismatches }
}

function zeroLossEvidence(runs: readonly Run[]): Evidence['zeroLoss'] {
  const run = chosen(runs, ({ kind, input }) => kind === 'validate' && input.zeroLoss === true)
  if (run === null) return null
  const { uncovered = 0, setBacks = 0 } = run.counters
  const lost = run.status === 'failed' && uncovered + setBacks > 0
  const outcome = run.status === 'succeeded' ? 'passed' : lost ? 'failed' : 'inconclusive'
  return { runId: run.id, startedAt: run.createdAt, outcome, checked: run.counters.compared ?? 0 }
}
