import { expect, it } from 'vitest'
import type { Fence } from '../../lib/core/fence.js'
import type { Target } from '../../lib/ports/store.js'
import { fenceAt, floorOf, newOp, realClock } from './stores.js'
import { began, copyOf, first, type GivenTarget, partition, writeOf } from './target-given.js'

/** Of `a`, which has `VERSION` by `held`; `known.print` was done before. */
const VERSION = floorOf(1) + 1
const begin = (over: Parameters<typeof writeOf>[1]) => (target: Target, fence: Fence) =>
  target.begin(fence, { ...writeOf('a'), op: 'new', ...over })
const apply = (version: number, op: string) => (target: Target, fence: Fence) =>
  target.applyMany(fence, [copyOf('a', version, op)])

const ACCESSES: { name: string; run: (target: Target, fence: Fence) => Promise<unknown>; answer: unknown }[] = [
  { name: 'begin', run: begin({}), answer: { kind: 'ok' } },
  { name: 'begin, bound', run: begin({ base: VERSION, fenceExpected: true }), answer: { kind: 'ok' } },
  { name: 'begin, known', run: begin({ op: 'known.print' }), answer: { kind: 'known' } },
  { name: 'begin, reused', run: begin({ op: 'known.other' }), answer: { kind: 'reused' } },
  { name: 'begin, expired', run: begin({ startedAt: 1 }), answer: { kind: 'expired' } },
  { name: 'begin, fail', run: begin({ base: 1 }), answer: { kind: 'fail' } },
  { name: 'applyMany', run: apply(floorOf(9), 'new'), answer: [{ kind: 'ok' }] },
  { name: 'applyMany, same', run: apply(VERSION, 'held'), answer: [{ kind: 'same' }] },
  { name: 'applyMany, newer', run: apply(1, 'old'), answer: [{ kind: 'newer' }] },
  { name: 'applyMany of nothing', run: (target, fence) => target.applyMany(fence, []), answer: [] },
  { name: 'probe', run: (target, fence) => target.probe(fence, 'known.print'), answer: { kind: 'known' } },
  { name: 'probe, none', run: (target, fence) => target.probe(fence, 'none'), answer: { kind: 'none' } },
  {
    name: 'prove',
    run: (target, fence) => target.prove(fence, { version: 1, op: 'x' }, { version: 2, op: 'y' }),
    answer: { kind: 'not-proved' },
  },
]

async function prepare(target: Target, epoch: number): Promise<void> {
  await began(target, 1, 'a', { op: 'known.print' })
  await began(target, 1, 'a', { op: 'held' })
  await target.raise(fenceAt(epoch))
}

export function fencing(given: GivenTarget): void {
  for (const { name, run, answer } of ACCESSES) {
    it(`${name}: a stale caller is told the fence and nothing is done, now or when it is sent again`, async () => {
      const { target, another } = given()
      await prepare(first(target), 4)
      const before = await first(target).get('a')
      for (const handle of [target, another()]) {
        expect(await run(first(handle), fenceAt(3))).toEqual({ kind: 'stale', fence: fenceAt(4) })
      }
      expect(await first(another()).get('a')).toEqual(before)
      expect(await first(target).probe(fenceAt(4), 'new')).toEqual({ kind: 'none' })
    })

    it(`${name}: a lower fence is raised in the same access`, async () => {
      const { target, another } = given()
      await prepare(first(target), 1)
      expect(await run(first(target), fenceAt(3, 'live'))).toMatchObject(answer as object)
      expect(await first(another()).control()).toEqual({ fence: fenceAt(3, 'live'), hold: false })
      expect((await first(another()).get('a')).fence).toEqual(fenceAt(3, 'live'))
    })
  }

  it('reads, listings and settlements show the fence and never raise it', async () => {
    const { target, another } = given()
    await prepare(first(target), 2)
    await first(target).get('a')
    await first(target).settleMany([{ id: 'a', version: VERSION, op: 'held' }])
    expect((await first(target).getMany(['a'])).fence).toEqual(fenceAt(2))
    expect((await target.page(null, 10)).fences).toEqual([fenceAt(2), null])
    expect((await first(another()).control()).fence).toEqual(fenceAt(2))
  })

  it('keeps the stored fence when a caller of the same epoch brings another one', async () => {
    const { target, another } = given()
    await prepare(first(target), 4)
    await first(target).begin(fenceAt(4, 'live'), writeOf('a'))
    expect((await first(another()).control()).fence).toEqual(fenceAt(4))
  })

  it('keeps one fence a partition', async () => {
    const { target } = given()
    await began(partition(target, 0), 3, 'a')
    await began(partition(target, 1), 5, 'b')
    expect((await target.page(null, 10)).fences).toEqual([fenceAt(3), fenceAt(5)])
    expect(await partition(target, 0).begin(fenceAt(4), writeOf('a'))).toMatchObject({ kind: 'ok' })
    expect(await partition(target, 1).begin(fenceAt(4), writeOf('b'))).toMatchObject({ kind: 'stale' })
  })
}

