import { expect, it } from 'vitest'
import { fenceAt, floorOf, ORDERED_IDS, shuffled, walk } from './stores.js'
import { began, copyOf, first, type GivenTarget, partition } from './target-given.js'

export function applying(given: GivenTarget): void {
  it('applies a newer copy, knows the same one, and shows its own to an older one or one of another operation', async () => {
    const { target, another } = given()
    const held = copyOf('a', 20, 'held', 2)
    const shown = { kind: 'newer', copy: { ...held.copy, open: false } }
    const answers = []
    for (const copy of [held, held, copyOf('a', 20, 'other'), copyOf('a', 19), copyOf('a', 1)])
      answers.push(...((await first(target).applyMany(fenceAt(1), [copy])) as unknown[]))
    expect(answers).toEqual([{ kind: 'ok' }, { kind: 'same' }, shown, shown, shown])
    expect((await first(another()).get('a')).copy).toEqual({ ...held.copy, open: false })
  })

  it('lifts the mark of a batch with it, and does nothing for a batch whose mark is gone', async () => {
    const { target, another } = given()
    const mark = { from: 0, to: 1_000_000 }
    expect(await first(target).applyMany(fenceAt(1), [copyOf('a', 10)], mark)).toEqual([{ kind: 'ok' }])
    expect(await first(another()).beat(0)).toBe(1_000_000)
    expect(await first(target).applyMany(fenceAt(1), [copyOf('a', 10)], mark)).toEqual([{ kind: 'same' }])
    const next = { from: 1_000_000, to: 2_000_000 }
    expect(await first(target).applyMany(fenceAt(1), [copyOf('b', 10)], next)).toEqual([{ kind: 'ok' }])
    const lost = { from: 2_000_001, to: 3_000_001 }
    expect(await first(target).applyMany(fenceAt(2), [copyOf('c', 10)], lost)).toEqual({ kind: 'set-back' })
    expect((await first(another()).get('c')).copy).toBeNull()
    expect(await first(another()).beat(0)).toBe(2_000_000)
    expect((await first(another()).control()).fence?.epoch).toBe(1)
    // A later fence refuses first of all where the mark stands, and the mark stays.
    await first(target).raise(fenceAt(3))
    expect(await first(target).applyMany(fenceAt(2), [copyOf('d', 10)], { from: 2_000_000, to: 9_000_000 })).toEqual({
      kind: 'stale',
      fence: fenceAt(3),
    })
    expect(await first(another()).beat(0)).toBe(2_000_000)
  })

  it('applies tombstones, and keeps them against older copies', async () => {
    const { target, another } = given()
    const gone = { id: 'a', copy: { version: 20, op: 'gone', value: null } }
    await first(target).applyMany(fenceAt(1), [copyOf('a', 10)])
    expect(await first(target).applyMany(fenceAt(1), [gone])).toEqual([{ kind: 'ok' }])
    const shown = { kind: 'newer', copy: { ...gone.copy, open: false } }
    expect(await first(another()).applyMany(fenceAt(1), [copyOf('a', 10)])).toEqual([shown])
    expect(await target.count()).toEqual({ records: 0, tombstones: 1 })
    expect(await first(target).applyMany(fenceAt(1), [copyOf('a', 21)])).toEqual([{ kind: 'ok' }])
    expect(await target.count()).toEqual({ records: 1, tombstones: 0 })
  })

  it('answers many in the order given, the newer ones with what is held', async () => {
    const { target, another } = given()
    const ids = Array.from({ length: 150 }, (_, at) => `record-${at}`)
    await first(target).applyMany(
      fenceAt(1),
      ids.filter((_, at) => at % 3 !== 0).map((id, at) => copyOf(id, 50, 'held', at)),
    )
    const before = (await first(target).getMany(ids)).copies
    const answers = await first(target).applyMany(
      fenceAt(1),
      ids.map((id, at) => (at % 3 === 1 ? copyOf(id, 40) : copyOf(id, 50, 'held'))),
    )
    expect(answers).toEqual(
      ids.map((_, at) => [{ kind: 'ok' }, { kind: 'newer', copy: before[at] }, { kind: 'same' }][at % 3]),
    )
    const after = (await first(another()).getMany(ids)).copies
    expect(after.filter((_, at) => at % 3 !== 0)).toEqual(before.filter((_, at) => at % 3 !== 0))
    expect(after[0]).toMatchObject({ version: 50, op: 'held' })
  })

  it('takes several copies of one record in one call as if they had come one after the other', async () => {
    const { target, another } = given()
    const gone = (version: number) => ({ id: 'a', copy: { version, op: `gone-${version}`, value: null } })
    expect(
      await first(target).applyMany(fenceAt(1), [
        copyOf('a', 10),
        copyOf('b', 10),
        copyOf('a', 9),
        gone(11),
        copyOf('a', 10),
        copyOf('a', 12, 'last', 7),
        copyOf('a', 12, 'last', 7),
        gone(11),
        copyOf('b', 20),
        { id: 'b', copy: { version: 21, op: 'b-gone', value: null } },
      ]),
    ).toEqual([
      { kind: 'ok' },
      { kind: 'ok' },
      { kind: 'newer', copy: { ...copyOf('a', 10).copy, open: false } },
      { kind: 'ok' },
      { kind: 'newer', copy: { ...gone(11).copy, open: false } },
      { kind: 'ok' },
      { kind: 'same' },
      { kind: 'newer', copy: { ...copyOf('a', 12, 'last', 7).copy, open: false } },
      { kind: 'ok' },
      { kind: 'ok' },
    ])
    expect((await another().page(null, 9)).items).toEqual([
      { id: 'a', copy: { ...copyOf('a', 12, 'last', 7).copy, open: false } },
      { id: 'b', copy: { version: 21, op: 'b-gone', value: null, open: false } },
    ])
    expect(await target.count()).toEqual({ records: 1, tombstones: 1 })
    expect((await target.plain.page(null, 9)).items.map(({ id }) => id)).toEqual(['a'])
  })

  it('applies under a hold too: copies of what is acknowledged elsewhere are no new writes', async () => {
    const { target } = given()
    await first(target).raise(fenceAt(2), { hold: true })
    expect(await first(target).applyMany(fenceAt(2), [copyOf('a', floorOf(1))])).toEqual([{ kind: 'ok' }])
    expect(await first(target).control()).toEqual({ fence: fenceAt(2), hold: true })
  })
}

