import { type Stage, stageIndex } from '../stage.js'
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
  const looked = sum(reconciled(partitions), inUse ? beaten(partitions) : NOTHING_USED)
  const holds = times(partitions, sum(FENCE_READ, DOCUMENT_READ))
  const missed = sum(ledgerRead(20), times(2 * partitions, DOCUMENT_READ))
  return sum(probed, looked, holds, missed)
}

/** The heartbeat: both counters are compared, then lifted. */
function beaten(partitions: number): Usage {
  return times(partitions, sum(FENCE_READ, BEAT, BEAT, DOCUMENT_READ, DOCUMENT_WRITE))
}

/** What a tick asks once: runs that have stalled, and which plans there are (`plans`: bytes of theirs). */
export function tickUsage(runs: number, partitions: number, plans: number): Usage {
  const pages = Math.max(1, Math.ceil(runs / RUNS_A_PAGE))
  return sum(times(pages, ledgerRead(0)), ledgerRead(plans), {
    ...NOTHING_USED,
    bytesOut: runs * runBytes(partitions),
  })
}

const RUNS_A_PAGE = 100

/** What the autopilot asks of one collection to weigh a step. */
export function evidenceUsage(partitions: number, seen: Seen): Usage {
  const status = times(partitions, sum(FENCE_READ, ONE_COUNT, times(3, DOCUMENT_READ)))
  const latest = (found: boolean): Usage => times(found ? 2 : 1, ledgerRead(runBytes(partitions)))
  const runs = sum(latest(seen.backfill), latest(seen.backfill), latest(seen.validation))
  // A script that reads the buckets since the step began; beyond what is kept fine, one for the coarse ones too.
  const traffic = times(seen.days > FINE_DAYS ? 2 : 1, ledgerRead(METRICS_BYTES))
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

/** One weighing of a plan: its state is read, and committed with the verdicts. */
export function weighingUsage(planBytes: number): Usage {
  return sum(ledgerRead(planBytes), ledgerCommit(planBytes))
}

/** One action of a plan: its state is read, the action claimed, and its outcome recorded; the action itself aside. */
export function actingUsage(planBytes: number): Usage {
  return sum(ledgerRead(planBytes), ledgerCommit(planBytes), ledgerCommit(planBytes + ENTRY_BYTES))
}

/** The watch enters stage changes of the autopilot into the audit trail: once for each. */
export const MISSED_ENTERED: Usage = ledgerCommit(ENTRY_BYTES)

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
