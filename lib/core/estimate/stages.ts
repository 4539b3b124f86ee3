import { readsTarget, type Stage } from '../stage.js'
import {
  BEAT,
  DOCUMENT_READ,
  DOCUMENT_WRITE,
  ENTRY_BYTES,
  FENCE_WRITE,
  ledgerCommit,
  ledgerRead,
  reconciled,
} from './calls.js'
import { NOTHING_USED, sum, times, type Usage } from './usage.js'

/**
 * One move of a collection, by one step: what forbids it, how both stores stand, the heartbeat where the target is about to be trusted,
 * the decision in each document, and the raise at the other store.
 */
export function moveUsage(partitions: number, to: Stage): Usage {
  return sum(
    GUARDED,
    reconciled(partitions),
    readsTarget(to) ? times(partitions, BEAT) : NOTHING_USED,
    times(partitions, sum(DOCUMENT_WRITE, FENCE_WRITE)),
    to === 'complete' ? givingUpUsage(partitions) : NOTHING_USED,
  )
}

/**
 * What is asked before anything goes up (`lib/engine/switches/guard.ts`): an emergency stop, a rollback that is under way,
 * and what was decided of either while the ledger was away.
 */
export const GUARDED: Usage = sum(ledgerRead(20), ledgerRead(20), DOCUMENT_READ)

/** Before the source is given up: the latest zero-loss check, and whether it covers what each document knows. */
export function givingUpUsage(partitions: number): Usage {
  return sum(ledgerRead(PROOF_BYTES), times(partitions, DOCUMENT_READ))
}

const PROOF_BYTES = 900

/** The same by an operator's call: the audit trail is asked what it knows, and told. */
export function walkUsage(partitions: number, to: Stage): Usage {
  const asked = sum(ledgerRead(20), times(2 * partitions, DOCUMENT_READ))
  const kept = to === 'dualwrite' ? estimateKept(1, partitions) : NOTHING_USED
  return sum(asked, moveUsage(partitions, to), ledgerRead(20), ledgerCommit(ENTRY_BYTES), kept)
}

/**
 * With the first step what all of it is to cost is kept: what was kept before, what the sources hold, the rate and the
 * traffic of each collection, what was metered by then.
 */
export function estimateKept(collections: number, partitions: number): Usage {
  // A day of traffic lies in buckets of two kinds.
  const each = sum(ledgerRead(20), times(2, ledgerRead(200)), times(partitions, DOCUMENT_READ))
  return sum(ledgerRead(20), times(collections, each), ledgerRead(500), ledgerCommit(500))
}

/** The records as documents, read through the data plane: the target is listed where it answers reads. */
export function exportUsage(copies: number, partitions: number, wireBytes: number): Usage {
  const pages = Math.floor(copies / EXPORT_PAGE) + 1
  const page = { ...NOTHING_USED, reads: LISTED_READS, bytesIn: 200, bytesOut: 100 }
  const listed = times(pages, page)
  return sum(
    listed,
    { ...NOTHING_USED, bytesIn: copies * 60, bytesOut: wireBytes, documentReads: partitions },
    {
      ...DOCUMENT_WRITE,
      documentReads: 1,
    },
  )
}

/** Records of one page of the export. */
const EXPORT_PAGE = 200
/** Two listings and one look at fences, values and metas. */
const LISTED_READS = 3
