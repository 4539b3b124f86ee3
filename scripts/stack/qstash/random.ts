import { randomBytes } from 'node:crypto'

/** A repeatable source of numbers in [0, 1) (mulberry32): faults with one seed come in one order. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}

/** A fresh id such as `msg_3f...`; never seeded, because ids must differ across restarts. */
export function freshId(kind: 'msg' | 'scd' | 'sig' | 'jwt'): string {
  return `${kind}_${randomBytes(14).toString('hex')}`
}
