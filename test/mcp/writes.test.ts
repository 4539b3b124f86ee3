import { describe, expect, test } from 'vitest'
import { isReusedKey } from '../../lib/core/operation.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { CLIENTS, type TestClient } from './official-clients.js'

const NOW = 1_790_000_000_000
const ALICE = { name: 'alice', role: 'viewer' } as const
const BOB = { name: 'bob', role: 'viewer' } as const

async function connected(
  caller?: typeof ALICE | typeof BOB,
  at?: Endpoint,
): Promise<Endpoint & { client: TestClient }> {
  let made = 0
  const made_at = at ?? endpoint({ now: () => NOW, newId: () => `id-${++made}` })
  const [first] = CLIENTS
  if (first === undefined) throw new Error('no client')
  return { ...made_at, client: await first.connect(made_at.fetchAs(caller)) }
}

test('a record of an old document whose id is a number is read and changed, and keeps it', async () => {
  const { client, plane } = await connected()
  plane.seed('projects', [{ id: 7, name: 'Old' }])
  const changed = await client.call('update_project', { id: '7', changes: { id: 7, name: 'New' } })
  expect(changed.structuredContent).toMatchObject({ id: '7', record: { id: 7, name: 'New' } })
  expect((await client.call('update_project', { id: '7', changes: { id: 8 } })).isError).toBe(true)
})

test('a record does not grow beyond the limit of the HTTP API', async () => {
  const { client, plane } = await connected()
  const half = 'x'.repeat(600_000)
  expect((await client.call('create_project', { id: 'a', name: 'A', half })).isError).toBeUndefined()
  const grown = await client.call('update_project', { id: 'a', changes: { other: half } })
  expect(JSON.stringify(grown.content)).toContain('too-large')
  expect((await client.call('create_project', { id: 'b', name: 'B', half, other: half })).isError).toBe(true)
  expect(await plane.get('projects', 'b')).toMatchObject({ kind: 'absent' })
})

describe('operations', () => {
  test('a write without a key gets an operation of its own that is not remembered', async () => {
    const { client, plane } = await connected()
    await client.call('create_project', { id: 'p1', name: 'First' })
    await client.call('update_project', { id: 'p1', changes: { name: 'x' } })
    expect(plane.operations).toMatchObject([
      { startedAt: NOW, named: false },
      { startedAt: NOW, named: false },
    ])
    expect(new Set(plane.operations.map(({ op }) => op)).size).toBe(2)
  })

  test('a repetition with the key has no second effect, in whatever order its arguments come', async () => {
    const { client, plane } = await connected()
    const first = await client.call('create_project', { name: 'First', size: 1, idempotencyKey: 'k' })
    const again = await client.call('create_project', { idempotencyKey: 'k', size: 1, name: 'First' })
    expect(again.isError).toBeUndefined()
    expect(again.structuredContent).toEqual({ ...first.structuredContent, created: false, record: null })
    expect((await client.call('list_projects')).structuredContent?.items).toHaveLength(1)
    expect(plane.operations[0]?.op).toMatch(/^[\w-]{43}\.[\w-]{43}$/)
    expect(plane.operations[1]?.op).toBe(plane.operations[0]?.op)
    expect(plane.operations[0]?.named).toBe(true)
    expect(plane.operations[0]?.op).not.toContain('k.')
  })

  test.each([
    ['create_project', { id: 'p1', name: 'Other' }],
    ['update_project', { id: 'p1', changes: { name: 'Other' } }],
    ['delete_project', { id: 'p1' }],
  ])('the key used again for another request is refused: %s', async (tool, args) => {
    const { client, plane } = await connected()
    await client.call('create_project', { id: 'p1', name: 'First', idempotencyKey: 'k' })
    const result = await client.call(tool, { ...args, idempotencyKey: 'k' })
    expect(result.content[0]?.text).toMatch(/^idempotency-mismatch: /)
    const [held, asked] = plane.operations.map(({ op }) => op)
    expect(isReusedKey(held ?? '', asked ?? '')).toBe(true)
  })

  test('keys of different callers and collections have nothing to do with each other', async () => {
    const alice = await connected(ALICE)
    const bob = await connected(BOB, alice)
    await alice.client.call('create_project', { id: 'p1', name: 'x', idempotencyKey: 'k' })
    await bob.client.call('create_project', { id: 'p2', name: 'x', idempotencyKey: 'k' })
    await bob.client.call('create_resource', { id: 'p2', name: 'x', projectId: 'p2', idempotencyKey: 'k' })
    const keys = alice.plane.operations.map(({ op }) => op.slice(0, op.indexOf('.')))
    expect(new Set(keys).size).toBe(3)
  })
})

test('a record gets the id that it was created under, chosen or made up', async () => {
  const { client } = await connected()
  const made = await client.call('create_project', { name: 'First' })
  expect(made.structuredContent).toMatchObject({ record: { id: made.structuredContent?.id, name: 'First' } })
  expect(made.structuredContent?.id).toMatch(/^id-\d+$/)
})

test('what is not a valid record is refused with the places of its faults and not their values', async () => {
  const { client, plane } = await connected()
  plane.seed('projects', [{ id: 'p1', name: 'First' }])
  const result = await client.call('update_project', { id: 'p1', changes: { name: 4711, description: [] } })
  expect(result.content[0]?.text).toMatch(/^invalid-input: .*project.*name: .*description: /)
  expect(result.content[0]?.text).not.toContain('4711')
})

test('a member of a record that a merge patch sets to null goes', async () => {
  const { client, plane } = await connected()
  plane.seed('projects', [{ id: 'p1', name: 'First', deep: { a: 1, b: 2 } }])
  const result = await client.call('update_project', { id: 'p1', changes: { deep: { a: null, c: 3 } } })
  expect(result.structuredContent?.record).toEqual({ id: 'p1', name: 'First', deep: { b: 2, c: 3 } })
})

test('a record that was stored without its id has it after an update', async () => {
  const { client, plane } = await connected()
  plane.put('projects', 'p1', { name: 'First' })
  const result = await client.call('update_project', { id: 'p1', changes: { size: 1 } })
  expect(result.structuredContent?.record).toEqual({ id: 'p1', name: 'First', size: 1 })
})
