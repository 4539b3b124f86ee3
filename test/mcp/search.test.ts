import { beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { LIMIT_MAX } from '../../lib/mcp/schemas.js'
import { SEARCH_PAGES_MAX } from '../../lib/mcp/search-tool.js'
import { call, type Endpoint, endpoint, postLegacy } from './endpoint.js'

const page = z.object({
  items: z.array(z.object({ id: z.string() })),
  nextCursor: z.string().optional(),
  scanned: z.number(),
})
const PER_CALL = SEARCH_PAGES_MAX * LIMIT_MAX

let at: Endpoint
beforeEach(() => {
  at = endpoint()
})

async function search(args: { query: string; cursor?: string; limit?: number }): Promise<z.infer<typeof page>> {
  const response = await postLegacy(at.fetchAs(), call('search_projects', args))
  return page.parse(z.object({ result: z.looseObject({}) }).parse(await response.json()).result.structuredContent)
}

function seed(count: number, matches: (n: number) => boolean): string[] {
  const id = (n: number) => String(n).padStart(5, '0')
  const all = Array.from({ length: count }, (_, n) => ({ id: id(n), name: matches(n) ? 'needle' : 'hay' }))
  at.plane.seed('projects', all)
  return all.filter(({ name }) => name === 'needle').map((record) => record.id)
}

async function walk(args: { query: string; limit?: number }): Promise<string[]> {
  const found: string[] = []
  let cursor: string | undefined
  for (let calls = 0; calls < 100; calls++) {
    const got = await search(cursor === undefined ? args : { ...args, cursor })
    found.push(...got.items.map(({ id }) => id))
    cursor = got.nextCursor
    if (cursor === undefined) return found
  }
  throw new Error('the search does not end')
}

test('one call reads a bounded number of pages, and says where to go on', async () => {
  seed(PER_CALL + 1, (n) => n === PER_CALL)
  const first = await search({ query: 'needle' })
  expect(first).toMatchObject({ items: [], scanned: PER_CALL, nextCursor: expect.any(String) })
  expect(at.plane.lists).toBe(SEARCH_PAGES_MAX)
  const second = await search({ query: 'needle', cursor: first.nextCursor ?? '' })
  expect(second).toMatchObject({ items: [{ id: String(PER_CALL).padStart(5, '0') }], scanned: 1 })
  expect(second.nextCursor).toBeUndefined()
})

test.each([
  [0, 1, 1],
  [99, 3, 7],
  [100, 1, 5],
  [250, 2, 20],
  [250, 249, 1],
  [1200, 13, 100],
])('of %i records every %i-th matches: pages of %i hold each once, in order', async (count, every, limit) => {
  const expected = seed(count, (n) => n % every === 0)
  expect(await walk({ query: 'needle', limit })).toEqual(expected)
})

test('a listing that ends where a page is full has no next page', async () => {
  seed(LIMIT_MAX, (n) => n === LIMIT_MAX - 1)
  expect((await search({ query: 'needle', limit: 1 })).nextCursor).toBeUndefined()
})

test('finds text in any case, at any depth, in values only', async () => {
  at.plane.seed('projects', [
    { id: 'a', name: 'Straße', deep: { list: ['x', { text: 'The ÄPFEL' }] } },
    { id: 'b', name: 'x', äpfel: 1 },
    { id: 'c', name: 'A\u0308pfel' },
  ])
  expect(await walk({ query: 'äpfel' })).toEqual(['a', 'c'])
})

test('a cursor of another collection is refused', async () => {
  seed(30, () => true)
  const { nextCursor } = await search({ query: 'needle', limit: 1 })
  const response = await postLegacy(at.fetchAs(), call('search_resources', { query: 'x', cursor: nextCursor }))
  expect(await response.text()).toContain('invalid-input')
})
