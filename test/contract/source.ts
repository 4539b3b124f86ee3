import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Copy, versionOf } from '../../lib/core/copy.js'
import { INITIAL_FENCE } from '../../lib/core/fence.js'
import { competition, failure } from './source-competition.js'
import { control, listing } from './source-control.js'
import { fencing, holding } from './source-fences.js'
import { type GivenSource, type SourceUnderTest, wrote } from './source-given.js'
import { remembering } from './source-operations.js'
import { awkwardValues, fenceAt, floorOf, newOp } from './stores.js'

/** The promises of a `Source` in `lib/ports/store.ts`, clause by clause, for any driver. */
export function describeSource(name: string, make: () => Promise<SourceUnderTest>): void {
  describe(`${name} keeps the promises of a source`, () => {
    let under: SourceUnderTest
    beforeEach(async () => {
      under = await make()
    })
    afterEach(() => under.close?.())
    const given = () => under

    reading(given)
    numbering(given)
    writing(given)
    applying(given)
    remembering(given)
    fencing(given)
    holding(given)
    listing(given)
    control(given)
    competition(given)
    failure(given)
  })
}

function reading(given: GivenSource): void {
  it('answers null, and the fence of a collection that nobody has touched, before the first write', async () => {
    const { source } = given()
    expect(await source.get('a')).toEqual({ fence: INITIAL_FENCE, hold: false, copy: null, remembered: null })
    expect(await source.page(null, 10)).toEqual({ items: [], end: true, fence: INITIAL_FENCE })
    expect(await source.count()).toEqual({ records: 0, tombstones: 0 })
    expect(await source.control()).toEqual({ fence: INITIAL_FENCE, hold: false, plan: null, heartbeat: 0 })
  })

  it('answers every value exactly as it was written, to the writer and to others', async () => {
    const { source, another } = given()
    const values = awkwardValues('a')
    let base = 0
    for (const value of values) {
      const answer = await source.cas(fenceAt(3), { id: 'a', base, op: newOp(), named: false, value })
      if (answer.kind !== 'ok') throw new Error(answer.kind)
      base = answer.version
      for (const reader of [source, another()]) {
        const { copy } = await reader.get('a')
        expect(JSON.stringify(copy?.value) === JSON.stringify(value)).toBe(true)
      }
    }
    const applied: Copy = { version: base + 1, op: newOp(), value: values[2] ?? null }
    await source.apply(fenceAt(3), 'a', applied)
    expect((await another().get('a')).copy).toEqual(applied)
  })
}

function numbering(given: GivenSource): void {
  it('numbers a write max(stored + 1, epoch * 2^32)', async () => {
    const { source } = given()
    const epochs = [0, 0, 1, 1, 5, 2 ** 20 - 1, 2 ** 20 - 1]
    const expected = [1, 2, floorOf(1), floorOf(1) + 1, floorOf(5), floorOf(2 ** 20 - 1), floorOf(2 ** 20 - 1) + 1]
    const got: number[] = []
    for (const epoch of epochs) got.push(await wrote(source, epoch, 'a'))
    expect(got).toEqual(expected)
  })

  it('keeps version and operation of every copy, the first of all and tombstones included', async () => {
    const { source, another } = given()
    for (const [epoch, value] of [
      [0, { id: 'a' }],
      [0, null],
      [1, { id: 'a' }],
      [2, null],
    ] as const) {
      const op = newOp()
      const version = await wrote(source, epoch, 'a', value, op)
      expect((await another().get('a')).copy).toEqual({ version, op, value })
    }
  })

  it('never restarts the versions of a record that was deleted', async () => {
    const { source, another } = given()
    const versions = [await wrote(source, 0, 'a'), await wrote(source, 0, 'a', null), await wrote(another(), 0, 'a')]
    versions.push(await wrote(source, 0, 'a', null), await wrote(another(), 0, 'a'))
    expect(versions).toEqual([1, 2, 3, 4, 5])
  })

  it('tells a created record from a changed one', async () => {
    const { source } = given()
    const created: boolean[] = []
    for (const value of [{ id: 'a' }, { id: 'a', n: 1 }, null, { id: 'a' }]) {
      const base = versionOf((await source.get('a')).copy)
      const answer = await source.cas(fenceAt(0), { id: 'a', base, op: newOp(), named: false, value })
      if (answer.kind === 'ok') created.push(answer.created)
    }
    expect(created[0]).toBe(true)
    expect(created[1]).toBe(false)
    expect(created[3]).toBe(true)
  })
}

