import { compareIds } from '../id.js'
import { hash32 } from '../slot.js'

/**
 * A random sample without replacement from a list whose length is not known before its end: every id gets a number from
 * a hash of the id and a salt that was never used before, and those with the smallest numbers are the sample. The
 * numbers depend on nothing but id and salt, so what a record holds, when it was written and where it lies has no
 * influence on whether it is chosen; and under a salt that nobody knew before, every set of that size is as likely as
 * any other, as far as the hash spreads (two of 32 bits, MurmurHash3). This is "bottom-k" sampling (Cohen and Kaplan,
 * "Summarizing data using bottom-k sketches", PODC 2007). An id that is met twice counts once.
 */
export interface Draw {
  salt: string
  /** The chosen so far, smallest number first. */
  chosen: Drawn[]
}

export type Drawn = [high: number, low: number, id: string]

/** The draw with `ids` drawn from as well; at most `size` are kept. */
export function drawFrom({ salt, chosen }: Draw, ids: readonly string[], size: number): Draw {
  const last = chosen.length < size ? undefined : chosen.at(-1)
  const more = ids
    .map((id): Drawn => [hash32(`${salt}\n1\n${id}`), hash32(`${salt}\n2\n${id}`), id])
    .filter((drawn) => last === undefined || inOrder(drawn, last) < 0)
  if (more.length === 0) return { salt, chosen }
  const all = [...chosen, ...more].sort(inOrder)
  const once = all.filter((drawn, at) => at === 0 || drawn[2] !== all[at - 1]?.[2])
  return { salt, chosen: once.slice(0, size) }
}

function inOrder([highA, lowA, a]: Drawn, [highB, lowB, b]: Drawn): number {
  return highA - highB || lowA - lowB || compareIds(a, b)
}
