import { BATCH_START, nextBatchSize } from '../batch.js'

/**
 * The batches that a run over `copies` records will make, by the very rule that the run follows: sizes grow while
 * batches are quick, so that their number depends on the rate and on the size of a record. A batch never reaches from
 * one part into the next; a part without records takes one batch, which finds that out.
 */
export function batchesOf(copies: readonly number[], pace: Pace): number[][] {
  let size = BATCH_START
  return copies.map((count) => {
    const batches: number[] = []
    let left = count
    do {
      const records = Math.min(size, left)
      batches.push(records)
      left -= records
      const ms = (records * 1000) / pace.recordsPerSecond
      size = nextBatchSize(size, { records, bytes: records * pace.bytesPerRecord, ms, throttled: false })
    } while (left > 0)
    return batches
  })
}

export interface Pace {
  recordsPerSecond: number
  bytesPerRecord: number
}

/** Where no back-fill has told: what a database in the functions' own region bears easily. */
export const ASSUMED_PER_SECOND = 1_000
