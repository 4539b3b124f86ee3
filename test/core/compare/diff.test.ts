import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DIFFERENCES_MAX, differencesOf, SHOWN_CHARS_MAX } from '../../../lib/core/compare/diff.js'
import { canonicalJson, jsonEqual } from '../../../lib/core/compare/equal.js'
import { REDACTED, redacted, redactionOf } from '../../../lib/core/compare/redaction.js'
import type { Json, JsonObject } from '../../../lib/core/json.js'
import { jsonTree } from './arbitrary.js'

describe('Equality of values', () => {
  it('is that of their canonical texts', () => {
    fc.assert(
      fc.property(jsonTree(), jsonTree(), (a, b) => {
        expect(jsonEqual(a, b)).toBe(canonicalJson(a) === canonicalJson(b))
        expect(jsonEqual(a, shuffled(a))).toBe(true)
        expect(canonicalJson(shuffled(a))).toBe(canonicalJson(a))
      }),
    )
  })

  it('sees members named like those of every object', () => {
    expect(jsonEqual({ a: 1 }, { toString: 1 })).toBe(false)
    expect(differencesOf({}, { constructor: 1 }).items).toEqual([
      { path: '$.constructor', kind: 'only-target', target: 1 },
    ])
  })
})

describe('Differences', () => {
  it('are none exactly when the values are equal, whatever the order of members', () => {
    fc.assert(
      fc.property(jsonTree(), jsonTree(), (a, b) => {
        expect(differencesOf(a, b).items.length === 0).toBe(jsonEqual(a, b))
        expect(differencesOf(a, shuffled(a))).toEqual({ items: [], more: false })
      }),
    )
  })

  it('are the same seen from the other side', () => {
    fc.assert(
      fc.property(jsonTree(), jsonTree(), (a, b) => {
        const swapped = differencesOf(b, a).items.map(({ path, source, target }) => ({
          path,
          source: target,
          target: source,
        }))
        const plain = differencesOf(a, b).items.map(({ path, source, target }) => ({ path, source, target }))
        const byPath = (x: { path: string }, y: { path: string }): number => (x.path < y.path ? -1 : 1)
        expect(plain.toSorted(byPath)).toEqual(swapped.toSorted(byPath))
      }),
    )
  })

  it('name each field with both values', () => {
    const source = { a: [{ b: 1 }, 2], same: true, 'odd name': 'x', gone: null }
    const target = { 'odd name': 'y', same: true, a: [{ b: 2 }, 2, 3] }
    expect(differencesOf(source, target).items).toEqual([
      { path: '$.a[0].b', kind: 'changed', source: 1, target: 2 },
      { path: '$.a[2]', kind: 'only-target', target: 3 },
      { path: '$["odd name"]', kind: 'changed', source: 'x', target: 'y' },
      { path: '$.gone', kind: 'only-source', source: null },
    ])
  })

  it('respect the order of arrays', () => {
    expect(differencesOf([1, 2], [2, 1]).items.map(({ path }) => path)).toEqual(['$[0]', '$[1]'])
  })

  it('show a record that one side lacks as one difference', () => {
    expect(differencesOf({ a: 1 }, undefined).items).toEqual([{ path: '$', kind: 'only-source', source: { a: 1 } }])
    expect(differencesOf(undefined, undefined).items).toEqual([])
  })

  it('are bounded in number, depth and size, and say so', () => {
    const many = differencesOf(Array(100).fill(1), Array(100).fill(2))
    expect(many.items).toHaveLength(DIFFERENCES_MAX)
    expect(many.more).toBe(true)
    expect(differencesOf([1, 2], [3, 4], { differencesMax: 2 }).more).toBe(false)
    expect(differencesOf({ a: { b: { c: 1 } } }, { a: { b: { c: 2 } } }, { depthMax: 1 }).items).toEqual([
      { path: '$.a', kind: 'changed', source: { b: { c: 1 } }, target: { b: { c: 2 } } },
    ])
    const long = differencesOf(
      { text: 'x'.repeat(5_000), list: Array(900).fill(1), o: { p: 'y'.repeat(2_000) } },
      {
        text: '',
        list: 0,
        o: 0,
      },
    )
    expect(long.items.map(({ source }) => source)).toEqual([
      `${'x'.repeat(SHOWN_CHARS_MAX)}…`,
      '[array of 900]',
      '[object of 1]',
    ])
  })

  it('can be told without any value', () => {
    fc.assert(
      fc.property(jsonTree(), jsonTree(), (a, b) => {
        for (const { source, target } of differencesOf(a, b, { hideValues: true }).items) {
          expect([REDACTED, undefined]).toContain(source)
          expect([REDACTED, undefined]).toContain(target)
        }
      }),
    )
  })
})

