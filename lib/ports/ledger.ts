import type { Json } from '../core/json.js'

/**
 * Where the control plane keeps its state: runs, plans, dead letters (documents with revisions) and the audit trail
 * (append-only streams).
 *
 * - `commit` is atomic: all of its changes and entries happen, in one access, or none. It is refused if any document
 *   is not at the revision given; of several commits from one revision exactly one succeeds. Hence a worker that has
 *   lost its lease cannot commit: somebody else's commit has moved the revision on.
 * - Revisions of a document grow and are never used again, not even after it was deleted and made anew.
 * - Entries of a stream are kept in the order of their commits, each under a position that only grows.
 * - `null` means certainly absent. A ledger that cannot answer throws `CutoverError('unavailable')`, and then a commit
 *   may have happened; its caller reads again before it goes on.
 */
export interface Ledger {
  readonly label: string
  read(key: string): Promise<Revised | null>
  commit(changes: readonly Change[], entries?: readonly Entry[]): Promise<CommitAnswer>
  /** Documents whose key begins with `prefix`, in key order, with keys above `after`, at most `limit` (<= 200). */
  list(
    prefix: string,
    after: string | null,
    limit: number,
  ): Promise<{ items: (Revised & { key: string })[]; end: boolean }>
  /**
   * Several reads in one access, hence as they were at one moment, answered in the order of asking; at most `LOOKS_MAX`.
   * `null`: it did not fit into the answer, or cannot be read, and has to be asked alone. A ledger may lack this.
   */
  look?(asked: readonly Look[]): Promise<(Looked | null)[]>
  /** Entries of a stream: oldest first above `after`, or newest first below `before`; at most `limit` (<= 500). */
  entries(
    stream: string,
    range: { after?: string | null; limit: number } | { before?: string | null; newestFirst: true; limit: number },
  ): Promise<{ items: { position: string; value: Json }[]; end: boolean }>
  /**
   * The position of the latest commit: entries up to it are all there to be read, in every stream, and those of later
   * commits are above it. It costs the same however much the ledger holds.
   */
  head(): Promise<string>
  /** Removes the entries of a stream up to a position, that one included. */
  trim(stream: string, upTo: string): Promise<void>
  /** Removes everything that this ledger has written. Only the clean-up after the last day calls it. */
  destroy(): Promise<void>
}

export interface Revised {
  revision: number
  value: Json
}

/** One of several reads: a document, a page as `list` answers it, or the newest entry of a stream. */
export type Look =
  | { kind: 'read'; key: string }
  | { kind: 'list'; prefix: string; after: string | null; limit: number }
  | { kind: 'newest'; stream: string }

export type Looked =
  | { kind: 'read'; held: Revised | null }
  | { kind: 'list'; page: Awaited<ReturnType<Ledger['list']>> }
  | { kind: 'newest'; page: Awaited<ReturnType<Ledger['entries']>> }

/** What one `look` takes. */
export const LOOKS_MAX = 200

export interface Change {
  /** `[a-z0-9-]` segments joined by `/`, such as `run/5f…`; the last segment may hold any visible characters. */
  key: string
  /** `null`: the document must be absent. */
  ifRevision: number | null
  /** `undefined` deletes. */
  value: Json | undefined
}

export interface Entry {
  stream: string
  value: Json
  /** Older entries beyond this many may be dropped. Absent: all are kept. */
  keep?: number
}

export type CommitAnswer = { kind: 'committed'; revisions: number[] } | { kind: 'conflict'; key: string }
