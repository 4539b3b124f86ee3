/**
 * A place for whole text documents, each replaced as one, under a condition.
 *
 * Promises that every driver keeps (and `test/contract/documents.ts` checks):
 * - A read is linearizable: it answers the text of the last `put` that succeeded before it, never an older one,
 *   whichever process wrote it. Caches between us and the store are bypassed.
 * - `put` is a compare-and-swap: it succeeds only if the document's ETag is still the given one (`null`: the document
 *   is still absent). Of several concurrent puts with the same condition exactly one succeeds.
 * - A put that is refused has changed nothing and never will.
 * - A put is atomic: readers, and the next process after a crash, see the old text or the new one, never a mixture.
 * - `null` means that the store is certain that the document is absent. A store that cannot answer throws
 *   `CutoverError('unavailable')`; after a throw from `put` the outcome is not known.
 * - ETags are never used again for another text of the same document.
 */
export interface DocumentStore {
  /** A name for logs and errors, such as `files:./data` or `blob`. Holds no secret. */
  readonly label: string
  /**
   * Reads a document. With `knownEtag` equal to the current one, answers `'unchanged'` without the text.
   * `name` is a relative path such as `projects.json`, of `[A-Za-z0-9._-]` segments joined by `/`.
   */
  get(name: string, knownEtag?: string): Promise<StoredDocument | 'unchanged' | null>
  /** Replaces the document if its ETag is still `ifMatch`; with `ifMatch: null`, creates it if it is absent. */
  put(
    name: string,
    text: string,
    condition: { ifMatch: string | null },
  ): Promise<{ kind: 'stored'; etag: string } | { kind: 'conflict' }>
  /** Removes the document if its ETag is still `ifMatch`. Removing an absent document is a conflict. */
  remove(name: string, condition: { ifMatch: string }): Promise<{ kind: 'removed' } | { kind: 'conflict' }>
  /** Names that begin with `prefix`, in name order. */
  list(prefix: string): Promise<string[]>
}

export interface StoredDocument {
  etag: string
  text: string
}