describe('Redaction', () => {
  const SECRET = 'SECRET-VALUE'
  const patterns = ['$.secret', '$.*.token', '$.list[*].key', '$.**.password', '$["odd name"]']
  const hidden = redactionOf(patterns)

  it('never shows a value of a redacted place, and never hides that it differs', () => {
    const place = fc.constantFrom(
      (secret: Json): JsonObject => ({ secret }),
      (secret: Json): JsonObject => ({ a: { token: { deep: [secret] } } }),
      (secret: Json): JsonObject => ({ list: [{ key: secret }] }),
      (secret: Json): JsonObject => ({ x: { y: [{ z: { password: secret } }] } }),
      (secret: Json): JsonObject => ({ 'odd name': [[secret]] }),
    )
    const other = fc.oneof(
      jsonTree(),
      place.map((at) => at(`${SECRET}2`)),
      fc.constant(undefined),
    )
    fc.assert(
      fc.property(place, other, fc.integer({ min: 0, max: 5 }), (at, target, depthMax) => {
        const source = at(`${SECRET}1`)
        for (const [a, b] of [
          [source, target],
          [target, source],
        ] as const) {
          const { items } = differencesOf(a, b, { redaction: hidden, depthMax })
          expect(items.length).toBeGreaterThan(0)
          expect(JSON.stringify(items)).not.toContain(SECRET)
          expect(JSON.stringify(items)).toContain(REDACTED)
        }
      }),
    )
  })

  it('shows everything else', () => {
    fc.assert(
      fc.property(jsonTree(), (value) => {
        expect(redacted(value, redactionOf([]))).toEqual(value)
        expect(redacted(value, redactionOf(['$.no.such.place']))).toEqual(value)
      }),
    )
    const { items } = differencesOf({ secret: 1, open: 1 }, { secret: 2, open: 2 }, { redaction: hidden })
    expect(items).toEqual([
      { path: '$.secret', kind: 'changed', source: REDACTED, target: REDACTED },
      { path: '$.open', kind: 'changed', source: 1, target: 2 },
    ])
  })

  it('takes a star for one step and two stars for any number, also none', () => {
    const shown = (pattern: string, value: Json): Json => redacted(value, redactionOf([pattern]))
    const value = { k: 1, a: { k: 1, b: { k: 1 } } }
    expect(shown('$.*.k', value)).toEqual({ k: 1, a: { k: REDACTED, b: { k: 1 } } })
    expect(shown('$.**.k', value)).toEqual({ k: REDACTED, a: { k: REDACTED, b: { k: REDACTED } } })
    expect(shown('$.a.**', value)).toEqual({ k: 1, a: REDACTED })
    expect(shown('$', value)).toBe(REDACTED)
    expect(shown('$.l[1]', { l: [1, 2] })).toEqual({ l: [1, REDACTED] })
    expect(shown('$.**.**.k', value)).toEqual(shown('$.**.k', value))
  })

  it('refuses a pattern that is none, so that a typing error shows nothing', () => {
    for (const wrong of ['secret', '', '$secret', '$.', '$..a', '$.a[', '$.a[x]', '$["a]', '$["\\q"]', '$.a b'])
      expect(() => redactionOf([wrong]), wrong).toThrow(expect.objectContaining({ code: 'invalid-input' }))
    expect(() => redactionOf(Array(51).fill('$.a'))).toThrow(/more than 50/)
    expect(() => redactionOf([`$${'.a'.repeat(65)}`])).toThrow(/not a path/)
  })
})

/** The same value with the members of every object in the opposite order. */
function shuffled(value: Json): Json {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, shuffled(member)] as const)
      .toReversed(),
  )
}
