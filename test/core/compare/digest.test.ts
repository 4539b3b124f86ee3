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
        const parts = all.map(([id, held]) => digestOf(id, held))
        const plain = parts.reduce((a, b) => ({ high: a.high + b.high, low: a.low + b.low }), EMPTY_DIGEST)
        expect(digestText(plain)).toBe(digestText(sum(all)))
        expect(digestText(plain)).toMatch(/^[0-9a-f]{16}$/)
      }),
    )
  })

  it('changes with id, version and value, and not with operations or tombstones', () => {
    const one: Copy = { version: 1, op: 'p', value: { a: 1, b: 2 } }
    const digest = digestOf('x', one)
    expect(digestOf('y', one)).not.toEqual(digest)
    expect(digestOf('x', { ...one, version: 2 })).not.toEqual(digest)
    expect(digestOf('x', { ...one, value: { a: 1, b: 3 } })).not.toEqual(digest)
    expect(digestOf('x', { ...one, value: { b: 2, a: 1 }, op: 'q' })).toEqual(digest)
    expect(digestOf('x', { ...one, value: null })).toEqual(EMPTY_DIGEST)
    expect(digestOf('x', null)).toEqual(EMPTY_DIGEST)
  })
})

function sum(all: [string, Copy | null][]): Digest {
  return all.reduce((total, [id, held]) => addDigests(total, digestOf(id, held)), EMPTY_DIGEST)
}
