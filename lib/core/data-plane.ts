import type { JsonObject } from './json.js'
import type { Operation } from './operation.js'
import type { Session } from './session.js'
import type { Stage } from './stage.js'

/**
 * What the surfaces (HTTP, MCP) ask of the engine for the application's own records.
 *
 * Failures are `CutoverError`s: `not-found` (unknown collection), `precondition-failed`, `idempotency-mismatch`,
 * `too-large`, `contended`, `unavailable` (nothing was done), `outcome-unknown` (a write may have happened, at most
 * once). The last three may carry `details.retryAfterSeconds`.
 */
export interface DataPlane {
  readonly collections: readonly string[]
  get(collection: string, id: string): Promise<ReadOutcome>
  /** Records with ids above `after`, in id order, at most `limit`. */
  list(collection: string, after: string | null, limit: number): Promise<ListOutcome>
  write(collection: string, id: string, operation: Operation, mutation: Mutation): Promise<WriteOutcome>
  /** A record that this instance has read before and the caller is content with; `null`: ask. Absent: nothing is kept. */
  recall?(collection: string, id: string, accepted: Accepted): Recalled | null
}

/** Where an answer came from; shown in the response headers. */
export interface Served {
  stage: Stage
  epoch: number
  servedBy: 'source' | 'target'
}

export type ReadOutcome =
  | (Served & { kind: 'found'; value: JsonObject; etag: string })
  /** `etag`: of the deletion, where the store knows of one. */
  | (Served & { kind: 'absent'; etag?: string })

/** What a caller says it is content with instead of the record as it is now. */
export interface Accepted {
  /** Nothing older than what this client has seen. */
  session?: Session
  /** Nothing that was read longer ago than this, in milliseconds. */
  ageMsMax?: number
}

/** An answer that was read before, so many milliseconds ago. */
export type Recalled = ReadOutcome & { ageMs: number }

export interface ListOutcome extends Served {
  items: { id: string; value: JsonObject; etag: string }[]
  /** Nothing follows the last item. */
  end: boolean
}

/**
 * - `put`: the whole value; without a condition it creates or replaces.
 * - `patch`: `change` computes the new value from the present one (called again if that has changed meanwhile; it may
 *   throw a `CutoverError` to refuse). An absent record is `not-found`.
 * - `delete`: an absent record is `not-found`.
 */
export type Mutation =
  | { kind: 'put'; value: JsonObject; condition?: Condition }
  | { kind: 'patch'; change: (current: JsonObject) => JsonObject; condition?: Condition }
  | { kind: 'delete'; condition?: Condition }

/** `if-match` with an ETag or `'*'` (present); `if-none-match` is `*` (absent). */
export type Condition = { kind: 'if-match'; etag: string } | { kind: 'if-none-match' }

export interface WriteOutcome extends Served {
  kind: 'written'
  /** ETag of the new version; of a deletion too. */
  etag: string
  /** `null` after a deletion, and when the answer repeats one that was given before. */
  value: JsonObject | null
  created: boolean
}
