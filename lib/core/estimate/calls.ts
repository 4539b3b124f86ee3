import { sum, times, type Usage, used } from './usage.js'

/**
 * What one call of a port costs, as the drivers for Redis carry it out, and the few sequences of calls that many parts
 * of the engine make. The parts themselves are in `runs.ts`, `stages.ts` and `watching.ts`; a test counts each of them
 * at the gateway and names the one that has moved.
 *
 * Bytes of control documents are round figures of what they come to as JSON strings within JSON; those of records are
 * reckoned from the records.
 */
const FENCE_BYTES = 220
const PLAIN_COMMAND_BYTES = 40
const SCRIPT_BYTES = 90
const ANSWER_BYTES = 16

/** One GET of the fence. */
export const FENCE_READ: Usage = used({ reads: 1, bytesIn: PLAIN_COMMAND_BYTES, bytesOut: ANSWER_BYTES + FENCE_BYTES })
/** One script with a fence in it: raise, amend. */
export const FENCE_WRITE: Usage = used({
  writes: 1,
  bytesIn: SCRIPT_BYTES + FENCE_BYTES,
  bytesOut: ANSWER_BYTES + FENCE_BYTES,
})
/** One script on the heartbeat counter, whether it lifts it or only looks. */
export const BEAT: Usage = used({ writes: 1, bytesIn: SCRIPT_BYTES, bytesOut: ANSWER_BYTES })
/** The source's document read: conditionally, so that its text only comes if it has changed. */
export const DOCUMENT_READ: Usage = used({ documentReads: 1 })
export const DOCUMENT_WRITE: Usage = used({ documentWrites: 1 })

/** The ledger's calls are scripts, reads too: a replica may lag behind. */
export function ledgerRead(bytes: number): Usage {
  return used({ writes: 1, bytesIn: SCRIPT_BYTES + PLAIN_COMMAND_BYTES, bytesOut: ANSWER_BYTES + bytes })
}

export function ledgerCommit(bytes: number): Usage {
  return used({ writes: 1, bytesIn: 3 * SCRIPT_BYTES + bytes, bytesOut: ANSWER_BYTES })
}

/** `reconcile` of every partition: both fences are looked at, and what was decided has been carried out. */
export function reconciled(partitions: number): Usage {
  return times(partitions, sum(FENCE_READ, DOCUMENT_READ))
}

/** An entry of the audit trail or of a plan, and a small document beside it. */
export const ENTRY_BYTES = 350

/** A run's document: with a mark and the covered slots for each partition. */
export function runBytes(partitions: number): number {
  return RUN_BYTES + partitions * RUN_PARTITION_BYTES
}

const RUN_BYTES = 720
const RUN_PARTITION_BYTES = 60

/**
 * A script's text is sent when the database does not have it: once for each script in the life of the database, with
 * one more command than afterwards.
 */
export const SCRIPT_FIRST_USE: Usage = used({ writes: 1, bytesIn: 1_500 })
