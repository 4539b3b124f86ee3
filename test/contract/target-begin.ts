import { expect, it } from 'vitest'
import type { TargetCopy } from '../../lib/core/copy.js'
import type { Target } from '../../lib/ports/store.js'
import { fenceAt, floorOf, newOp } from './stores.js'
import { began, copyOf, first, type GivenTarget, writeOf } from './target-given.js'

export function beginning(given: GivenTarget): void {
  it('numbers a write max(stored + 1, epoch * 2^32)', async () => {
    const { target } = given()
    const numbered: number[] = []
    for (const epoch of [0, 0, 1, 1, 5, 5]) numbered.push(await began(first(target), epoch, 'a'))
    expect(numbered).toEqual([1, 2, floorOf(1), floorOf(1) + 1, floorOf(5), floorOf(5) + 1])
    await first(target).applyMany(fenceAt(5), [copyOf('a', floorOf(9))])
    expect(await began(first(target), 5, 'a')).toBe(floorOf(9) + 1)
  })

  it('never restarts the versions of a record that was deleted', async () => {
    const { target, another } = given()
    const numbered: number[] = []
    for (const value of [{ id: 'a' }, null, { id: 'a' }, null, null, { id: 'a' }])
      numbered.push(await began(first(another()), 0, 'a', { value }))
    expect(numbered).toEqual([1, 2, 3, 4, 5, 6])
    expect(await target.count()).toEqual({ records: 1, tombstones: 0 })
  })

  it('keeps version, operation and an open mark with every copy, tombstones included', async () => {
    const { target, another } = given()
    for (const value of [{ id: 'a' }, null]) {
      const op = newOp()
      const version = await began(first(target), 2, 'a', { op, value })
      expect((await first(another()).get('a')).copy).toEqual({ version, op, open: true, value })
    }
  })

  it('tells a created record from a changed one', async () => {
    const { target } = given()
    const created: boolean[] = []
    for (const value of [{ id: 'a' }, { id: 'a', n: 1 }, null, { id: 'a' }]) {
      const answer = await first(target).begin(fenceAt(1), writeOf('a', { value }))
      if (answer.kind === 'ok' && value !== null) created.push(answer.created)
    }
    expect(created).toEqual([true, false, true])
  })
}

/** `base` against what is stored, and whether each comparison lets the write pass. */
const BASES = [
  { stored: 'nothing', base: (_: number) => 0, equal: true, atMost: true },
  { stored: 'nothing', base: (_: number) => floorOf(1), equal: false, atMost: true },
  { stored: 'record', base: (version: number) => version, equal: true, atMost: true },
  { stored: 'record', base: (version: number) => version + 1, equal: false, atMost: true },
  { stored: 'record', base: (version: number) => version - 1, equal: false, atMost: false },
  { stored: 'record', base: (_: number) => 0, equal: false, atMost: false },
  { stored: 'tombstone', base: (version: number) => version, equal: true, atMost: true },
  { stored: 'tombstone', base: (_: number) => 0, equal: false, atMost: false },
] as const

export function bound(given: GivenTarget): void {
  it('binds a write to its base: equal from live on, at most in shadow', async () => {
    const { target } = given()
    let records = 0
    for (const { stored, base, equal, atMost } of BASES) {
      for (const [compare, passes] of [
        ['equal', equal],
        ['at-most', atMost],
        [undefined, equal],
      ] as const) {
        records += 1
        const id = `record-${records}`
        const value = stored === 'record' ? { id } : null
        const version = stored === 'nothing' ? 0 : await began(first(target), 1, id, { value })
        const write = writeOf(id, { base: base(version), ...(compare === undefined ? {} : { compare }) })
        const answer = await first(target).begin(fenceAt(1), write)
        expect([id, stored, base(version), compare, answer.kind]).toEqual([
          id,
          stored,
          base(version),
          compare,
          passes ? 'ok' : 'fail',
        ])
      }
    }
  })

  it('shows the copy when it fails, and has done and remembered nothing', async () => {
    const { target, another } = given()
    const held: (TargetCopy | null)[] = [null]
    await first(target).applyMany(fenceAt(1), [
      copyOf('record', 5),
      { id: 'gone', copy: { version: 6, op: 'x', value: null } },
    ])
    held.push((await first(target).get('record')).copy, (await first(target).get('gone')).copy)
    for (const [at, id] of ['absent', 'record', 'gone'].entries()) {
      const write = writeOf(id, { base: 4, compare: 'equal', value: { id, changed: true } })
      expect(await first(target).begin(fenceAt(1), write)).toEqual({ kind: 'fail', copy: held[at] })
      expect((await first(another()).get(id)).copy).toEqual(held[at])
      expect(await first(another()).probe(fenceAt(1), write.op)).toEqual({ kind: 'none' })
    }
    expect(await first(target).countOpen()).toBe(0)
  })

  it('lets an operation that failed begin again with the base it was shown', async () => {
    const { target } = given()
    const version = await began(first(target), 1, 'a')
    const write = writeOf('a', { base: 0, compare: 'equal' })
    expect(await first(target).begin(fenceAt(1), write)).toMatchObject({ kind: 'fail', copy: { version } })
    expect(await first(target).begin(fenceAt(1), { ...write, base: version })).toMatchObject({ kind: 'ok' })
  })
}

