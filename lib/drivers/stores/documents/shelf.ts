/**
 * Parsed documents of a process, kept for the next access to them, with one limit for all.
 *
 * It is not a cache that answers: what lies here was read or written at some moment, and is used only as the base of a
 * compare-and-swap, or when the store has just said that the document is unchanged. So anything may be taken away at
 * any time; it is read and parsed again. Whoever is using a document has it in hand and does not lose it.
 *
 * Without the limit a pass over a collection would end up holding all of it. The document used longest ago goes first,
 * so one that is hot in the data plane stays.
 */
export interface Shelf {
  /** A place for one document. */
  place<T>(): Place<T>
}

interface Place<T> {
  /** What was put here last, if it is still there. */
  get(): T | null
  /** `chars`: the length of the document's text. */
  put(document: T, chars: number): void
  clear(): void
}

/**
 * Characters of text of all documents kept. Parsed, they take about twice as many bytes, up to five times with small
 * records: 4 Mi are 8 to 20 MB, which the smallest function has, and a dozen documents of a thousand records.
 */
const SHELF_CHARS_MAX = 4 * 2 ** 20
/**
 * As many stay however large they are: those that a run passes side by side are asked for page by page, and reading
 * one again for each page would cost more than the rest of the run.
 */
const SHELF_DOCUMENTS_MIN = 4

export function openShelf(charsMax = SHELF_CHARS_MAX, documentsMin = SHELF_DOCUMENTS_MIN): Shelf {
  /** Used longest ago first. */
  const kept = new Map<object, { document: unknown; chars: number }>()
  let chars = 0
  const remove = (place: object): void => {
    chars -= kept.get(place)?.chars ?? 0
    kept.delete(place)
  }
  const keep = (place: object, entry: { document: unknown; chars: number }): void => {
    remove(place)
    kept.set(place, entry)
    chars += entry.chars
    for (const oldest of kept.keys()) {
      if (chars <= charsMax || kept.size <= documentsMin) return
      remove(oldest)
    }
  }
  return {
    place<T>(): Place<T> {
      const place: Place<T> = {
        get() {
          const entry = kept.get(place)
          if (entry === undefined) return null
          keep(place, entry)
          return entry.document as T
        },
        put: (document, length) => keep(place, { document, chars: length }),
        clear: () => remove(place),
      }
      return place
    },
  }
}