function writing(given: GivenSource): void {
  it('refuses a write whose base is not the stored version, shows the copy and changes nothing', async () => {
    const { source, another } = given()
    const write = { id: 'a', op: newOp(), named: false, value: { id: 'a', other: true } }
    expect(await source.cas(fenceAt(1), { ...write, base: 7 })).toEqual({ kind: 'conflict', copy: null })
    const version = await wrote(source, 1, 'a')
    const { copy } = await source.get('a')
    for (const base of [0, version - 1, version + 1]) {
      expect(await another().cas(fenceAt(1), { ...write, base })).toEqual({ kind: 'conflict', copy })
    }
    expect((await another().get('a')).copy).toEqual(copy)
  })

  it('takes a tombstone for a copy: base 0 is refused, its version is the base', async () => {
    const { source } = given()
    await wrote(source, 1, 'a')
    const version = await wrote(source, 1, 'a', null)
    const write = { id: 'a', op: newOp(), named: false, value: { id: 'a' } }
    expect(await source.cas(fenceAt(1), { ...write, base: 0 })).toMatchObject({
      kind: 'conflict',
      copy: { value: null },
    })
    expect(await source.cas(fenceAt(1), { ...write, base: version })).toMatchObject({ kind: 'ok', created: true })
  })

  it('keeps what is written apart from what the caller does to its object afterwards, for others', async () => {
    const { source, another } = given()
    const value = { id: 'a', list: [1] }
    await wrote(source, 1, 'a', value)
    value.list.push(2)
    expect((await another().get('a')).copy?.value).toEqual({ id: 'a', list: [1] })
  })
}

function applying(given: GivenSource): void {
  const copy = (version: number, op: string, n = 0): Copy => ({ version, op, value: { id: 'a', n } })

  it('applies a newer copy, knows the same one, refuses an older one and one of another operation', async () => {
    const { source, another } = given()
    const [v1, v2, v3] = [floorOf(2), floorOf(2) + 5, floorOf(2) + 9]
    expect(await source.apply(fenceAt(2), 'a', copy(v2, 'two'))).toEqual({ kind: 'ok' })
    expect(await source.apply(fenceAt(2), 'a', copy(v2, 'two'))).toEqual({ kind: 'same' })
    expect(await source.apply(fenceAt(2), 'a', copy(v2, 'other', 9))).toEqual({ kind: 'clash', copy: copy(v2, 'two') })
    expect(await source.apply(fenceAt(2), 'a', copy(v1, 'one'))).toEqual({ kind: 'newer', copy: copy(v2, 'two') })
    expect((await another().get('a')).copy).toEqual(copy(v2, 'two'))
    expect(await source.apply(fenceAt(2), 'a', { version: v3, op: 'three', value: null })).toEqual({ kind: 'ok' })
    expect(await source.apply(fenceAt(2), 'a', copy(v2, 'two'))).toMatchObject({ kind: 'newer', copy: { value: null } })
    expect((await another().get('a')).copy).toEqual({ version: v3, op: 'three', value: null })
  })

  it('answers loss, and does nothing, when it has passed the base that the target numbered from', async () => {
    const { source } = given()
    const at = floorOf(2)
    await source.apply(fenceAt(2), 'a', copy(at + 3, 'held'))
    expect(await source.apply(fenceAt(2), 'a', copy(at + 9, 'late'), { base: at + 2 })).toEqual({ kind: 'loss' })
    expect(await source.apply(fenceAt(2), 'a', copy(at + 9, 'late'), { base: 0 })).toEqual({ kind: 'loss' })
    expect((await source.get('a')).copy).toEqual(copy(at + 3, 'held'))
    expect(await source.apply(fenceAt(2), 'a', copy(at + 3, 'held'), { base: at })).toEqual({ kind: 'same' })
    expect(await source.apply(fenceAt(2), 'a', copy(at + 1, 'x'), { base: at })).toMatchObject({ kind: 'newer' })
    expect(await source.apply(fenceAt(2), 'a', copy(at + 9, 'next'), { base: at + 3 })).toEqual({ kind: 'ok' })
    expect(await source.apply(fenceAt(2), 'b', { ...copy(at, 'new'), value: { id: 'b' } }, { base: 0 })).toEqual({
      kind: 'ok',
    })
  })

  it('applies many in one call, one answer each in the order given, also for one record twice', async () => {
    const { source, another } = given()
    await source.apply(fenceAt(2), 'a', copy(floorOf(2) + 4, 'held'))
    const b = (version: number): Copy => ({ version, op: `b${version}`, value: { id: 'b', version } })
    const answers = await source.applyMany(fenceAt(2), [
      { id: 'b', copy: b(10) },
      { id: 'a', copy: copy(floorOf(2) + 4, 'held') },
      { id: 'b', copy: b(12) },
      { id: 'b', copy: b(11) },
      { id: 'a', copy: copy(floorOf(2) + 4, 'other') },
    ])
    expect(answers).toEqual([
      { kind: 'ok' },
      { kind: 'same' },
      { kind: 'ok' },
      { kind: 'newer', copy: b(12) },
      { kind: 'clash', copy: copy(floorOf(2) + 4, 'held') },
    ])
    expect((await another().get('b')).copy).toEqual(b(12))
    expect(await source.applyMany(fenceAt(2), [])).toEqual([])
  })
}
