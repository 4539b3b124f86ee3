import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CAUSES_MAX,
  type Cause,
  causesOf,
  type Differing,
  EXAMPLES_MAX,
  FIELDS_MAX,
} from '../../../lib/core/compare/causes.js'
import { differencesOf } from '../../../lib/core/compare/diff.js'
import { outlineOf } from '../../../lib/core/compare/outline.js'
import { redactionOf } from '../../../lib/core/compare/redaction.js'
import type { Json } from '../../../lib/core/json.js'

function differing(
  id: string,
  reason: Differing['reason'],
  source?: Json,
  target?: Json,
  more: Partial<Differing> = {},
) {
  const { items, more: cut } = differencesOf(source, target)
  return { id, reason, sourceVersion: 3, targetVersion: 3, differences: items, more: cut, repaired: false, ...more }
}

const inShort = (causes: readonly Cause[]): unknown[] => causes.map(({ cause, paths, count }) => [cause, paths, count])

describe('why records differ', () => {
  it('is what a mismatch is, the most frequent first', () => {
    const causes = causesOf([
      differing('a', 'missing-at-target', { id: 'a' }),
      differing('b', 'target-behind', { n: 1 }, { n: 2 }),
      differing('c', 'target-behind', { m: 1 }, { m: 2 }),
      differing('d', 'damaged-at-target'),
    ])
    expect(inShort(causes)).toEqual([
      ['target-behind', [], 2],
      ['damaged-at-target', [], 1],
      ['missing-at-target', [], 1],
    ])
    expect(causes[0]?.inWords).toBe('2 records of an earlier version at the target.')
    expect(causes[2]?.inWords).toBe('1 record missing at the target.')
  })

  it('of values also where they differ, whatever item or odd name it is', () => {
    const causes = causesOf([
      differing('a', 'values-differ', { tags: ['x'], n: 1 }, { tags: ['y'], n: 2 }),
      differing('b', 'values-differ', { tags: [1, 'x'], n: 1 }, { tags: [1, 'y'], n: 2 }),
      differing('c', 'values-differ', { by: { 'ann@b': 1 } }, { by: { 'ann@b': 2 } }),
      differing('d', 'values-differ', { by: { 'x] y"z': 1 } }, { by: { 'x] y"z': 2 } }),
      differing('e', 'version-names-two-values', { n: 1 }, { n: 2 }),
    ])
    expect(inShort(causes)).toEqual([
      ['values-differ', ['$.by[*]'], 2],
      ['values-differ', ['$.n', '$.tags[*]'], 2],
      ['version-names-two-values', ['$.n'], 1],
    ])
    expect(causes[1]?.inWords).toBe('2 records of one version with two values, which differ in $.n, $.tags[*].')
  })

  it('is told in ten groups, and the rest counted', () => {
    const many = Array.from({ length: 14 }, (_, n) => differing(`r${n}`, 'values-differ', { [`f${n}`]: 1 }, {}))
    const causes = causesOf([...many, differing('s', 'values-differ', { f3: 1 }, {})], { undecided: 7 })
    expect(causes).toHaveLength(CAUSES_MAX + 2)
    expect(causes[0]).toMatchObject({ paths: ['$.f3'], count: 2 })
    expect(causes.slice(-2)).toMatchObject([
      { cause: 'other', paths: [], count: 4 },
      { cause: 'undecided', count: 7, examples: [] },
    ])
    expect(causes.reduce((sum, { count }) => sum + count, 0)).toBe(15 + 7)
  })

  it('has a few examples with a few fields, what was not repaired first', () => {
    const wide = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`f${n}`, n]))
    const all = ['a', 'b', 'c', 'd'].map((id) =>
      differing(id, 'values-differ', wide, {}, { repaired: id !== 'd', sourceVersion: 9 }),
    )
    const [cause] = causesOf(all)
    expect(cause).toMatchObject({ count: 4, repaired: 3 })
    expect(cause?.paths).toHaveLength(FIELDS_MAX)
    expect(cause?.inWords).toMatch(/\$\.f0, .* and 4 more\.$/)
    expect(cause?.examples.map(({ id }) => id)).toEqual(['d', 'a', 'b'])
    expect(cause?.examples).toHaveLength(EXAMPLES_MAX)
    const [first] = cause?.examples ?? []
    expect(first).toMatchObject({ sourceVersion: 9, targetVersion: 3, repaired: false, more: true })
    expect(first?.fields).toHaveLength(FIELDS_MAX)
    expect(first?.fields[0]).toEqual({ path: '$.f0', source: 'number', target: null })
  })

  it('counts what was looked at, and says so where there are others', () => {
    const causes = causesOf([differing('a', 'target-behind', { n: 1 }, { n: 2 })], { undecided: 2, more: true })
    expect(causes.map(({ inWords }) => inWords.replace(/ (of an|that) .*/, ''))).toEqual([
      'At least 1 record',
      '2 records',
    ])
  })

  it('says nothing where nothing differs', () => {
    expect(causesOf([])).toEqual([])
  })

  it('cuts a path that is a text of its own', () => {
    const long = 'a'.repeat(5_000)
    const [cause] = causesOf([differing('a', 'values-differ', { [long]: 1 }, {})])
    expect(cause?.paths[0]?.length).toBeLessThan(250)
    expect(cause?.examples[0]?.fields[0]?.path.length).toBeLessThan(250)
  })
})

describe('a value is told by what it is', () => {
  it.each([
    [null, 'null'],
    [true, 'boolean'],
    [12_345, 'number'],
    ['', 'text of 0 characters'],
    ['x', 'text of 1 character'],
    ['secret', 'text of 6 characters'],
    [[1, 2], 'list of 2'],
    [{ a: 1 }, 'object of 1'],
  ])('%j: %s', (value, wanted) => {
    expect(outlineOf(value)).toBe(wanted)
  })

  it('also when it was cut or hidden as it was kept', () => {
    const long = { text: 'y'.repeat(2_000), list: Array(500).fill('yyy'), secret: 'y' }
    const { items } = differencesOf(long, undefined, { redaction: redactionOf(['$.secret']) })
    expect(items.map(({ source }) => outlineOf(source ?? null))).toEqual(['object of 3'])
    const parts = differencesOf(long, { text: 1, list: 1, secret: 1 }, { redaction: redactionOf(['$.secret']) })
    expect(parts.items.map(({ source }) => outlineOf(source ?? null))).toEqual([
      'text of over 1,000 characters',
      'list of 500',
      'hidden',
    ])
  })

  it('and never by what it says', () => {
    const word = fc.stringMatching(/^[Q-Z]{4,12}$/)
    const leaf = fc.oneof(word, fc.integer({ min: 10_000_000 }))
    const value = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(fc.constantFrom('a', 'b'), leaf))
    fc.assert(
      fc.property(value, value, (source, target) => {
        const found = causesOf([differing('r1', 'values-differ', { of: source }, { of: target })])
        const told = JSON.stringify(found)
        expect(told).not.toMatch(/[Q-Z]{4}|\d{8}/)
      }),
      { seed: 6, numRuns: 300 },
    )
  })
})
