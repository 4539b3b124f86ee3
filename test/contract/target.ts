import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { awkwardValues, fenceAt, floorOf, newOp } from './stores.js'
import { applying, openMarks } from './target-apply.js'
import { beginning, bound, orderOfChecks } from './target-begin.js'
import { comparing } from './target-compare.js'
import { competition, failure } from './target-competition.js'
import { control, listing } from './target-control.js'
import { fencing, remembering } from './target-fences.js'
import { began, first, type GivenTarget, type TargetUnderTest } from './target-given.js'
import { plain, purging } from './target-plain.js'

/** The promises of a `TargetCollection` in `lib/ports/store.ts`, clause by clause, for any driver. */
export function describeTarget(name: string, make: () => Promise<TargetUnderTest>): void {
  describe(`${name} keeps the promises of a target`, () => {
    let under: TargetUnderTest
    beforeEach(async () => {
      under = await make()
    })
    afterEach(() => under.close?.())
    const given = () => under

    reading(given)
    beginning(given)
    bound(given)
    orderOfChecks(given)
    fencing(given)
    remembering(given)
    applying(given)
    openMarks(given)
    listing(given)
    comparing(given)
    control(given)
    competition(given)
    failure(given)
    plain(given)
    purging(given)
  })
}

function reading(given: GivenTarget): void {
  it('answers null for copy and fence before anything was written', async () => {
    const { target } = given()
    expect(await first(target).get('a')).toEqual({ fence: null, hold: false, copy: null })
    expect(await first(target).getMany(['a', 'b'])).toEqual({ fence: null, copies: [null, null] })
    expect(await first(target).control()).toEqual({ fence: null, hold: false })
    expect(await first(target).openIds(null, 10)).toEqual({ items: [], end: true })
    expect(await first(target).countOpen()).toBe(0)
    expect(await target.page(null, 10)).toEqual({ items: [], end: true, fences: [null, null] })
    expect(await target.count()).toEqual({ records: 0, tombstones: 0 })
  })

  it('answers every value exactly as it was written, to the writer and to others', async () => {
    const { target, another } = given()
    for (const value of awkwardValues('a')) {
      const op = newOp()
      const version = await began(first(target), 3, 'a', { op, value })
      for (const reader of [target, another()]) {
        const { copy } = await first(reader).get('a')
        expect(JSON.stringify(copy?.value) === JSON.stringify(value)).toBe(true)
        expect({ ...copy, value: null }).toEqual({ version, op, open: true, value: null })
      }
      const applied = { version: version + 1, op: newOp(), value: { ...value, applied: true } }
      expect(await first(target).applyMany(fenceAt(3), [{ id: 'a', copy: applied }])).toEqual([{ kind: 'ok' }])
      expect((await another().page(null, 1)).items).toEqual([{ id: 'a', copy: { ...applied, open: false } }])
    }
  })

  it('reads many copies in the order asked for, absent ones and tombstones included', async () => {
    const { target, another } = given()
    const b = await began(first(target), 1, 'b', { op: 'b-op' })
    const a = await began(first(target), 1, 'a', { op: 'a-op', value: null })
    expect(await first(another()).getMany(['b', 'none', 'a', 'b'])).toEqual({
      fence: fenceAt(1),
      copies: [
        { version: b, op: 'b-op', open: true, value: { id: 'b' } },
        null,
        { version: a, op: 'a-op', open: true, value: null },
        { version: b, op: 'b-op', open: true, value: { id: 'b' } },
      ],
    })
    expect(await first(target).getMany([])).toEqual({ fence: fenceAt(1), copies: [] })
  })

  it('does not change what it holds when a caller changes what it gave or got', async () => {
    const { target } = given()
    const value = { id: 'a', list: [1] }
    const fence = fenceAt(1)
    await first(target).begin(fence, { id: 'a', op: 'op', startedAt: Date.now(), value, fenceExpected: false })
    value.list.push(2)
    fence.epoch = 99
    const { copy } = await first(target).get('a')
    if (copy?.value) copy.value.list = 'changed'
    expect(await first(target).get('a')).toMatchObject({ fence: fenceAt(1), copy: { value: { list: [1] } } })
  })

  it('keeps versions exact up to the last epoch', async () => {
    const { target, another } = given()
    const last = 2 ** 20 - 1
    await began(first(target), last, 'a')
    expect(await began(first(target), last, 'a')).toBe(floorOf(last) + 1)
    expect((await first(another()).get('a')).copy?.version).toBe(4_503_595_332_403_201)
    await first(target).applyMany(fenceAt(last), [
      { id: 'a', copy: { version: floorOf(last) + 7, op: 'x', value: null } },
    ])
    expect(await began(first(another()), last, 'a')).toBe(floorOf(last) + 8)
  })
}
