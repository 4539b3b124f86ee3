import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../lib/core/json.js'
import { STAGES } from '../../../lib/core/stage.js'
import { memoryDocuments } from '../../../lib/drivers/documents/memory.js'
import { exportCollection, mustNotBeSource, restoreCollection } from '../../../lib/engine/finish/export.js'
import { awkwardValues, ORDERED_IDS } from '../../contract/stores.js'
import { change, fill, go, put, valueAt, type World, world } from '../runs/world.js'

const PLACE = memoryDocuments()

async function texts(at: World, names: readonly string[]): Promise<string[]> {
  return Promise.all(
    names.map(async (name) => {
      const stored = await at.documents.get(name)
      if (stored === null || stored === 'unchanged') throw new Error(`no ${name}`)
      return stored.text
    }),
  )
}

function exported(at: World, request: Partial<Parameters<typeof exportCollection>[2]> = {}) {
  const all = { collection: 'projects', name: 'exports/p.json', documents: 1, shape: 'map' as const, ...request }
  return exportCollection(at.plane, at.documents, all)
}

function restored(at: World, documents: string[], dryRun = false, check = (_: string, value: JsonObject) => value) {
  return restoreCollection(at.context, { collection: 'projects', documents, dryRun, check })
}

async function records(at: World): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  let after: string | null = null
  for (let page = 0; page < 50; page++) {
    const list = await at.plane.list('projects', after, 100)
    for (const { id, value } of list.items) found.set(id, JSON.stringify(value))
    after = list.items.at(-1)?.id ?? null
    if (list.end || after === null) break
  }
  return found
}

describe('an export', () => {
  it.each([
    { shape: 'map', documents: 1 },
    { shape: 'map', documents: 3 },
    { shape: 'array', documents: 1 },
    { shape: 'array', documents: 4 },
  ] as const)('as $shape in $documents comes back equal to the byte', async ({ shape, documents }) => {
    const at = world({ partitions: 1 })
    for (const id of ORDERED_IDS) await put(at, id, { id, nested: { b: 1, a: [null, 'ü'] } })
    // All but the one of as many levels as a record may have: in a document it is one level further down.
    for (const [number, value] of awkwardValues('x')
      .filter((one) => !('value' in one))
      .entries())
      await at.plane.write('projects', `v${number}`, op(at, number), {
        kind: 'put',
        value: { ...value, id: `v${number}` },
      })
    const { records: count, documents: names } = await exported(at, { shape, documents })
    const before = await records(at)
    expect([count, names.length]).toEqual([before.size, documents])
    for (const id of before.keys()) await change(at, id, { kind: 'delete' })
    expect((await records(at)).size).toBe(0)
    expect(await restored(at, names)).toEqual({ read: count, written: count, equal: 0 })
    expect(await records(at)).toEqual(before)
    expect(await restored(at, names)).toEqual({ read: count, written: 0, equal: count })
    const again = await exported(at, { shape, documents, name: 'exports/again.json' })
    expect(await texts(at, again.documents)).toEqual(await texts(at, names))
  })

  it('is the same from every stage, with what only the target has', async () => {
    const at = world()
    await fill(at, 30)
    for (const stage of STAGES) {
      await go(at, stage)
      await put(at, 'last', { stage })
      await at.settled()
      const { documents } = await exported(at)
      const [text = ''] = await texts(at, documents)
      const parsed = JSON.parse(text) as { [id: string]: JsonObject }
      expect([Object.keys(parsed).length, parsed.last]).toEqual([31, { id: 'last', stage }])
      expect(text).not.toContain('$cutover')
    }
  })

  it('can be put where it was, and never where a source is', async () => {
    const at = world({ partitions: 2 })
    await fill(at, 10)
    await exported(at)
    await put(at, 'r0001', { changed: true })
    const { documents } = await exported(at)
    expect((await texts(at, documents))[0]).toContain('"changed":true')
    const before = await texts(at, ['projects-0.json', 'projects-1.json'])
    await expect(exported(at, { name: 'projects-0.json' })).rejects.toMatchObject({ code: 'conflict' })
    await expect(exported(at, { name: 'projects.json', documents: 2 })).rejects.toMatchObject({ code: 'conflict' })
    expect(await texts(at, ['projects-0.json', 'projects-1.json'])).toEqual(before)
    // Also one that nobody has written yet: its name is known.
    const fresh = world({ partitions: 2 })
    const refused = () => mustNotBeSource(fresh.context, fresh.documents, 'projects.json', 2)
    expect(refused).toThrow(expect.objectContaining({ details: { reason: 'is-a-source' } }))
    expect(() => mustNotBeSource(fresh.context, fresh.documents, 'exports/projects.json', 2)).not.toThrow()
    expect(() => mustNotBeSource(fresh.context, PLACE, 'exports.v1/projects', 2)).not.toThrow()
  })
})

