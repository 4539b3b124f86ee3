/**
 * Quantiles of values one cannot keep: counts in bins whose bounds grow by a constant factor, so that a quantile is told
 * to within 1 % of itself, and two sketches are merged by adding their counts, exactly, in any order. This is DDSketch
 * with logarithmic bins (Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error
 * guarantees", PVLDB 12(12), 2019). Bin i holds values in (g^(i-1), g^i] with g = (1 + a) / (1 - a), a = 0.01, and is
 * told as 2 g^i / (g + 1), which is within the share a of every value in it.
 */
export type Sketch = Map<number, number>

/** Share by which a quantile may be off. */
export const ACCURACY = 0.01
const GROWTH = (1 + ACCURACY) / (1 - ACCURACY)
const LOG_GROWTH = Math.log(GROWTH)
/** Values are milliseconds or the like: below and above these they are taken for the bound. At most 1,383 bins. */
const SMALLEST = 1e-3
const LARGEST = 1e9

/** The bin of a value; what is not a number above the smallest, is in the lowest bin. */
export function binOf(value: number): number {
  const bounded = Math.min(Math.max(value, SMALLEST), LARGEST)
  return Math.ceil(Math.log(Number.isNaN(bounded) ? SMALLEST : bounded) / LOG_GROWTH)
}

/** The highest value of a bin. */
export function boundOfBin(bin: number): number {
  return GROWTH ** bin
}

/** Lowest and highest bin that a value can have. */
export const BIN_LOWEST = Math.ceil(Math.log(SMALLEST) / LOG_GROWTH)
export const BIN_HIGHEST = Math.ceil(Math.log(LARGEST) / LOG_GROWTH)

/** Bins joined so that each is about twice (g^35 = 2.014) as wide as the one below; told by its highest one. */
export const COARSE = 35

export function coarsen(sketch: Sketch): Sketch {
  const joined: Sketch = new Map()
  for (const [bin, times] of sketch) addBin(joined, Math.ceil(bin / COARSE) * COARSE, times)
  return joined
}

/** What stands for every value of a bin. */
export function valueOfBin(bin: number): number {
  return (2 * GROWTH ** bin) / (GROWTH + 1)
}

export function addValue(sketch: Sketch, value: number, times = 1): void {
  addBin(sketch, binOf(value), times)
}

export function addBin(sketch: Sketch, bin: number, times: number): void {
  sketch.set(bin, (sketch.get(bin) ?? 0) + times)
}

export function addSketch(sum: Sketch, more: Sketch): void {
  for (const [bin, times] of more) addBin(sum, bin, times)
}

export function sizeOf(sketch: Sketch): number {
  let size = 0
  for (const times of sketch.values()) size += times
  return size
}

/** The value below which the share `q` (0 to 1) of all lies, to within 1 %; `null` of an empty sketch. */
export function quantile(sketch: Sketch, q: number): number | null {
  const size = sizeOf(sketch)
  if (size === 0) return null
  const rank = Math.min(Math.max(q, 0), 1) * (size - 1)
  let below = 0
  let last: number | null = null
  for (const bin of [...sketch.keys()].sort((a, b) => a - b)) {
    below += sketch.get(bin) ?? 0
    last = bin
    if (below > rank) break
  }
  return last === null ? null : valueOfBin(last)
}
