import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { TargetCollection } from '../../lib/ports/store.js'
import { awkwardValues, fenceAt, floorOf, ORDERED_IDS, shuffled, walk } from './stores.js'
import { began, copyOf, first, type GivenTarget, partition, writeOf } from './target-given.js'

const digestOf = (value: unknown) => createHash('sha1').update(JSON.stringify(value)).digest('hex')

export function plain(given: GivenTarget): void {
  it('plain: shows the values that are there, with a digest of each, and no tombstones', async () => {
    const { target, another } = given()
    for (const id of shuffled(ORDERED_IDS)) await began(first(target), 1, id, { value: { id, n: 1 } })
    await began(first(target), 1, 'gone', { value: null })
    await purged(target)
    const { plain } = another()
    expect(await plain.get('a')).toEqual({ value: { id: 'a', n: 1 }, digest: digestOf({ id: 'a', n: 1 }) })
    expect(await plain.get('gone')).toBeNull()
    expect(await plain.get('none')).toBeNull()
    for (const limit of [1, 4, 100]) {
      const items = await walk((after) => plain.page(after, limit))
      expect(items).toEqual(
        ORDERED_IDS.map((id) => ({ id, copy: { value: { id, n: 1 }, digest: digestOf({ id, n: 1 }) } })),
      )
    }
  })

  it('plain: writes every value as it is, creates, replaces and deletes', async () => {
    const { plain } = given().target
    let created = true
    for (const value of awkwardValues('a')) {
      expect(await plain.write('a', value)).toEqual({ kind: 'ok', digest: digestOf(value), created })
      expect(JSON.stringify((await plain.get('a'))?.value) === JSON.stringify(value)).toBe(true)
      created = false
    }
    expect((await plain.page(null, 9)).items.map(({ id }) => id)).toEqual(['a'])
    expect(await plain.write('a', null)).toMatchObject({ kind: 'ok' })
    expect(await plain.write('a', null)).toMatchObject({ kind: 'ok' })
    expect(await plain.get('a')).toBeNull()
    expect(await plain.page(null, 9)).toEqual({ items: [], end: true })
    expect(await plain.write('a', { id: 'a' })).toMatchObject({ kind: 'ok', created: true })
  })

  it('plain: compares and swaps by digest, null for absent, and shows the copy when it refuses', async () => {
    const { target, another } = given()
    const { plain } = target
    const one = { id: 'a', n: 1 }
    const held = { value: one, digest: digestOf(one) }
    expect(await plain.write('a', one, digestOf(one))).toEqual({ kind: 'conflict', copy: null })
    expect(await plain.write('a', one, null)).toEqual({ kind: 'ok', digest: held.digest, created: true })
    expect(await plain.write('a', { id: 'a', n: 2 }, null)).toEqual({ kind: 'conflict', copy: held })
    expect(await plain.write('a', null, digestOf({ id: 'a' }))).toEqual({ kind: 'conflict', copy: held })
    expect(await another().plain.get('a')).toEqual(held)
    expect(await plain.write('a', { id: 'a', n: 2 }, held.digest)).toMatchObject({ kind: 'ok', created: false })
    expect(await plain.write('a', null, held.digest)).toMatchObject({ kind: 'conflict' })
    expect(await plain.write('a', null, digestOf({ id: 'a', n: 2 }))).toMatchObject({ kind: 'ok' })
    expect(await plain.write('a', null, null)).toMatchObject({ kind: 'ok' })
  })

  it('plain: loses none of 30 increments', async () => {
    const { plain } = given().target
    const increment = async (): Promise<void> => {
      for (let attempt = 0; attempt < 500; attempt++) {
        const held = await plain.get('sum')
        const value = { id: 'sum', n: Number(held?.value.n ?? 0) + 1 }
        if ((await plain.write('sum', value, held?.digest ?? null)).kind === 'ok') return
      }
      throw new Error('one writer has starved')
    }
    await Promise.all(Array.from({ length: 30 }, increment))
    expect((await plain.get('sum'))?.value.n).toBe(30)
  })
}

/** More than one step of a purge holds. */
const RECORDS = 1_100

export function purging(given: GivenTarget): void {
  it('purge: removes all but the values and their listing, in bounded steps, the fences last', async () => {
    const { target, another } = given()
    await fill(target)
    let steps = 0
    let removed = 0
    for (let cursor: string | null = null; steps === 0 || cursor !== null; steps++) {
      const step: { removed: number; next: string | null } = await another().plain.purge(cursor)
      cursor = step.next
      removed += step.removed
      if (steps > 100) throw new Error('the purge does not end')
      const { items, fences } = await target.page(null, 1)
      const open = (await first(target).countOpen()) + (await partition(target, 1).countOpen())
      if (fences.includes(null)) expect([items, open]).toEqual([[], 0])
    }
    expect(steps).toBeGreaterThan(1)
    expect(removed).toBeGreaterThanOrEqual(RECORDS)
    await expectPlainOnly(target)
  })

  it('purge: may be begun again in the middle, by anybody, and after its end', async () => {
    const { target, another } = given()
    await fill(target)
    const { next } = await target.plain.purge(null)
    await another().plain.purge(next)
    await purged(another())
    await purged(target)
    await expectPlainOnly(target)
    expect(await target.plain.purge(next)).toMatchObject({ removed: 0 })
    await expectPlainOnly(another())
  })

  it('purge: has nothing to do where nothing is', async () => {
    const { target } = given()
    await purged(target)
    expect(await target.page(null, 9)).toEqual({ items: [], end: true, fences: [null, null] })
  })
}

async function fill(target: TargetCollection): Promise<void> {
  const copies = Array.from({ length: RECORDS }, (_, at) => copyOf(`record-${at}`, floorOf(1), 'filled', at))
  for (let at = 0; at < RECORDS; at += 275) await first(target).applyMany(fenceAt(1), copies.slice(at, at + 275))
  for (let n = 0; n < 3; n++) await began(partition(target, 1), 1, `open-${n}`, { op: `open-op-${n}` })
  await began(first(target), 1, 'gone', { value: null })
  await first(target).beat(7)
  await first(target).beat(7, 'check')
}

async function purged(target: TargetCollection): Promise<void> {
  let { next } = await target.plain.purge(null)
  for (let steps = 0; next !== null; steps++) {
    if (steps > 100) throw new Error('the purge does not end')
    next = (await target.plain.purge(next)).next
  }
}

async function expectPlainOnly(target: TargetCollection): Promise<void> {
  expect(await target.page(null, 9)).toMatchObject({ fences: [null, null] })
  for (const number of [0, 1]) {
    const store = partition(target, number)
    expect(await store.get('record-0')).toEqual({ fence: null, hold: false, copy: null })
    expect([await store.countOpen(), await store.beat(0), await store.beat(0, 'check')]).toEqual([0, 0, 0])
    expect(await store.openIds(null, 9)).toEqual({ items: [], end: true })
    expect(await store.control()).toEqual({ fence: null, hold: false })
    expect(await store.begin(fenceAt(9), writeOf('a', { fenceExpected: true }))).toEqual({ kind: 'lost' })
  }
  expect((await target.count()).tombstones).toBe(0)
  const items = await walk((after) => target.plain.page(after, 500))
  expect(items).toHaveLength(RECORDS + 3)
  expect(await target.plain.get('record-7')).toMatchObject({ value: { id: 'record-7', n: 7 } })
  expect(await target.plain.get('open-1')).toMatchObject({ value: { id: 'open-1' } })
}