describe('a restore', () => {
  async function given(documents: { [name: string]: unknown }): Promise<World> {
    const at = world({ partitions: 1 })
    await put(at, 'present', { is: 'here' })
    for (const [name, content] of Object.entries(documents)) {
      const text = typeof content === 'string' ? content : JSON.stringify(content)
      await at.documents.put(name, text, { ifMatch: null })
    }
    return at
  }

  it('only counts when it is dry', async () => {
    const at = await given({ 'b.json': { a: { n: 1 }, present: { id: 'present', is: 'here' } } })
    expect(await restored(at, ['b.json'], true)).toEqual({ read: 2, written: 1, equal: 1 })
    expect(await valueAt(at, 'a')).toBeNull()
  })

  it.each([
    ['a map', { a: { id: 'a', n: 1 } }],
    ['a map without ids inside', { a: { n: 1 } }],
    ['a list', [{ id: 'a', n: 1 }]],
    ['a list in the collection’s member', { projects: [{ id: 'a', n: 1 }], other: true }],
    ['a map in the collection’s member', { projects: { a: { n: 1 } } }],
    ['a source’s map', { a: { id: 'a', n: 1 }, $cutover: { fence: {} } }],
    ['a source’s list', [{ id: 'a', n: 1 }, { $cutover: { fence: {} } }]],
    ['a source’s member', { projects: { a: { n: 1 } }, $cutover: { fence: {} } }],
  ])('takes %s', async (_, content) => {
    const at = await given({ 'b.json': content })
    expect(await restored(at, ['b.json'])).toEqual({ read: 1, written: 1, equal: 0 })
    expect(await valueAt(at, 'a')).toEqual({ id: 'a', n: 1 })
  })

  it.each([
    ['no JSON', '{"a": {"n": 1}, ', 'invalid-input', /b\.json.*(line|position|offset|column)/i],
    ['two members of one name', '{"a": {"n": 1}, "a": {"n": 2}}', 'invalid-input', /b\.json/],
    ['a record without an id', [{ id: 'a' }, { n: 1 }], 'invalid-input', /\[1\]/],
    ['one id twice', [{ id: 'a' }, { id: 'a' }], 'invalid-input', /"a"/],
    ['something that is no record', { a: { n: 1 }, b: 7 }, 'invalid-input', /"b"/],
    ['no records', '7', 'invalid-input', /b\.json/],
    ['an id that is none', { '': { n: 1 } }, 'invalid-input', /empty/],
    ['a number that would not survive', '{"a": {"n": 9007199254740993}}', 'invalid-input', /b\.json/],
  ])('takes nothing from any document when one holds %s, and names the place', async (_, content, code, names) => {
    const at = await given({ 'a.json': { good: { n: 1 } }, 'b.json': content })
    const before = await records(at)
    await expect(restored(at, ['a.json', 'b.json'])).rejects.toMatchObject({
      code,
      message: expect.stringMatching(names),
    })
    await expect(restored(at, ['a.json', 'b.json'], true)).rejects.toMatchObject({ code })
    expect(await records(at)).toEqual(before)
  })

  it('does not choose between two documents, and says which', async () => {
    const at = await given({ 'a.json': { x: { n: 1 } }, 'b.json': { x: { n: 2 } } })
    await expect(restored(at, ['a.json', 'b.json'])).rejects.toThrow(/"x".*a\.json.*b\.json/)
    await expect(restored(at, ['a.json', 'none.json'])).rejects.toMatchObject({ code: 'not-found' })
    const check = (id: string): JsonObject => {
      throw new Error(`not ${id}`)
    }
    await expect(restored(at, ['a.json'], false, check)).rejects.toThrow('not x')
    expect(await valueAt(at, 'x')).toBeNull()
  })
})

function op(at: World, number: number) {
  return { op: `awkward-${number}-${at.clock.id()}`, startedAt: at.clock.now(), named: false }
}
