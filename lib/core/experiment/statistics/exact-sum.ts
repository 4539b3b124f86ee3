/**
 * A sum kept as two doubles whose parts do not overlap, good for about 32 digits: values can be added and taken out
 * again, in any order and on any shard, and a variance is got from a sum and a sum of squares without the cancellation
 * that ruins it in plain doubles (of values like 1e9 + 1 nothing would be left). Welford's running variance is as safe
 * for values that only come; here a subject's value is replaced when more is known of it, so it must come out again.
 *
 * Sources: Knuth, The Art of Computer Programming 2, 4.2.2 (the exact error of a sum), Dekker, "A floating-point
 * technique for extending the available precision", 1971 (products, the arithmetic of pairs), and Chan, Golub and
 * LeVeque, "Algorithms for computing the sample variance", 1983 (why it is needed). Magnitudes stay below 1e150.
 */
export type ExactSum = readonly [high: number, low: number]

export const EXACT_ZERO: ExactSum = [0, 0]

export function plus([aHigh, aLow]: ExactSum, [bHigh, bLow]: ExactSum): ExactSum {
  const [sum, error] = twoSum(aHigh, bHigh)
  return normal(sum, error + aLow + bLow)
}

export function minus(a: ExactSum, [high, low]: ExactSum): ExactSum {
  return plus(a, [-high, -low])
}

export function exactly(value: number): ExactSum {
  return [value, 0]
}

export function times([aHigh, aLow]: ExactSum, [bHigh, bLow]: ExactSum): ExactSum {
  const [product, error] = twoProduct(aHigh, bHigh)
  return normal(product, error + aHigh * bLow + aLow * bHigh)
}

export function square(value: number): ExactSum {
  return twoProduct(value, value)
}

export function dividedBy(a: ExactSum, divisor: number): ExactSum {
  const first = a[0] / divisor
  const rest = minus(a, twoProduct(first, divisor))
  return normal(first, (rest[0] + rest[1]) / divisor)
}

export function asNumber([high, low]: ExactSum): number {
  return high + low + 0
}

function normal(high: number, low: number): ExactSum {
  const sum = high + low
  return [sum + 0, low - (sum - high) + 0]
}

function twoSum(a: number, b: number): ExactSum {
  const sum = a + b
  const of = sum - a
  return [sum, a - (sum - of) + (b - of)]
}

function twoProduct(a: number, b: number): ExactSum {
  const product = a * b
  const [aHigh, aLow] = halves(a)
  const [bHigh, bLow] = halves(b)
  return [product, aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)]
}

/** 2^27 + 1 parts the 53 bits of a double in two. */
const PARTS = 134_217_729

function halves(value: number): ExactSum {
  const wide = PARTS * value
  const high = wide - (wide - value)
  return [high, value - high]
}
