import { expect, it } from 'vitest'
import type { Fence } from '../../lib/core/fence.js'
import type { Source } from '../../lib/ports/store.js'
import { type GivenSource, wrote } from './source-given.js'
import { fenceAt, floorOf } from './stores.js'

/** Mutations of `a`, which has `VERSION` by `held`; `known` is a named operation that was done before. */
const VERSION = floorOf(1) + 1
const value = { id: 'a', changed: true }
const cas = (source: Source, fence: Fence, base: number, op = 'new', named = false) =>
  source.cas(fence, { id: 'a', base, op, named, value })
const apply = (source: Source, fence: Fence, version: number, op: string, base?: number) =>
  source.apply(fence, 'a', { version, op, value }, base === undefined ? {} : { base })

const MUTATIONS: { name: string; run: (source: Source, fence: Fence) => Promise<unknown>; answer: unknown }[] = [
  { name: 'cas', run: (source, fence) => cas(source, fence, VERSION), answer: { kind: 'ok' } },
  { name: 'cas, conflict', run: (source, fence) => cas(source, fence, 1), answer: { kind: 'conflict' } },
  { name: 'cas, known', run: (source, fence) => cas(source, fence, VERSION, 'known', true), answer: { kind: 'known' } },
  { name: 'apply', run: (source, fence) => apply(source, fence, floorOf(9), 'new'), answer: { kind: 'ok' } },
  { name: 'apply, same', run: (source, fence) => apply(source, fence, VERSION, 'held'), answer: { kind: 'same' } },
  { name: 'apply, clash', run: (source, fence) => apply(source, fence, VERSION, 'other'), answer: { kind: 'clash' } },
  { name: 'apply, newer', run: (source, fence) => apply(source, fence, 1, 'old'), answer: { kind: 'newer' } },
  { name: 'apply, loss', run: (source, fence) => apply(source, fence, floorOf(9), 'new', 1), answer: { kind: 'loss' } },
  {
    name: 'applyMany',
    run: (source, fence) => source.applyMany(fence, [{ id: 'a', copy: { version: floorOf(9), op: 'new', value } }]),
    answer: [{ kind: 'ok' }],
  },
  { name: 'applyMany of nothing', run: (source, fence) => source.applyMany(fence, []), answer: [] },
]

async function prepare(source: Source, epoch: number): Promise<void> {
  await wrote(source, 1, 'a', { id: 'a' }, 'known', true)
  await wrote(source, 1, 'a', { id: 'a' }, 'held')
  await source.raise(fenceAt(epoch))
}

export function fencing(given: GivenSource): void {
  for (const { name, run, answer } of MUTATIONS) {
    it(`${name}: a stale caller is told the fence and nothing is done, now or when it is sent again`, async () => {
      const { source, another } = given()
      await prepare(source, 4)
      const before = await source.get('a')
      for (const handle of [source, another()]) {
        expect(await run(handle, fenceAt(3))).toEqual({ kind: 'stale', fence: fenceAt(4) })
      }
      expect(await another().get('a')).toEqual(before)
      expect((await another().get('a', 'new')).remembered).toBeNull()
    })

    it(`${name}: a lower fence is raised in the same access`, async () => {
      const { source, another } = given()
      await prepare(source, 1)
      expect(await run(source, fenceAt(3, 'live'))).toMatchObject(answer as object)
      expect((await another().control()).fence).toEqual(fenceAt(3, 'live'))
      expect((await another().get('a')).fence).toEqual(fenceAt(3, 'live'))
    })
  }

  it('reads and listings show the fence and never raise it', async () => {
    const { source, another } = given()
    await prepare(source, 2)
    await source.get('a')
    await source.page(null, 10)
    await source.count()
    expect((await another().get('a')).fence).toEqual(fenceAt(2))
    expect((await another().page(null, 10)).fence).toEqual(fenceAt(2))
  })

  it('keeps the stored fence when a caller of the same epoch brings another one', async () => {
    const { source, another } = given()
    await prepare(source, 4)
    await wrote(source, 4, 'b')
    await source.cas(fenceAt(4, 'live'), { id: 'c', base: 0, op: 'c', named: false, value: { id: 'c' } })
    expect(await source.raise(fenceAt(4, 'live'))).toEqual(fenceAt(4))
    expect((await another().control()).fence).toEqual(fenceAt(4))
  })

  it('raises to the highest of many, again without effect, and never lowers', async () => {
    const { source, another } = given()
    const other = another()
    await Promise.all([3, 9, 5, 7, 9, 1].map((epoch, at) => (at % 2 === 0 ? source : other).raise(fenceAt(epoch))))
    expect((await another().control()).fence).toEqual(fenceAt(9))
    expect(await other.raise(fenceAt(9))).toEqual(fenceAt(9))
    expect(await source.raise(fenceAt(2))).toEqual(fenceAt(9))
    expect(await source.raise(fenceAt(10))).toEqual(fenceAt(10))
    expect((await other.control()).fence).toEqual(fenceAt(10))
  })
}

export function holding(given: GivenSource): void {
  it('refuses writes while held, does nothing, and goes on reading', async () => {
    const { source, another } = given()
    await prepare(source, 4)
    await source.updateControl((control) => ({ ...control, hold: true }))
    const before = await another().get('a')
    expect(before).toMatchObject({ hold: true, copy: { op: 'held' } })
    expect(await cas(another(), fenceAt(4), VERSION)).toEqual({ kind: 'hold' })
    expect(await apply(another(), fenceAt(4), floorOf(9), 'new')).toEqual({ kind: 'hold' })
    const copies = ['a', 'b'].map((id) => ({ id, copy: { version: floorOf(9), op: 'new', value: { id } } }))
    expect(await source.applyMany(fenceAt(4), copies)).toEqual([{ kind: 'hold' }, { kind: 'hold' }])
    expect(await another().get('a')).toEqual(before)
    expect((await another().get('b')).copy).toBeNull()
    expect((await another().control()).hold).toBe(true)
  })

  it('tells of the fence before the hold, and of a known operation too', async () => {
    const { source } = given()
    await prepare(source, 4)
    await source.updateControl((control) => ({ ...control, hold: true }))
    expect(await cas(source, fenceAt(3), VERSION)).toMatchObject({ kind: 'stale' })
    expect(await cas(source, fenceAt(4), VERSION, 'known', true)).toMatchObject({ kind: 'known' })
  })

  it('ends a hold with a higher fence, or when it is cleared', async () => {
    const { source, another } = given()
    await prepare(source, 4)
    await source.updateControl((control) => ({ ...control, hold: true }))
    expect(await cas(another(), fenceAt(5), VERSION)).toMatchObject({ kind: 'ok' })
    expect(await another().control()).toMatchObject({ hold: false, fence: fenceAt(5) })
    await source.updateControl((control) => ({ ...control, hold: true }))
    await another().updateControl((control) => ({ ...control, hold: false }))
    expect(await apply(source, fenceAt(5), floorOf(9), 'new')).toEqual({ kind: 'ok' })
  })
}
