import { type Stage, stageIndex } from '../stage.js'
import { STATE_KINDS } from '../state/kinds.js'
import {
  BEAT,
  DOCUMENT_READ,
  DOCUMENT_WRITE,
  ENTRY_BYTES,
  FENCE_READ,
  ledgerCommit,
  ledgerRead,
  reconciled,
  runBytes,
} from './calls.js'
import { NOTHING_USED, sum, times, type Usage } from './usage.js'

/** One look of the watch at a collection, when all is well. */
export function watchUsage(partitions: number, stage: Stage, cleanedUp = false): Usage {
  const probed = times(partitions, sum(FENCE_READ, times(2, DOCUMENT_READ)))
  if (cleanedUp) return probed
  const inUse = stageIndex(stage) >= stageIndex('shadow')
  // Holds, decisions that the trail has missed and what follows a recovery go by what was seen here.
  return sum(probed, reconciled(partitions), inUse ? beaten(partitions) : NOTHING_USED)
}

/** The heartbeat: both counters are compared, then lifted. */
function beaten(partitions: number): Usage {
  return times(partitions, sum(FENCE_READ, BEAT, BEAT, DOCUMENT_READ, DOCUMENT_WRITE))
}

/**
 * What a tick asks once: everything that it asks of the ledger in one look (`lib/engine/foreseen.ts`; `plans`: bytes of
 * theirs), further pages of runs, what was measured, for the rules, and beside the documents whether anything was decided
 * while the ledger was away, and whether instances leave the target alone.
 */
export function tickUsage({ runs, partitions, plans, collections }: Ticked): Usage {
  const pages = Math.max(0, Math.ceil(runs / RUNS_A_PAGE) - 1)
  const measured = collections > MEASURED_TOGETHER ? collections : 1
  return sum(
    ledgerRead(LOOK_BYTES + plans),
    times(pages, ledgerRead(0)),
    times(measured, ledgerRead(0)),
    times(2, DOCUMENT_READ),
    { ...NOTHING_USED, bytesIn: LOOK_BYTES, bytesOut: runs * runBytes(partitions) },
  )
}

export interface Ticked {
  runs: number
  partitions: number
  plans: number
  /** All of the deployment. */
  collections: number
}

const RUNS_A_PAGE = 100
/** The questions of a look, and the small documents among its answers. */
const LOOK_BYTES = 1_200
/** As `TOGETHER_MAX` of `lib/engine/monitor/weigh-rules.ts`. */
const MEASURED_TOGETHER = 8

/** Where the rules stand, of one collection that is in use: kept at every tick. */
export const RULES_WEIGHED: Usage = sum(ledgerCommit(2_500), { ...NOTHING_USED, bytesOut: 10_000 })

/**
 * What is dropped once an hour (`lib/engine/state/retention.ts`): that it is done, a page of each kind of entries,
 * recorded requests, comparisons, and rollbacks that are over.
 */
export const HOURLY: Usage = sum(ledgerCommit(40), times(STATE_KINDS.length + 3, ledgerRead(20)))

/** Alerts are raised of what the audit trail has told since the tick before: it is read, and how far is kept. */
export const TRAIL_FOLLOWED: Usage = sum(ledgerRead(2 * ENTRY_BYTES), ledgerCommit(40))

/** What the autopilot asks of one collection to weigh a step. */
export function evidenceUsage(partitions: number, seen: Seen): Usage {
  const status = times(partitions, sum(FENCE_READ, ONE_COUNT, times(3, DOCUMENT_READ)))
  const latest = (found: boolean): Usage => times(found ? 2 : 1, ledgerRead(runBytes(partitions)))
  const runs = sum(latest(seen.backfill), latest(seen.backfill), latest(seen.validation))
  // A script that reads the buckets since the step began; beyond what is kept fine, one for the coarse ones too.
  const traffic = times(seen.days > FINE_DAYS ? 2 : 1, ledgerRead(METRICS_BYTES))
  // Runs since the step began, dead letters, alerts against it.
  const lists = sum(ledgerRead(runBytes(partitions)), ledgerRead(20), ledgerRead(20))
  return sum(status, times(2, ONE_COUNT), runs, traffic, lists)
}

export interface Seen {
  backfill: boolean
  validation: boolean
  /** Since the step began. */
  days: number
}

/** Buckets of ten seconds are kept for two hours. */
const FINE_DAYS = 2 / 24
/** Of one collection: three series of a thousand bytes in some buckets. */
const METRICS_BYTES = 10_000
const ONE_COUNT: Usage = { ...NOTHING_USED, reads: 1, bytesIn: 40, bytesOut: 16 }

/** One weighing of a plan: its state is read, whether everything is stopped, and it is committed with the verdicts. */
export function weighingUsage(planBytes: number): Usage {
  return sum(ledgerRead(planBytes), ledgerRead(20), ledgerCommit(planBytes))
}

/** One action of a plan: its state is read, the action claimed, and its outcome recorded; the action itself aside. */
export function actingUsage(planBytes: number): Usage {
  return sum(ledgerRead(planBytes), ledgerCommit(planBytes), ledgerCommit(planBytes + ENTRY_BYTES))
}

/**
 * The watch enters stage changes of the autopilot into the audit trail: once for each. What the look has told of the
 * trail is out of date then, and its newest entry is asked for again.
 */
export const MISSED_ENTERED: Usage = sum(ledgerCommit(ENTRY_BYTES), ledgerRead(ENTRY_BYTES))

/** A plan is put into the ledger: it, and who holds its collections, looked at and committed. */
export function planStartUsage(): Usage {
  return sum(ledgerRead(20), ledgerRead(20), ledgerCommit(PLAN_BYTES + ENTRY_BYTES))
}

/** A plan's state when so many steps were left: its history grows by two decisions a step, with their evidence. */
export function planBytes(stepsLeft: number, collections: number): number {
  return PLAN_BYTES + Math.min(stepsLeft, HISTORY_STEPS) * STEP_BYTES * (1 + collections)
}

/** The default plan without a history, and what a decision adds, as JSON strings within JSON. */
const PLAN_BYTES = 3_000
const STEP_BYTES = 1_700
const HISTORY_STEPS = 25