const LATE = { startedAt: Date.now() - 3_600_000 }
const NOTHING_DONE = { version: floorOf(4), op: 'held' }

/** A record `a` at version 4 * 2^32 by `held`, the operation `known.print` done on `b`, and a hold. */
async function heldAtFour(target: Target): Promise<void> {
  await began(target, 4, 'a', { op: 'held' })
  await began(target, 4, 'b', { op: 'known.print' })
  await target.amend(fenceAt(4), { hold: true })
}

export function orderOfChecks(given: GivenTarget): void {
  it('looks at the fence first, even for an operation that it knows', async () => {
    const partition = first(given().target)
    await heldAtFour(partition)
    const write = writeOf('b', { op: 'known.print', base: 1, ...LATE })
    expect(await partition.begin(fenceAt(3), write)).toEqual({ kind: 'stale', fence: fenceAt(4) })
  })

  it('then at its memory of operations, whatever hold, lateness and base say', async () => {
    const partition = first(given().target)
    await heldAtFour(partition)
    const write = writeOf('b', { op: 'known.print', base: 1, ...LATE })
    expect(await partition.begin(fenceAt(4), write)).toEqual({ kind: 'known', version: floorOf(4) })
  })

  it('then at the hold, then at the lateness, then at its memory of names, then at the base', async () => {
    const { target, another } = given()
    const partition = first(target)
    await heldAtFour(partition)
    const write = writeOf('a', { base: 1 })
    expect(await partition.begin(fenceAt(4), { ...write, ...LATE })).toEqual({ kind: 'hold' })
    await partition.amend(fenceAt(4), { hold: false })
    expect(await partition.begin(fenceAt(4), { ...write, ...LATE })).toEqual({ kind: 'expired' })
    const reused = { ...write, op: 'known.other' }
    expect(await partition.begin(fenceAt(4), { ...reused, ...LATE })).toEqual({ kind: 'expired' })
    expect(await partition.begin(fenceAt(4), reused)).toEqual({ kind: 'reused' })
    expect(await partition.begin(fenceAt(4), { ...write, op: 'known', id: 'c' })).toEqual({ kind: 'reused' })
    expect((await partition.get('c')).copy).toBeNull()
    expect(await partition.begin(fenceAt(4), write)).toMatchObject({ kind: 'fail' })
    expect((await first(another()).get('a')).copy).toMatchObject(NOTHING_DONE)
    expect(await partition.probe(fenceAt(4), write.op)).toEqual({ kind: 'none' })
  })

  it('refuses what comes too late and what comes from the future, and does nothing', async () => {
    const { target, another } = given()
    for (const [startedAt, kind] of [
      [Date.now() - 3_600_000, 'expired'],
      [Date.now() + 3_600_000, 'early'],
    ] as const) {
      const write = writeOf('a', { startedAt })
      expect(await first(target).begin(fenceAt(1), write)).toEqual({ kind })
      expect(await first(another()).probe(fenceAt(1), write.op)).toEqual({ kind: 'none' })
    }
    const justInTime = writeOf('a', { startedAt: Date.now() - 9 * 60_000 })
    expect(await first(target).begin(fenceAt(1), justInTime)).toMatchObject({ kind: 'ok' })
  })

  it('answers lost where a fence was expected and there is none, before anything else, and does nothing', async () => {
    const { target, another } = given()
    const write = writeOf('a', { fenceExpected: true })
    expect(await first(target).begin(fenceAt(4), write)).toEqual({ kind: 'lost' })
    expect(await first(target).begin(fenceAt(4), { ...write, ...LATE })).toEqual({ kind: 'lost' })
    expect(await first(another()).get('a')).toEqual({ fence: null, hold: false, copy: null })
    await first(target).raise(fenceAt(3))
    expect(await first(target).begin(fenceAt(4), write)).toMatchObject({ kind: 'ok' })
  })

  it('ends a hold with a higher fence', async () => {
    const { target } = given()
    await heldAtFour(first(target))
    expect(await first(target).begin(fenceAt(5), writeOf('a'))).toMatchObject({ kind: 'ok', version: floorOf(5) })
    expect(await first(target).control()).toEqual({ fence: fenceAt(5), hold: false })
  })
}