export function remembering(given: GivenTarget): void {
  it('knows an operation that it has done, whatever happened to the record since', async () => {
    const { target, another } = given()
    const write = writeOf('a')
    const answer = await first(target).begin(fenceAt(1), write)
    if (answer.kind !== 'ok') throw new Error(answer.kind)
    await began(first(another()), 1, 'a', { value: null })
    const { version } = answer
    expect(await first(another()).begin(fenceAt(1), write)).toEqual({ kind: 'known', version })
    expect(await first(another()).begin(fenceAt(2), write)).toEqual({ kind: 'known', version })
    expect(await first(another()).probe(fenceAt(2), write.op)).toEqual({ kind: 'known', version })
    expect((await first(target).get('a')).copy?.value).toBeNull()
  })

  it('probes for the operation, not for its key, and remembers none that came from the source', async () => {
    const { target } = given()
    await began(first(target), 1, 'a', { op: 'key.first' })
    await first(target).applyMany(fenceAt(1), [copyOf('b', floorOf(1), 'applied')])
    expect(await first(target).probe(fenceAt(1), 'key.other')).toEqual({ kind: 'none' })
    expect(await first(target).probe(fenceAt(1), 'key')).toEqual({ kind: 'none' })
    expect(await first(target).probe(fenceAt(1), 'applied')).toEqual({ kind: 'none' })
  })

  it('proves that it numbered two operations, and only with both versions right', async () => {
    const { target, another } = given()
    const mine = { op: newOp(), version: 0 }
    const held = { op: newOp(), version: 0 }
    mine.version = await began(first(target), 1, 'a', { op: mine.op })
    held.version = await began(first(target), 1, 'a', { op: held.op })
    const prove = (a: typeof mine, b: typeof mine) => first(another()).prove(fenceAt(1), a, b)
    expect(await prove(held, mine)).toEqual({ kind: 'proved' })
    expect(await prove({ ...held, version: held.version + 1 }, mine)).toEqual({ kind: 'not-proved' })
    expect(await prove(held, { ...mine, version: mine.version + 1 })).toEqual({ kind: 'not-proved' })
    expect(await prove({ ...held, op: `${held.op}.print` }, mine)).toEqual({ kind: 'not-proved' })
    await first(target).applyMany(fenceAt(1), [copyOf('b', 9, 'applied')])
    expect(await prove({ version: 9, op: 'applied' }, mine)).toEqual({ kind: 'not-proved' })
  })

  it('forgets an operation after twice the lateness limit, by its own clock', async () => {
    const target = first(given().fresh(1_000))
    const write = writeOf('a')
    const version = await began(target, 1, 'a', write)
    let sent = 0
    for (; sent < 100 && (await target.probe(fenceAt(1), write.op)).kind === 'known'; sent++) await realClock.sleep(100)
    expect(sent).toBeGreaterThan(0)
    expect(Date.now() - write.startedAt).toBeGreaterThanOrEqual(1_999)
    expect(await target.begin(fenceAt(1), write), 'too late to run again').toEqual({ kind: 'expired' })
    expect(await target.begin(fenceAt(1), { ...write, startedAt: Date.now() })).toMatchObject({ version: version + 1 })
  })
}
