import { expect, it } from 'vitest'
import { compareIds } from '../../lib/core/id.js'
import type { Plan } from '../../lib/core/protocol/answers.js'
import { type GivenSource, wrote } from './source-given.js'
import { fenceAt, floorOf, ORDERED_IDS, shuffled, walk } from './stores.js'

export function listing(given: GivenSource): void {
  it('lists records and tombstones by code point, page by page, with the fence', async () => {
    const { source, another } = given()
    expect([...ORDERED_IDS].sort(compareIds)).toEqual(ORDERED_IDS)
    const copies = shuffled(ORDERED_IDS).map((id, at) => ({
      id,
      copy: { version: floorOf(1) + at, op: `op${at}`, value: at % 4 === 0 ? null : { id, at } },
    }))
    await source.applyMany(fenceAt(1), copies)
    for (const limit of [1, 4, ORDERED_IDS.length, 200]) {
      const items = await walk((after) => another().page(after, limit))
      expect(items.map(({ id }) => id)).toEqual(ORDERED_IDS)
      for (const { id, copy } of copies) expect(items.find((item) => item.id === id)?.copy).toEqual(copy)
    }
    expect((await source.page('a/b', 3)).items.map(({ id }) => id)).toEqual(['a/b/c', 'a:b', 'aa'])
    expect((await source.page('a/a', 1)).items.map(({ id }) => id)).toEqual(['a/b'])
    expect(await source.page('\u{10ffff}', 3)).toEqual({ items: [], end: true, fence: fenceAt(1) })
  })

  it('answers at a glance, if it does, what it answers one by one', async () => {
    const { source, another } = given()
    for (const id of ['a', 'b']) await wrote(source, 1, id)
    const one = another()
    if (one.glance === undefined) return
    expect(await one.glance()).toEqual({ counts: await one.count(), control: await one.control() })
    expect((await one.glance()).counts).toEqual({ records: 2, tombstones: 0 })
  })

  it('says where the listing ends', async () => {
    const { source } = given()
    for (const id of ['a', 'b', 'c']) await wrote(source, 1, id)
    expect(await source.page(null, 2)).toMatchObject({ items: [{ id: 'a' }, { id: 'b' }], end: false })
    expect(await source.page('b', 2)).toMatchObject({ items: [{ id: 'c' }], end: true })
    await wrote(source, 1, 'bb')
    expect(await source.page('b', 2)).toMatchObject({ items: [{ id: 'bb' }, { id: 'c' }] })
  })

  it('counts records and tombstones', async () => {
    const { source, another } = given()
    for (const id of ['a', 'b', 'c']) await wrote(source, 1, id)
    await wrote(source, 1, 'b', null)
    expect(await another().count()).toEqual({ records: 2, tombstones: 1 })
    await wrote(source, 1, 'b')
    expect(await another().count()).toEqual({ records: 3, tombstones: 0 })
  })
}

export function control(given: GivenSource): void {
  const plan: Plan = {
    fence: fenceAt(5, 'live'),
    first: 'source',
    by: 'operator "Ä"',
    reason: 'line\nbreak',
    at: 1_700_000_000_000,
    from: 'shadow',
    to: 'live',
  }

  it('keeps fence, plan, hold and heartbeat as they were decided', async () => {
    const { source, another } = given()
    await wrote(source, 1, 'a')
    const wanted = { fence: fenceAt(4), plan, hold: true, heartbeat: 12 }
    expect(await source.updateControl(() => wanted)).toEqual(wanted)
    expect(await another().control()).toEqual(wanted)
    await another().updateControl((now) => ({ ...now, plan: null, hold: false }))
    expect(await source.control()).toEqual({ fence: fenceAt(4), plan: null, hold: false, heartbeat: 12 })
    expect((await source.get('a')).copy?.value).toEqual({ id: 'a' })
  })

  it('changes nothing when the decision is not to', async () => {
    const { source, another } = given()
    await source.updateControl((now) => ({ ...now, plan, heartbeat: 1 }))
    const before = await another().control()
    expect(await another().updateControl(() => null)).toEqual(before)
    expect(await source.control()).toEqual(before)
  })

  it('takes every one of many decisions made at once on the control record as it is then', async () => {
    const { source, another } = given()
    const handles = [source, another(), another()]
    const beats = Array.from({ length: 30 }, (_, at) =>
      handles[at % 3]?.updateControl((now) => ({ ...now, heartbeat: now.heartbeat + 1 })),
    )
    await Promise.all(beats)
    expect((await another().control()).heartbeat).toBe(30)
  })

  it('lets one of several planners decide an epoch', async () => {
    const { source, another } = given()
    const planners = [source, another(), another(), source].map((handle, at) =>
      handle.updateControl((now) => (now.plan === null ? { ...now, plan: { ...plan, by: `planner ${at}` } } : null)),
    )
    const seen = new Set((await Promise.all(planners)).map((now) => now.plan?.by))
    expect(seen.size).toBe(1)
    expect(seen).toContain((await another().control()).plan?.by)
  })
}
