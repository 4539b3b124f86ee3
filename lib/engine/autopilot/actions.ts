import type { Json } from '../../core/json.js'
import type { Evidence } from '../../core/plan/evidence.js'
import type { Condition, MigrationPlan, RunKind } from '../../core/plan/plan.js'
import type { PlanDecision, RunStatus } from '../../core/plan/state.js'
import type { Stage } from '../../core/stage.js'
import type { Clock } from '../../ports/clock.js'
import type { Entry, Ledger } from '../../ports/ledger.js'
import type { MoveResult, Mover } from '../stages/move.js'

/**
 * What a plan can do to the world, and what it can ask it.
 *
 * Every action may be asked for twice, after a crash between the action and its record: the second time it does
 * nothing and answers the same, or, for a move, refuses with `already-there`. An action that throws
 * `CutoverError` with `unavailable`, `conflict`, `contended` or `outcome-unknown` is asked for again at the next tick;
 * any other error fails the plan.
 */
export interface AutopilotActions {
  move(collection: string, move: PlannedMove, mover: Mover): Promise<MoveResult>
  /** Sends `percent` of a component's traffic through its path `new`; answers the shares before and after. */
  rollOut(component: string, percent: number, mover: Mover): Promise<{ before: number; after: number }>
  /** `key` names the run: asked for again with the same key, it answers the run that was started the first time. */
  startRun(kind: RunKind, collection: string, key: string): Promise<{ runId: string }>
  /** `null`: certainly no such run. */
  run(runId: string): Promise<{ status: RunStatus } | null>
  /**
   * What is known, with counts that begin at `since` (wall-clock ms). What is not known is `null`, never a guess.
   * `asked.ownRun`: the run that the step began counts, whatever another instance's clock said when it started it.
   */
  evidence(collection: string, since: number, asked?: Asked): Promise<Evidence>
  /**
   * Whether this plan may act at all now: not while an emergency stop stands, and not while its program does not go on.
   * `null`: it may; else why not. Throws when that is not known. Absent: nothing stops a plan but its own state.
   */
  holds?(plan: MigrationPlan): Promise<string | null>
  /** Answers the run that does it, if it takes one; the step is then done when the run is. `key` as for `startRun`. */
  cleanUp(collection: string, key: string): Promise<{ runId: string } | undefined>
  exportDocuments(collection: string): Promise<void>
  /** The entry of a decision in the audit trail; it is committed together with the decision. */
  audit(note: AuditNote): Entry
}

export interface Asked {
  ownRun?: string
  /** What the evidence is to be weighed for, and how much faster than planned time runs. */
  gate: readonly Condition[]
  timeScale: number
}

export interface PlannedMove {
  direction: 'up' | 'down'
  to: Stage
  /** Going up, the share of slots at `to` afterwards; going down, the share that stays above. */
  rolloutPercent: number
}

interface AuditNote {
  action: PlanDecision['kind']
  plan: string
  collection: string | null
  by: string
  /** Wall-clock milliseconds. */
  at: number
  before: Json
  after: Json
  reason: string
  verdicts: Json
  evidence: Json
}

/** What the autopilot runs on. */
export interface Autopilot {
  ledger: Ledger
  clock: Clock
  actions: AutopilotActions
  /** Off: a failing condition is shown and waits, whatever the step says. Default: on. */
  autoRollback?: boolean
  /**
   * How long an action may be under way before another tick takes over, in milliseconds. It must be longer than a
   * function may live. Default: 15 minutes.
   */
  claimMs?: number
}
