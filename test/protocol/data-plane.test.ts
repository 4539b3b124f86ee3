import { expect, test } from 'vitest'
import type { DataPlane, Mutation } from '../../lib/core/data-plane.js'
import type { Fence } from '../../lib/core/fence.js'
import { memoryDocuments } from '../../lib/drivers/documents/memory.js'
import { documentSource } from '../../lib/drivers/stores/documents/source.js'
import { memoryTarget } from '../../lib/drivers/stores/memory/target.js'
import type { Collection, DataPlaneEvent } from '../../lib/engine/collection.js'
import { dataPlane } from '../../lib/engine/data-plane/data-plane.js'
import { etagOf } from '../../lib/engine/data-plane/intent.js'
import { firstOf, NOW, storesOf, UP } from './by-hand.js'

interface Setting {
  plane: DataPlane
  collection: Collection
  events: DataPlaneEvent[]
  raise(fence: Fence): Promise<void>
  write(id: string, mutation: Mutation): ReturnType<DataPlane['write']>
}

function settingOf(leaseMs: number | null = null): Setting {
  const { clock } = storesOf()
  const source = documentSource({ documents: memoryDocuments(), name: 'p.json', collection: 'projects', clock })
  const target = memoryTarget({ collection: 'projects', partitions: 1, clock })
  const collection: Collection = { name: 'projects', source: { partitions: [source] }, target, leaseMs }
  const events: DataPlaneEvent[] = []
  const report = (event: DataPlaneEvent): void => void events.push(event)
  const plane = dataPlane([collection], { clock, background: () => {}, report })
  let count = 0
  return {
    plane,
    collection,
    events,
    async raise(fence) {
      await source.raise(fence)
      await target.partitions[0]?.raise(fence)
    },
    write(id, mutation) {
      count += 1
      return plane.write('projects', id, { op: `op${count}`, startedAt: NOW, named: false }, mutation)
    },
  }
}

const put = (id: string): Mutation => ({ kind: 'put', value: { id } })

test('an ETag is the version in decimal, of every size', () => {
  const edges = [1, 9, 10, 99, 100, 999, 1_000, 1_001, 1_010, 2 ** 31, 2 ** 32, 2 ** 32 + 7, 2 ** 52, 2 ** 53 - 1]
  for (const version of edges) expect(etagOf(version)).toBe(String(version))
  for (let at = 0; at < 5_000; at++) expect(etagOf(5 * 2 ** 32 + at)).toBe(String(5 * 2 ** 32 + at))
})

test('the ETag of a deletion meets no condition, in any stage', async () => {
  for (const fence of [UP.dualwrite, UP.shadow, UP.live, UP.rampdown, UP.complete]) {
    const { raise, write, plane } = settingOf()
    await raise(fence)
    await write('a', put('a'))
    const { etag } = await write('a', { kind: 'delete' })
    for (const kind of ['put', 'delete'] as const) {
      const condition = { kind: 'if-match' as const, etag }
      const mutation: Mutation = kind === 'put' ? { kind, value: { id: 'a' }, condition } : { kind, condition }
      await expect(write('a', mutation)).rejects.toMatchObject({ code: 'precondition-failed' })
    }
    expect(await plane.get('projects', 'a')).toMatchObject({ kind: 'absent' })
  }
})

test('a record that is absent cannot be deleted, whatever the condition', async () => {
  for (const fence of [UP.dualwrite, UP.shadow, UP.live, UP.rampdown]) {
    const { raise, write } = settingOf()
    await raise(fence)
    await expect(write('a', { kind: 'delete' })).rejects.toMatchObject({ code: 'not-found' })
    const condition = { kind: 'if-none-match' as const }
    await expect(write('a', { kind: 'delete', condition })).rejects.toMatchObject({ code: 'precondition-failed' })
  }
})

test('a stage change in the middle of a page loses none of its rows', async () => {
  const { raise, write, plane, collection } = settingOf(1_000)
  await raise(UP.shadow)
  for (const id of ['a', 'b', 'c']) await write(id, put(id))
  const [source] = collection.source.partitions
  if (source === undefined) throw new Error('There is no source.')
  const { page } = source
  // The rows are read one by one under a lease; the first of them learns of the next stage.
  source.page = async (after, limit) => {
    const read = await page(after, limit)
    await raise(UP.rampdown)
    return read
  }
  const { items } = await plane.list('projects', null, 10)
  expect(items.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
})

test('a target that has lost everything lists nothing, rather than an empty page', async () => {
  const { raise, plane, collection, events } = settingOf()
  await raise(UP.live)
  await plane.list('projects', null, 10)
  collection.target.page = async () => ({ items: [], end: true, fences: [null] })
  await expect(plane.list('projects', null, 10)).rejects.toMatchObject({ code: 'unavailable' })
  expect(events).toMatchObject([{ kind: 'target-lost-data', sign: 'fence-missing' }])
})

test('an open copy on hold is not listed either', async () => {
  const { raise, plane, collection } = settingOf(1_000)
  await raise(UP.live)
  const [target] = collection.target.partitions
  const write = { id: 'a', op: 'x', startedAt: NOW, value: { id: 'a' }, fenceExpected: true }
  expect(await target?.begin(UP.live, write)).toMatchObject({ version: firstOf(3) })
  await target?.raise(UP.rampdown, { hold: true })
  await expect(plane.list('projects', null, 10)).rejects.toMatchObject({ code: 'unavailable' })
})
