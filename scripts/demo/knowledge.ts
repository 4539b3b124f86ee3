/**
 * What was known of one record from a tick on. The log of a record holds one entry per change, so that what was known
 * when a call began can be asked when it ends.
 */
export interface Known {
  tick: number
  /** No lower version can be found by a read that begins now. */
  floor: number
  /** The highest version known to have taken effect, a deletion's too. */
  known: number
  /** The highest version known to have been there, and the tick at which its write began. */
  present: { version: number; born: number } | null
}

/** A deletion that happened or may have. */
export interface Deletion {
  begun: number
  /** Infinity while it is not answered, and for ever if it never is. */
  ended: number
  version: number | null
  /** The version that its If-Match named. */
  base: number | null
}

const NOTHING: Known = { tick: 0, floor: 0, known: 0, present: null }

export function stateAt(log: readonly Known[], tick: number): Known {
  for (let at = log.length - 1; at >= 0; at--) {
    const entry = log[at]
    if (entry !== undefined && entry.tick <= tick) return entry
  }
  return NOTHING
}

/** Knowledge only grows. */
export function learn(log: Known[], tick: number, more: Partial<Omit<Known, 'tick'>>): void {
  const last = log.at(-1) ?? NOTHING
  const floor = Math.max(last.floor, more.floor ?? 0)
  const known = Math.max(last.known, more.known ?? 0)
  const isLater = more.present != null && (last.present === null || more.present.version > last.present.version)
  const present = isLater ? (more.present ?? null) : last.present
  if (log.length > 0 && floor === last.floor && known === last.known && present === last.present) return
  log.push({ tick, floor, known, present })
}

/** Whether some deletion may have taken effect after all that was known to be there `then`. */
export function absenceExplained(deletions: readonly Deletion[], then: Known): boolean {
  const { present } = then
  if (present === null) return true
  return deletions.some(
    ({ ended, version, base }) =>
      ended > present.born &&
      (version === null || version > present.version) &&
      (base === null || base >= present.version),
  )
}
