import type { Difference } from '../../core/compare/diff.js'
import type { MismatchReason } from '../../core/compare/verdict.js'
import type { Json } from '../../core/json.js'
import type { Stage } from '../../core/stage.js'
import type { Ledger } from '../../ports/ledger.js'

/** A difference between the stores that a validation found, as it is kept: bounded, and redacted as the run asked. */
export interface Mismatch {
  runId: string
  collection: string
  id: string
  reason: MismatchReason
  stage: Stage
  /** 0: no copy and no tombstone. */
  sourceVersion: number
  targetVersion: number
  differences: Difference[]
  /** There are more differences than are listed. */
  more: boolean
  /** The run has brought both copies together since. */
  repaired: boolean
  /** Wall-clock milliseconds. */
  at: number
}

/**
 * Keeps a mismatch under its run and id. A batch that is worked twice finds its own document and replaces it, so a
 * mismatch is kept once; what the first working found and the second did not stays, as it was true when it was found.
 */
export async function keepMismatch(ledger: Ledger, mismatch: Mismatch): Promise<void> {
  const key = mismatchKey(mismatch.runId, mismatch.id)
  const value = mismatch as unknown as Json
  const answer = await ledger.commit([{ key, ifRevision: null, value }])
  if (answer.kind === 'committed') return
  const held = await ledger.read(key)
  // Refused again: another worker of the same batch has just kept it.
  if (held !== null) await ledger.commit([{ key, ifRevision: held.revision, value }])
}

/** Mismatches kept by a run, in id order, with ids above `after`; at most `limit` (<= 200). */
export async function keptMismatches(
  ledger: Ledger,
  runId: string,
  after: string | null,
  limit: number,
): Promise<{ items: Mismatch[]; end: boolean }> {
  const from = after === null ? null : mismatchKey(runId, after)
  const { items, end } = await ledger.list(mismatchKey(runId, ''), from, limit)
  return { items: items.map(({ value }) => value as unknown as Mismatch), end }
}

export function mismatchKey(runId: string, id: string): string {
  return `mismatch/${runId}/${id}`
}
