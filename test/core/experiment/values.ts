import { type Moments, momentsOf, NO_SUMS, withValue } from '../../../lib/core/experiment/statistics/moments.js'

export function momentsOfValues(values: readonly number[]): Moments {
  return momentsOf(values.reduce((sums, value) => withValue(sums, value), NO_SUMS))
}

/** The same numbers in every run (mulberry32): in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Values of a standard normal distribution (Box and Muller). */
export function normals(seed: number): () => number {
  const random = seeded(seed)
  let spare: number | null = null
  return () => {
    if (spare !== null) {
      const kept = spare
      spare = null
      return kept
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()))
    const angle = 2 * Math.PI * random()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}