export function openMarks(given: GivenTarget): void {
  it('opens a copy with begin and closes it when the very version by the very operation is settled', async () => {
    const { target, another } = given()
    const version = await began(first(target), 1, 'a', { op: 'mine' })
    const open = async () => (await first(another()).get('a')).copy?.open
    for (const wrong of [
      { version: version - 1, op: 'mine' },
      { version: version + 1, op: 'mine' },
      { version, op: 'other' },
    ]) {
      await first(target).settleMany([{ id: 'a', ...wrong }])
      expect(await open()).toBe(true)
    }
    expect(await first(target).countOpen()).toBe(1)
    await first(target).settleMany([{ id: 'a', version, op: 'mine' }])
    expect(await open()).toBe(false)
    expect(await first(another()).countOpen()).toBe(0)
    await first(target).settleMany([{ id: 'a', version, op: 'mine' }])
    expect((await first(target).get('a')).copy).toEqual({ version, op: 'mine', open: false, value: { id: 'a' } })
  })

  it('leaves the next version open when an earlier one is settled late', async () => {
    const { target } = given()
    const earlier = await began(first(target), 1, 'a', { op: 'one' })
    await began(first(target), 1, 'a', { op: 'two' })
    await first(target).settleMany([{ id: 'a', version: earlier, op: 'one' }])
    expect((await first(target).get('a')).copy?.open).toBe(true)
    expect((await first(target).openIds(null, 9)).items).toEqual(['a'])
  })

  it('settles several, tombstones too, and passes over what it does not have', async () => {
    const { target, another } = given()
    const a = await began(first(target), 1, 'a', { op: 'a-op' })
    const b = await began(first(target), 1, 'b', { op: 'b-op', value: null })
    await began(first(target), 1, 'c', { op: 'c-op' })
    await first(target).settleMany([])
    await first(target).settleMany([
      { id: 'a', version: a, op: 'a-op' },
      { id: 'none', version: 7, op: 'x' },
      { id: 'b', version: b, op: 'b-op' },
    ])
    const { copies } = await first(another()).getMany(['a', 'b', 'c', 'none'])
    expect(copies.map((copy) => copy?.open)).toEqual([false, false, true, undefined])
    expect(copies[1]).toEqual({ version: b, op: 'b-op', open: false, value: null })
    expect(await first(target).openIds(null, 9)).toEqual({ items: ['c'], end: true })
  })

  it('closes a copy when the source brings it back, or brings a newer one', async () => {
    const { target } = given()
    const version = await began(first(target), 1, 'a', { op: 'mine' })
    await began(first(target), 1, 'b')
    await began(first(target), 1, 'c', { value: null })
    const same = { id: 'a', copy: { version, op: 'mine', value: { id: 'a' } } }
    const newer = [same, copyOf('b', floorOf(2)), copyOf('c', floorOf(2))]
    expect(await first(target).applyMany(fenceAt(1), newer)).toEqual([{ kind: 'same' }, { kind: 'ok' }, { kind: 'ok' }])
    expect(await first(target).countOpen()).toBe(0)
    expect((await first(target).getMany(['a', 'b', 'c'])).copies.map((copy) => copy?.open)).toEqual([
      false,
      false,
      false,
    ])
    await began(first(target), 1, 'a')
    await first(target).applyMany(fenceAt(1), [same])
    expect(await first(target).countOpen()).toBe(1)
  })

  it('lists open copies by code point, page by page, each partition its own', async () => {
    const { target, another } = given()
    for (const id of shuffled(ORDERED_IDS)) await began(first(target), 1, id)
    await began(partition(target, 1), 1, 'elsewhere')
    for (const limit of [1, 5, 100]) {
      expect(await walk((after) => first(another()).openIds(after, limit))).toEqual(ORDERED_IDS)
    }
    expect((await first(target).openIds('a/b', 2)).items).toEqual(['a/b/c', 'a:b'])
    expect(await partition(target, 1).openIds(null, 9)).toEqual({ items: ['elsewhere'], end: true })
    expect([await first(target).countOpen(), await partition(target, 1).countOpen()]).toEqual([ORDERED_IDS.length, 1])
  })
}
