import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDigests, type Digest, digestOf, digestText, EMPTY_DIGEST } from '../../../lib/core/compare/digest.js'
import type { Copy } from '../../../lib/core/copy.js'
import { copy } from './arbitrary.js'

const records = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 3 }), copy), {
  selector: ([id]) => id,
  maxLength: 12,
})

describe('The digest of a store', () => {
  it('does not depend on the order of records, nor on how they were cut into batches', () => {
    fc.assert(
      fc.property(records, fc.nat(12), (all, cut) => {
        const whole = sum(all)
        expect(sum(all.toReversed())).toEqual(whole)
        expect(addDigests(sum(all.slice(0, cut)), sum(all.slice(cut)))).toEqual(whole)
      }),
    )
  })

  it('reads the same from sums that were never reduced', () => {
    fc.assert(
      fc.property(records, (all) => {
        const parts = all.map(([id, held]) => digestOf(id, held, false))
        const plain = parts.reduce((a, b) => ({ high: a.high + b.high, low: a.low + b.low }), EMPTY_DIGEST)
        expect(digestText(plain)).toBe(digestText(sum(all)))
        expect(digestText(plain)).toMatch(/^[0-9a-f]{16}$/)
      }),
    )
  })

  it('changes with id, version and value, and not with operations or tombstones', () => {
    const one: Copy = { version: 1, op: 'p', value: { a: 1, b: 2 } }
    for (const agreed of [true, false]) {
      const digest = digestOf('x', one, agreed)
      expect(digestOf('y', one, agreed)).not.toEqual(digest)
      expect(digestOf('x', { ...one, version: 2 }, agreed)).not.toEqual(digest)
      expect(digestOf('x', { ...one, value: { b: 2, a: 1 }, op: 'q' }, agreed)).toEqual(digest)
      expect(digestOf('x', { ...one, value: null }, agreed)).toEqual(EMPTY_DIGEST)
      expect(digestOf('x', null, agreed)).toEqual(EMPTY_DIGEST)
    }
    const other: Copy = { ...one, value: { a: 1, b: 3 } }
    expect(digestOf('x', other, false)).not.toEqual(digestOf('x', one, false))
  })

  it('is spread over all its bits: many records with like ids have each their own', () => {
    const seen = { high: new Set<number>(), low: new Set<number>() }
    const ones = Array<number>(32).fill(0)
    for (let at = 0; at < 20_000; at++) {
      const { high, low } = digestOf(`r${at}`, { version: 2 ** 32 + (at % 3), op: '', value: {} }, true)
      seen.high.add(high)
      seen.low.add(low)
      for (let bit = 0; bit < 32; bit++) ones[bit] = (ones[bit] ?? 0) + ((low >>> bit) & 1)
    }
    expect(seen.high.size).toBeGreaterThan(19_950)
    expect(seen.low.size).toBeGreaterThan(19_950)
    for (const count of ones) expect(Math.abs(count - 10_000)).toBeLessThan(600)
  })
})

function sum(all: [string, Copy | null][]): Digest {
  return all.reduce((total, [id, held]) => addDigests(total, digestOf(id, held, false)), EMPTY_DIGEST)
}
