import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { uriOf } from '../../lib/mcp/record-resources.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { CLIENTS, type TestClient } from './official-clients.js'

const TOOLS = ['list', 'get', 'search', 'create', 'update', 'delete']

describe.each(CLIENTS)('$name', ({ connect }) => {
  let at: Endpoint
  let client: TestClient

  beforeEach(async () => {
    at = endpoint()
    client = await connect(at.fetchAs())
  })
  afterEach(() => client.close())

  test('lists the tools of both collections, all four annotations and both schemas on each', async () => {
    const tools = await client.listTools()
    const names = TOOLS.flatMap((verb) => {
      const plural = verb === 'list' || verb === 'search'
      return [`${verb}_${plural ? 'projects' : 'project'}`, `${verb}_${plural ? 'resources' : 'resource'}`]
    })
    expect(tools.map(({ name }) => name).sort()).toEqual(names.sort())
    for (const tool of tools) {
      expect(Object.keys(tool.annotations ?? {}).sort(), tool.name).toEqual([
        'destructiveHint',
        'idempotentHint',
        'openWorldHint',
        'readOnlyHint',
      ])
      expect(tool.title, tool.name).toBeTruthy()
      expect(tool.inputSchema.type).toBe('object')
      expect(tool.outputSchema?.type).toBe('object')
    }
    expect(client.serverVersion()).toBe('1.2.3')
  })

  test('creates, reads, updates, deletes', async () => {
    const created = await client.call('create_project', { id: 'p1', name: 'First', tags: ['a'] })
    expect(created.structuredContent).toEqual({
      id: 'p1',
      etag: '"1"',
      created: true,
      record: { id: 'p1', name: 'First', tags: ['a'] },
    })
    expect(JSON.parse(created.content[0]?.text ?? '')).toEqual(created.structuredContent)
    expect(created._meta).toMatchObject({
      'cutover/stage': 'shadow',
      'cutover/served-by': 'source',
      'cutover/epoch': 3,
    })

    const updated = await client.call('update_project', { id: 'p1', changes: { tags: null, description: 'd' } })
    expect(updated.structuredContent?.record).toEqual({ id: 'p1', name: 'First', description: 'd' })
    const read = await client.call('get_project', { id: 'p1' })
    expect(read.structuredContent).toEqual({
      id: 'p1',
      etag: updated.structuredContent?.etag,
      record: { id: 'p1', name: 'First', description: 'd' },
    })
    const deleted = await client.call('delete_project', { id: 'p1', ifMatch: String(read.structuredContent?.etag) })
    expect(deleted.structuredContent).toEqual({ id: 'p1', etag: '"3"', deleted: true })
    expect((await client.call('get_project', { id: 'p1' })).isError).toBe(true)
  })

  test('errors are results with their code first and no structured content', async () => {
    at.plane.seed('projects', [{ id: 'p1', name: 'First' }])
    const cases: [string, { [name: string]: unknown }, string][] = [
      ['get_project', { id: 'none' }, 'not-found'],
      ['create_project', { id: 'p1', name: 'Again' }, 'precondition-failed'],
      ['update_project', { id: 'p1', changes: { name: 'x' }, ifMatch: '"9"' }, 'precondition-failed'],
      ['update_project', { id: 'none', changes: {} }, 'not-found'],
      ['update_project', { id: 'p1', changes: { id: 'p2' } }, 'invalid-input'],
      ['update_project', { id: 'p1', changes: { id: null } }, 'invalid-input'],
      ['update_project', { id: 'p1', changes: { name: 7 } }, 'invalid-input'],
      ['delete_project', { id: 'none' }, 'not-found'],
      ['create_project', { id: '..', name: 'x' }, 'invalid-input'],
      ['list_projects', { cursor: 'x' }, 'invalid-input'],
      ['search_projects', { query: 'x', cursor: '' }, 'invalid-input'],
    ]
    for (const [name, args, code] of cases) {
      const result = await client.call(name, args)
      expect(result.isError, name).toBe(true)
      expect(result.content[0]?.text, name).toMatch(new RegExp(`^${code}: `))
      expect(result._meta?.['cutover/error'], name).toMatchObject({ code })
      expect(result.structuredContent, name).toBeUndefined()
    }
    expect((await client.call('get_project', { id: 'p1' })).structuredContent?.record).toEqual({
      id: 'p1',
      name: 'First',
    })
  })

  test('arguments that a tool does not know are refused, and not dropped', async () => {
    at.plane.seed('projects', [{ id: 'p1', name: 'First' }])
    const result = await client.call('delete_project', { id: 'p1', if_match: '"9"' })
    expect(result.isError).toBe(true)
    expect(at.plane.operations).toEqual([])
  })

  test('a stored record that breaks its schema can be read, listed and searched', async () => {
    at.plane.seed('projects', [{ id: 'p1', name: 7, description: null, note: 'odd' }])
    const record = { id: 'p1', name: 7, description: null, note: 'odd' }
    expect((await client.call('get_project', { id: 'p1' })).structuredContent?.record).toEqual(record)
    expect((await client.call('list_projects')).structuredContent?.items).toMatchObject([{ record }])
    expect((await client.call('search_projects', { query: 'ODD' })).structuredContent?.items).toMatchObject([
      { record },
    ])
  })

  test('pages through a listing without a gap or a repetition', async () => {
    at.plane.seed('projects', numbered(45))
    const seen: unknown[] = []
    let cursor: unknown
    for (let pages = 0; pages < 10; pages++) {
      const args = cursor === undefined ? {} : { cursor }
      const { structuredContent: page = {} } = await client.call('list_projects', args)
      seen.push(
        ...z
          .array(z.object({ id: z.string() }))
          .parse(page.items)
          .map(({ id }) => id),
      )
      cursor = page.nextCursor
      if (cursor === undefined) break
    }
    expect(seen).toEqual(numbered(45).map(({ id }) => id))
    expect(at.plane.lists).toBe(3)
  })

  test('every record is a resource, whatever its id', async () => {
    const ids = ['a/b', 'ü ñ', '%2e', 'x?y#z', '日本', "it's", 'a,b', '😀']
    at.plane.seed(
      'projects',
      ids.map((id) => ({ id, name: `Project ${id}` })),
    )
    for (const id of ids) {
      const { text } = await client.read(uriOf('projects', id))
      expect(JSON.parse(text)).toEqual({ id, name: `Project ${id}` })
    }
    expect((await client.templates()).sort()).toEqual(['cutover://projects/{id}', 'cutover://resources/{id}'])
  })

  test('a resource that is not there is -32602, with its URI', async () => {
    for (const uri of ['cutover://projects/none', 'cutover://projects/%ff', 'cutover://elsewhere/x']) {
      await expect(client.read(uri)).rejects.toMatchObject({ code: -32602, data: { uri } })
    }
  })

  test('resources of all collections can be walked', async () => {
    at.plane.seed('projects', numbered(150)).seed('resources', numbered(70))
    const seen: string[] = []
    let cursor: string | undefined
    for (let pages = 0; pages < 10; pages++) {
      const page = await client.listResources(cursor)
      seen.push(...page.uris)
      cursor = page.nextCursor
      if (cursor === undefined) break
    }
    expect(seen).toEqual([
      ...numbered(150).map(({ id }) => uriOf('projects', id)),
      ...numbered(70).map(({ id }) => uriOf('resources', id)),
    ])
  })

  test('an unknown tool is a protocol error, -32602', async () => {
    await expect(client.call('drop_database')).rejects.toMatchObject({ code: -32602 })
  })
})

function numbered(count: number): { id: string; name: string }[] {
  return Array.from({ length: count }, (_, n) => ({ id: String(n).padStart(4, '0'), name: `Project ${n}` }))
}
