/** How much there is of a collection, as far as an estimate needs to know. Sums over all of its copies. */
export interface CollectionSizes {
  collection: string
  /** Records and tombstones of each partition. */
  copies: readonly number[]
  records: number
  /** UTF-8 bytes of the ids. */
  idBytes: number
  /** UTF-8 bytes of the records as JSON texts. */
  valueBytes: number
  /** UTF-8 bytes of those texts as JSON strings, quotes included: what they are on the way to Redis and back. */
  wireBytes: number
}

export function copiesOf({ copies }: Pick<CollectionSizes, 'copies'>): number {
  return copies.reduce((total, count) => total + count, 0)
}

/**
 * Bytes of application data and of what cutover keeps beside it, without what a database adds to each key for its own
 * purposes: vendors bill the data, and do not say what they add.
 */
export interface Storage {
  /** Values and the listing: what stays after the clean-up. */
  application: number
  /** Versions of all copies: while the migration lasts. */
  versions: number
  /** Operations remembered: as long as a late duplicate may come. */
  operations: number
}

export function storageOf(sizes: CollectionSizes, writesPerDay: number): Storage {
  const { collection, records, idBytes, valueBytes } = sizes
  const copies = copiesOf(sizes)
  const name = collection.length
  return {
    application: valueBytes + 2 * idBytes + records * (name + 1),
    versions: idBytes + copies * (name + META_KEY_BYTES + META_BYTES),
    operations: Math.ceil(Math.min(writesPerDay, MOST_WRITES_PER_DAY) * OPERATION_DAYS) * (name + OPERATION_BYTES),
  }
}

/** `cutover:m:` and the colon before the id. */
const META_KEY_BYTES = 11
/** `version:open:tombstone:operation` of a record that was there before cutover came: its operation has no name. */
const META_BYTES = 6
/** `cutover:o:`, a colon, an operation of 32 characters twice, a version and a blank. */
const OPERATION_BYTES = 87
/** Twice the largest lateness, of ten minutes. */
const OPERATION_DAYS = 20 / 1440
const MOST_WRITES_PER_DAY = 1e12
