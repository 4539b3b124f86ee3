import type { JsonObject } from './json.js'

/** What a store holds under one id: a value, or a tombstone, which is a copy like any other. */
export interface Copy {
  /** See `version.ts`. Never 0 in a copy that is held. */
  version: number
  /** The operation that made this copy; see `operation.ts`. `''` for records older than cutover. */
  op: string
  /** `null` is a tombstone: the record was deleted by `op`. */
  value: JsonObject | null
}

/** A copy at the target. `open` means that the source may lack it. */
export interface TargetCopy extends Copy {
  open: boolean
}

/** The value a reader sees: a tombstone reads as absent. */
export function visibleValue(copy: Copy | null): JsonObject | null {
  return copy === null ? null : copy.value
}

export function versionOf(copy: Copy | null): number {
  return copy === null ? 0 : copy.version
}
