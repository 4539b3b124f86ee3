/** Chance from a seed: the same seed gives the same numbers on every machine (mulberry32). */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  chance(probability: number): boolean
  /** A whole number in [from, until). */
  below(until: number, from?: number): number
  pick<T>(items: readonly T[]): T
}

/**
 * Chance of its own for one actor of a history: what others draw, or no longer draw, changes nothing in it.
 */
export function strandOf(seed: number, name: string): Random {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b)
  for (const letter of name) mixed = Math.imul(mixed ^ (letter.codePointAt(0) ?? 0), 0x01000193) ^ (mixed >>> 13)
  return randomOf(mixed)
}

export function randomOf(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    chance: (probability) => next() < probability,
    below: (until, from = 0) => from + Math.floor(next() * (until - from)),
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)]
      if (item === undefined) throw new Error('Nothing to pick from.')
      return item
    },
  }
}
