/**
 * Batch sizes that follow the stores: small at first, doubled while a batch is quick and light, halved when it is slow
 * or was throttled, and never more than fits in the byte limit.
 */
export const BATCH_START = 20
export const BATCH_MAX = 500
/** Partitions that a back-fill with the stores to itself passes side by side. */
export const LANES_MAX = 4
export const BATCH_BYTES_MAX = 1_000_000
/**
 * A batch quicker than `QUICK_MS` may grow; one slower than `SLOW_MS` shrinks. Both are well above what a batch costs
 * however few records it has (a look at every document, a mark for each, a commit): below that, a collection in many
 * documents would be stuck with small batches, and shrinking would only make them more.
 */
export const QUICK_MS = 800
export const SLOW_MS = 4_000

export interface BatchSeen {
  records: number
  bytes: number
  ms: number
  throttled: boolean
}

export function nextBatchSize(size: number, seen: BatchSeen): number {
  const grown = seen.throttled || seen.ms > SLOW_MS ? Math.floor(size / 2) : seen.ms < QUICK_MS ? size * 2 : size
  const perRecord = seen.records === 0 ? 0 : seen.bytes / seen.records
  const fitting = perRecord === 0 ? BATCH_MAX : Math.floor(BATCH_BYTES_MAX / perRecord)
  return Math.max(1, Math.min(grown, fitting, BATCH_MAX))
}
