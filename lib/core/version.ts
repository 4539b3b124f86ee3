/**
 * A record's version: `epoch * 2^32 + n`, one integer below 2^53. A version names exactly one write, and any version
 * given in a later epoch is higher than every one of an earlier epoch, so leftovers of the past never win.
 */
const EPOCH_UNIT = 2 ** 32

/** Epochs stay below 2^20, so that every version is an exact double (in JavaScript and in Lua). */
export const EPOCH_MAX = 2 ** 20 - 1

/** The version of a record that was in the source before cutover first wrote it. */
export const LEGACY_VERSION = 1

export function nextVersion(stored: number, epoch: number): number {
  return Math.max(stored + 1, epoch * EPOCH_UNIT)
}

/** The lowest version that an era can give: everything below was numbered before numbering changed hands. */
export function eraFloor(era: number): number {
  return era * EPOCH_UNIT
}
