import { expect, it } from 'vitest'
import { fenceAt, ORDERED_IDS, shuffled, walk } from './stores.js'
import { began, first, type GivenTarget, partition } from './target-given.js'

export function listing(given: GivenTarget): void {
  it('lists records and tombstones of all partitions by code point, page by page, with the fences', async () => {
    const { target, another } = given()
    const copies = shuffled(ORDERED_IDS).map((id, at) => ({
      id,
      copy: { version: at + 1, op: `op${at}`, value: at % 4 === 0 ? null : { id, at } },
    }))
    for (const number of [0, 1]) {
      const mine = copies.filter((_, at) => at % 2 === number)
      await partition(target, number).applyMany(fenceAt(number + 1), mine)
    }
    for (const limit of [1, 4, ORDERED_IDS.length, 200]) {
      const items = await walk((after) => another().page(after, limit))
      expect(items.map(({ id }) => id)).toEqual(ORDERED_IDS)
      for (const { id, copy } of copies)
        expect(items.find((item) => item.id === id)?.copy).toEqual({ ...copy, open: false })
    }
    const some = await target.page('a/b', 3)
    expect(some.items.map(({ id }) => id)).toEqual(['a/b/c', 'a:b', 'aa'])
    expect(some).toMatchObject({ end: false, fences: [fenceAt(1), fenceAt(2)] })
    expect((await target.page('a/a', 1)).items.map(({ id }) => id)).toEqual(['a/b'])
    expect(await target.page('\u{10ffff}', 3)).toMatchObject({ items: [], end: true })
    const records = copies.filter(({ copy }) => copy.value !== null).length
    expect(await another().count()).toEqual({ records, tombstones: copies.length - records })
  })

  it('answers at a glance, if it does, what it answers one by one', async () => {
    const { target, another } = given()
    for (const id of ['b', 'd']) await began(first(target), 1, id)
    await began(first(target), 1, 'a', { value: null })
    await partition(target, 1).raise(fenceAt(3), { hold: true })
    const one = another()
    if (one.glance === undefined) return
    const partitions = await Promise.all(
      one.partitions.map(async (each) => ({ control: await each.control(), open: await each.countOpen() })),
    )
    expect(await one.glance()).toEqual({ counts: await one.count(), partitions })
    expect(partitions.map(({ open }) => open)).toEqual([3, 0])
  })

  it('says that a listing ends only where it does', async () => {
    const { target } = given()
    for (const id of ['b', 'd', 'f']) await began(first(target), 1, id)
    for (const id of ['a', 'c', 'e']) await began(first(target), 1, id, { value: null })
    for (const limit of [1, 2, 3, 4, 5]) {
      const { items, end } = await target.page(null, limit)
      expect([items.map(({ id }) => id).join(''), end]).toEqual(['abcdef'.slice(0, limit), false])
    }
    expect(await target.page(null, 7)).toMatchObject({ end: true })
    expect((await walk((after) => target.page(after, 2))).map(({ id }) => id).join('')).toBe('abcdef')
  })
}

export function control(given: GivenTarget): void {
  it('raises to the highest of many, again without effect, and never lowers', async () => {
    const { target, another } = given()
    const handles = [first(target), first(another())]
    await Promise.all([3, 9, 5, 7, 9, 1].map((epoch, at) => handles[at % 2]?.raise(fenceAt(epoch))))
    expect(await first(target).control()).toEqual({ fence: fenceAt(9), hold: false })
    expect(await first(another()).raise(fenceAt(9, 'live'))).toEqual({ fence: fenceAt(9), hold: false })
    expect(await first(target).raise(fenceAt(2), { hold: true })).toEqual({ fence: fenceAt(9), hold: false })
    expect(await first(target).raise(fenceAt(10))).toEqual({ fence: fenceAt(10), hold: false })
    expect(await partition(target, 1).control()).toEqual({ fence: null, hold: false })
  })

  it('raises with a hold, which the next raise ends unless it asks for one', async () => {
    const { target, another } = given()
    expect(await first(target).raise(fenceAt(1), { hold: true })).toEqual({ fence: fenceAt(1), hold: true })
    expect(await first(another()).get('a')).toEqual({ fence: fenceAt(1), hold: true, copy: null })
    expect(await first(target).raise(fenceAt(1))).toEqual({ fence: fenceAt(1), hold: true })
    expect(await first(target).raise(fenceAt(2))).toEqual({ fence: fenceAt(2), hold: false })
  })

  it('raises only from the epoch that is asked for', async () => {
    const { target, another } = given()
    expect(await first(target).raise(fenceAt(5), { ifEpoch: 0 })).toEqual({ fence: null, hold: false })
    await first(target).raise(fenceAt(3))
    expect(await first(target).raise(fenceAt(5), { ifEpoch: 4 })).toEqual({ fence: fenceAt(3), hold: false })
    expect(await first(another()).raise(fenceAt(5), { ifEpoch: 3, hold: true })).toEqual({
      fence: fenceAt(5),
      hold: true,
    })
    expect(await first(target).raise(fenceAt(4), { ifEpoch: 5 })).toEqual({ fence: fenceAt(5), hold: true })
  })

  it('amends the fence at its own epoch only', async () => {
    const { target, another } = given()
    expect(await first(target).amend(fenceAt(1), { hold: false })).toEqual({ fence: null, hold: false })
    await first(target).raise(fenceAt(3), { hold: true })
    expect(await first(target).amend(fenceAt(3, 'live'), { hold: false })).toEqual({
      fence: fenceAt(3, 'live'),
      hold: false,
    })
    for (const epoch of [2, 4]) {
      expect(await first(another()).amend(fenceAt(epoch), { hold: true })).toEqual({
        fence: fenceAt(3, 'live'),
        hold: false,
      })
    }
    expect(await first(another()).amend(fenceAt(3), { hold: true })).toEqual({ fence: fenceAt(3), hold: true })
    expect(await first(target).control()).toEqual({ fence: fenceAt(3), hold: true })
  })

  it('counts heartbeats up, answers the count that was there, and touches no fence', async () => {
    const { target, another } = given()
    const answers: number[] = []
    for (const count of [0, 1, 5, 3, 6]) answers.push(await first(another()).beat(count))
    expect(answers).toEqual([0, 0, 1, 5, 5])
    expect(await first(target).beat(0)).toBe(6)
    expect(await partition(target, 1).beat(0)).toBe(0)
    expect(await first(target).beat(9, 'check'), 'a counter of its own').toBe(0)
    expect([await first(another()).beat(0), await first(another()).beat(0, 'check')]).toEqual([6, 9])
    expect(await first(target).control()).toEqual({ fence: null, hold: false })
  })
}
