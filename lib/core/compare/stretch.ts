/** The ids above `after` (`null`: from the first) up to `until`, itself among them (`null`: to the last). */
export interface Stretch {
  after: string | null
  until: string | null
}

/** What the target answers of one stretch. */
export interface Compared extends Stretch {
  /** Copies that were given for it. */
  records: number
  /** It holds exactly these, and nothing else. `false` may also mean that it could not tell. */
  same: boolean
}

/** Records of one stretch that are compared together: when one of them differs, so many are read. */
export const STRETCH_RECORDS_MAX = 128

/** Characters, after which a stretch takes no further record. */
export const STRETCH_CHARS_MAX = 64_000

export interface Piece<T> extends Stretch {
  items: T[]
}

/**
 * Cuts a stretch into consecutive ones, each with its share of the items, which are in id order. Together they are the
 * whole stretch: what the target holds beyond the items lies in one of them.
 */
export function* piecesOf<T extends { id: string }>(
  stretch: Stretch,
  items: Iterable<T>,
  charsOf: (item: T) => number,
): Generator<Piece<T>> {
  let { after } = stretch
  let held: T[] = []
  let chars = 0
  for (const item of items) {
    const more = charsOf(item)
    const last = held.at(-1)?.id
    if (last !== undefined && (held.length === STRETCH_RECORDS_MAX || chars + more > STRETCH_CHARS_MAX)) {
      yield { after, until: last, items: held }
      after = last
      held = []
      chars = 0
    }
    held.push(item)
    chars += more
  }
  yield { after, until: stretch.until, items: held }
}
