import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Stretch } from '../../lib/core/compare/stretch.js'
import type { Copy } from '../../lib/core/copy.js'
import { compareIds } from '../../lib/core/id.js'
import type { Keyed } from '../../lib/core/protocol/answers.js'
import type { TargetCollection } from '../../lib/ports/store.js'
import { awkwardValues, fenceAt, ORDERED_IDS } from './stores.js'
import { began, first, type GivenTarget, partition } from './target-given.js'

const ALL: Stretch = { after: null, until: null }

export function comparing(given: GivenTarget): void {
  it('finds what it was given to be the same, tombstones and open copies too, with the fences', async () => {
    const { target, another } = given()
    const copies = ORDERED_IDS.map((id, at) => keyed(id, at + 1, at % 4 === 0 ? null : { id, at }))
    await first(target).applyMany(fenceAt(1), copies)
    await partition(target, 1).raise(fenceAt(2))
    const { compared, fences } = await another().compare(ALL, copies)
    expect(compared).toEqual([{ ...ALL, records: copies.length, same: true }])
    expect(fences).toEqual([fenceAt(1), fenceAt(2)])
    const version = await began(first(target), 1, 'a', { op: 'begun', value: { id: 'a' } })
    const now = copies.map((one) => (one.id === 'a' ? { id: 'a', copy: copyOf(version, 'begun', { id: 'a' }) } : one))
    expect((await target.compare(ALL, now)).compared).toMatchObject([{ same: true }])
    expect((await target.compare(ALL, copies)).compared).toMatchObject([{ same: false }])
  })

  it('compares every value as it was written', async () => {
    const { target } = given()
    for (const [at, value] of awkwardValues('a').entries()) {
      const copies = [keyed('a', at + 1, value)]
      await first(target).applyMany(fenceAt(1), copies)
      expect((await target.compare(ALL, copies)).compared).toMatchObject([{ same: true }])
      const other = [keyed('a', at + 1, { ...value, other: true })]
      expect((await target.compare(ALL, other)).compared).toMatchObject([{ same: false }])
    }
  })

  it('says the same exactly of a stretch in which it holds the given copies and no others', async () => {
    const { target } = given()
    await fc.assert(
      fc.asyncProperty(collection, collection, fc.boolean(), bounds, async (held, other, close, stretch) => {
        await empty(target)
        await first(target).applyMany(fenceAt(1), held)
        const near = close ? held.slice(1) : other
        const wanted = near.filter(({ id }) => isWithin(stretch, id))
        const { compared } = await target.compare(stretch, wanted)
        const mine = held.filter(({ id }) => isWithin(stretch, id))
        expect(compared).toEqual([{ ...stretch, records: wanted.length, same: isSame(mine, wanted) }])
        expect((await target.compare(stretch, mine)).compared).toMatchObject([{ same: true }])
      }),
      { numRuns: 40 },
    )
  })

  it('answers many records in consecutive stretches, and only the one that holds a difference is not the same', async () => {
    const { target } = given()
    const copies = Array.from({ length: 450 }, (_, at) => keyed(`r${1_000 + at}`, 1, { id: `r${1_000 + at}`, at }))
    await first(target).applyMany(fenceAt(1), copies)
    expect(wholeOf((await target.compare(ALL, copies)).compared, copies.length).every(({ same }) => same)).toBe(true)
    const changed = copies.map((one, at) => (at === 300 ? keyed(one.id, 1, { id: one.id, at: -1 }) : one))
    const { compared } = await target.compare(ALL, changed)
    expect(wholeOf(compared, copies.length).length).toBeGreaterThan(2)
    const [wrong, ...others] = compared.filter(({ same }) => !same)
    expect(others).toEqual([])
    expect(wrong !== undefined && isWithin(wrong, 'r1300')).toBe(true)
    // An id that nobody expects lies in a stretch too, before the first, between two and after the last.
    for (const id of ['a', 'r1200x', 'z']) {
      await first(target).applyMany(fenceAt(1), [keyed(id, 1, { id })])
      const found = (await target.compare(ALL, copies)).compared.filter(({ same }) => !same)
      expect(found.some((stretch) => isWithin(stretch, id))).toBe(true)
    }
  })

  it('compares nothing with nothing, and changes nothing', async () => {
    const { target } = given()
    expect(await target.compare(ALL, [])).toEqual({
      compared: [{ ...ALL, records: 0, same: true }],
      fences: [null, null],
    })
    expect((await target.compare(ALL, [keyed('a', 1, { id: 'a' })])).compared).toMatchObject([{ same: false }])
    expect(await target.page(null, 9)).toEqual({ items: [], end: true, fences: [null, null] })
  })
}

/** Few ids, versions, operations and values, so that two collections are often nearly the same. */
const collection = fc
  .uniqueArray(
    fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'é', '\u{1f600}'),
      version: fc.constantFrom(1, 2),
      op: fc.constantFrom('', 'p'),
      n: fc.constantFrom(null, 1, 2),
    }),
    { selector: ({ id }) => id, maxLength: 5 },
  )
  .map((all) =>
    all
      .map(({ id, version, op, n }) => ({ id, copy: copyOf(version, op, n === null ? null : { id, n }) }))
      .sort((a, b) => compareIds(a.id, b.id)),
  )

const bounds = fc.constantFrom<Stretch>(
  ALL,
  { after: 'a', until: null },
  { after: null, until: 'c' },
  { after: 'a', until: 'c' },
  { after: 'aa', until: 'é' },
)

function isSame(held: readonly Keyed<Copy>[], wanted: readonly Keyed<Copy>[]): boolean {
  return JSON.stringify(held) === JSON.stringify(wanted)
}

function isWithin({ after, until }: Stretch, id: string): boolean {
  return (after === null || compareIds(id, after) > 0) && (until === null || compareIds(id, until) <= 0)
}

/** The answers, once it is clear that they are consecutive, and all there is. */
function wholeOf<T extends Stretch & { records: number }>(compared: T[], records: number): T[] {
  expect(compared[0]?.after).toBeNull()
  expect(compared.at(-1)?.until).toBeNull()
  for (const [at, { after }] of compared.entries()) if (at > 0) expect(after).toBe(compared[at - 1]?.until)
  expect(compared.reduce((sum, one) => sum + one.records, 0)).toBe(records)
  return compared
}

async function empty({ plain, page }: TargetCollection): Promise<void> {
  for (let next = (await plain.purge(null)).next; next !== null; ) next = (await plain.purge(next)).next
  const { items } = await plain.page(null, 100)
  for (const { id } of items) await plain.write(id, null)
  expect((await page(null, 100)).items).toEqual([])
}

function keyed(id: string, version: number, value: Copy['value']): Keyed<Copy> {
  return { id, copy: copyOf(version, `op-${version}`, value) }
}

function copyOf(version: number, op: string, value: Copy['value']): Copy {
  return { version, op, value }
}
