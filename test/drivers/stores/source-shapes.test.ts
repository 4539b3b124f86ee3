import { beforeEach, describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../../lib/core/json.js'
import { memoryDocuments } from '../../../lib/drivers/documents/memory.js'
import { type DocumentSource, documentSource } from '../../../lib/drivers/stores/documents/source.js'
import type { DocumentStore } from '../../../lib/ports/document.js'
import { fenceAt, floorOf, realClock } from '../../contract/stores.js'

const NAME = 'projects.json'
let documents: DocumentStore

beforeEach(() => {
  documents = memoryDocuments()
})

async function holding(text: string, options: { idMember?: string } = {}): Promise<DocumentSource> {
  const now = await documents.get(NAME)
  await documents.put(NAME, text, { ifMatch: now === null || now === 'unchanged' ? null : now.etag })
  return open(options)
}

function open(options: { idMember?: string; shape?: 'map' | 'array' } = {}): DocumentSource {
  return documentSource({ documents, name: NAME, collection: 'projects', clock: realClock, ...options })
}

async function stored(): Promise<string> {
  const now = await documents.get(NAME)
  if (now === null || now === 'unchanged') throw new Error('the document is absent')
  return now.text
}

/** What is under `$cutover`, wherever it is. */
async function reserved(): Promise<JsonObject> {
  const root = JSON.parse(await stored()) as JsonObject | JsonObject[]
  const holder = Array.isArray(root) ? root.find((element) => element.id === undefined) : root
  return holder?.$cutover as JsonObject
}

async function storeReserved(change: (reserved: JsonObject) => Json): Promise<DocumentSource> {
  const root = JSON.parse(await stored()) as JsonObject
  return holding(JSON.stringify({ ...root, $cutover: change(root.$cutover as JsonObject) }))
}

const write = (id: string, value: JsonObject | null, base = 0) => ({ id, base, op: `${id}-op`, named: false, value })

const LEGACY: { shape: string; text: string; ids: string[]; idMember?: string }[] = [
  { shape: 'a map by id', text: '{"a":{"id":"a","n":1},"b":{"id":"b","n":2}}', ids: ['a', 'b'] },
  { shape: 'a map whose records do not hold their id', text: '{"a":{"n":1},"b":{"n":2}}', ids: ['a', 'b'] },
  { shape: 'a map by number', text: '{"7":{"id":7},"10":{"id":10}}', ids: ['10', '7'] },
  { shape: 'an array', text: '[{"id":"b","n":2},{"id":"a","n":1}]', ids: ['a', 'b'] },
  { shape: 'an array with numbers as ids', text: '[{"id":7},{"id":10}]', ids: ['10', '7'] },
  { shape: 'an array with another id member', text: '[{"key":"a","id":3}]', ids: ['a'], idMember: 'key' },
  { shape: 'an array in a member', text: '{"meta":{"n":1},"projects":[{"id":"a"}],"rev":3}', ids: ['a'] },
  { shape: 'a map in a member', text: '{"projects":{"a":{"n":1},"b":{"n":2}}}', ids: ['a', 'b'] },
  { shape: 'an empty map', text: '{}', ids: [] },
  { shape: 'an empty array', text: '[]', ids: [] },
  { shape: 'an empty map in a member', text: '{"projects":{}}', ids: [] },
  { shape: 'an empty array in a member', text: '{"projects":[],"other":[{"$cutover":1}]}', ids: [] },
  { shape: 'a map with a record named like the collection', text: '{"projects":{"id":"projects"}}', ids: ['projects'] },
  { shape: 'an array with a record that uses our name', text: '[{"id":"a","$cutover":{"n":1}}]', ids: ['a'] },
]

describe('a document from before cutover', () => {
  for (const { shape, text, ids, idMember } of LEGACY) {
    const options = idMember === undefined ? {} : { idMember }
    it(`${shape}: is read, keeps its shape through writes, and is exported as it was`, async () => {
      const source = await holding(text, options)
      const { items } = await source.page(null, 100)
      expect(items.map(({ id }) => id)).toEqual(ids)
      for (const { copy } of items) expect(copy).toMatchObject({ version: 1, op: '' })
      expect(JSON.parse(await source.exportText())).toEqual(JSON.parse(text))

      await source.raise(fenceAt(3))
      expect(JSON.parse(await open(options).exportText())).toEqual(JSON.parse(text))
      expect(await open(options).page(null, 100)).toEqual({ items, end: true, fence: fenceAt(3) })
      expect(await reserved()).toMatchObject({ fence: { epoch: 3 } })

      const added = { [idMember ?? 'id']: 'new', n: 9 }
      await source.cas(fenceAt(3), write('new', added))
      expect((await open(options).get('new')).copy?.value).toEqual(added)
      await open(options).cas(fenceAt(3), write('new', null, floorOf(3)))
      expect(JSON.parse(await open(options).exportText())).toEqual(JSON.parse(text))
      expect((await open(options).page(null, 100)).items.filter(({ id }) => id !== 'new')).toEqual(items)
    })
  }

  it('gives records the id that their key is, and takes it away again when it writes', async () => {
    const source = await holding('{"a":{"n":1}}')
    expect((await source.get('a')).copy?.value).toEqual({ id: 'a', n: 1 })
    await source.cas(fenceAt(1), write('b', { id: 'b', n: 2 }))
    expect(JSON.parse(await stored())).toMatchObject({ a: { n: 1 }, b: { n: 2 } })
    expect(JSON.parse(await source.exportText())).toEqual({ a: { n: 1 }, b: { n: 2 } })
  })

  it('may begin with a byte order mark, which is not written back', async () => {
    const source = await holding('\ufeff[{"id":"a"}]')
    expect((await source.get('a')).copy?.value).toEqual({ id: 'a' })
    await source.cas(fenceAt(1), write('b', { id: 'b' }))
    expect(JSON.parse(await stored())).toMatchObject([{ id: 'a' }, { id: 'b' }, {}])
  })

  it('remembers its shape when all records have gone', async () => {
    const source = await holding('{"projects":{"a":{"n":1}}}')
    await source.cas(fenceAt(1), write('a', null, 1))
    await open().cas(fenceAt(1), write('b', { id: 'b', n: 2 }))
    expect(JSON.parse(await open().exportText())).toEqual({ projects: { b: { n: 2 } } })
  })

  it('does not take its only record for the member of the collection', async () => {
    const source = await holding('{"a":{"n":1}}')
    await source.cas(fenceAt(1), write('projects', { id: 'projects', x: {} }))
    await open().cas(fenceAt(1), write('a', null, 1))
    expect((await open().page(null, 10)).items.map(({ id }) => id)).toEqual(['a', 'projects'])
  })

  it('does not exist at first, and is then made in the shape asked for', async () => {
    await open({ shape: 'array' }).cas(fenceAt(1), write('a', { id: 'a' }))
    expect(JSON.parse(await stored())).toMatchObject([{ id: 'a' }, { $cutover: { fence: { epoch: 1 } } }])
    expect(JSON.parse(await open().exportText())).toEqual([{ id: 'a' }])
  })

  it('finds its own element wherever a program has moved it', async () => {
    const source = await holding('[{"id":"a"}]')
    await source.cas(fenceAt(5), write('b', { id: 'b' }))
    const elements = JSON.parse(await stored()) as Json[]
    const moved = await holding(JSON.stringify([...elements.toReversed(), { id: 'appended' }]))
    expect(await moved.get('b')).toMatchObject({ fence: { epoch: 5 }, copy: { version: floorOf(5) } })
    expect((await moved.get('appended')).copy).toMatchObject({ version: 1 })
  })
})

const REFUSED: { what: string; text: string; says: RegExp }[] = [
  { what: 'text cut short', text: '{"a":{"id":"a"},\n"b":{"id":"b"', says: /line 2, column 14/ },
  { what: 'text that is no JSON', text: 'hello', says: /line 1, column 1/ },
  { what: 'a number that a double does not hold', text: '{"a":{"n":9007199254740993}}', says: /\$\.a\.n/ },
  { what: 'a number as the whole', text: '3', says: /neither an array/ },
  { what: 'null as the whole', text: 'null', says: /neither an array/ },
  { what: 'two records of one id in an array', text: '[{"id":"a"},{"id":"b"},{"id":"a"}]', says: /two records.*"a"/ },
  { what: 'one id as number and as text', text: '[{"id":7},{"id":"7"}]', says: /two records.*"7"/ },
  { what: 'two records of one id in a map', text: '{"a":{"n":1},"a":{"n":2}}', says: /\$\.a.*twice/ },
  { what: 'something else than a record in an array', text: '[{"id":"a"},7]', says: /\[1\]/ },
  { what: 'something else than a record in a map', text: '{"a":{"n":1},"list":[]}', says: /"list"/ },
  { what: 'a record without an id', text: '[{"id":"a"},{"n":1}]', says: /\[1\]/ },
  { what: 'a record with null as its id', text: '[{"id":null}]', says: /\[0\]/ },
  { what: 'a key that the id contradicts', text: '{"a":{"id":"b"}}', says: /"a"/ },
  { what: 'an id that no URL can carry', text: '[{"id":".."}]', says: /\[0\]/ },
  { what: 'an empty id', text: '{"":{"n":1}}', says: /""/ },
  { what: 'two of our elements', text: '[{"$cutover":{}},{"$cutover":{}}]', says: /2 elements/ },
]

describe('a document that cannot be carried', () => {
  for (const { what, text, says } of REFUSED) {
    it(`${what}: is refused with its place, as a whole, and is not touched`, async () => {
      const source = await holding(text)
      const refusal = { name: 'CutoverError', code: 'corrupt-document', message: expect.stringMatching(says) }
      await expect(source.get('a')).rejects.toMatchObject(refusal)
      await expect(source.get('a')).rejects.toMatchObject({ message: expect.stringContaining(NAME) })
      await expect(source.page(null, 10)).rejects.toMatchObject(refusal)
      await expect(source.count()).rejects.toMatchObject(refusal)
      await expect(source.control()).rejects.toMatchObject(refusal)
      await expect(source.exportText()).rejects.toMatchObject(refusal)
      await expect(source.cas(fenceAt(1), write('c', { id: 'c' }))).rejects.toMatchObject(refusal)
      await expect(source.raise(fenceAt(1))).rejects.toMatchObject(refusal)
      expect(await stored()).toBe(text)
      await holding('{"a":{"id":"a"}}')
      expect((await source.get('a')).copy?.value).toEqual({ id: 'a' })
    })
  }
})

const DAMAGES: { what: string; change: (reserved: JsonObject) => Json }[] = [
  { what: 'no fence', change: ({ fence: _, ...rest }) => rest },
  { what: 'a fence of another kind', change: (all) => ({ ...all, fence: 'epoch 3' }) },
  { what: 'a fence without an epoch', change: (all) => ({ ...all, fence: { ranges: [] } }) },
  { what: 'a fence that leaves slots out', change: (all) => ({ ...all, fence: { epoch: 3, ranges: [] } }) },
  { what: 'something else than an object', change: () => [] },
  { what: 'null', change: () => null },
  { what: 'no versions', change: ({ versions: _, ...rest }) => rest },
  { what: 'no tombstones', change: ({ tombstones: _, ...rest }) => rest },
  { what: 'no operations', change: ({ operations: _, ...rest }) => rest },
  { what: 'a version as text', change: (all) => ({ ...all, versions: { a: ['12884901888', 'op'] } }) },
  { what: 'a version without an operation', change: (all) => ({ ...all, versions: { a: [1] } }) },
  { what: 'a version that is no integer', change: (all) => ({ ...all, tombstones: { b: [1.5, 'op'] } }) },
  { what: 'a heartbeat as text', change: (all) => ({ ...all, heartbeat: '7' }) },
  { what: 'a hold as text', change: (all) => ({ ...all, hold: 'no' }) },
  { what: 'a plan as text', change: (all) => ({ ...all, plan: 'up' }) },
  { what: 'a tombstone of a record that is there', change: (all) => ({ ...all, tombstones: { a: [9, 'op'] } }) },
  { what: 'a version of a record that is gone', change: (all) => ({ ...all, versions: { gone: [9, 'op'] } }) },
]

describe('damage to what cutover keeps', () => {
  for (const { what, change } of DAMAGES) {
    it(`${what}: is refused, and no version starts again`, async () => {
      await open().cas(fenceAt(3), write('a', { id: 'a' }))
      const source = await storeReserved(change)
      const text = await stored()
      await expect(source.get('a')).rejects.toMatchObject({ code: 'corrupt-document' })
      await expect(source.cas(fenceAt(3), write('c', { id: 'c' }))).rejects.toMatchObject({ code: 'corrupt-document' })
      expect(await stored()).toBe(text)
    })
  }
})

describe('a value that the document could not give back', () => {
  it('is refused alone: other writes of that moment succeed, and the document stays readable', async () => {
    const source = await holding('[{"id":"a"}]')
    const [good, bad, many] = await Promise.allSettled([
      source.cas(fenceAt(1), write('b', { id: 'b' })),
      source.cas(fenceAt(1), write('c', { n: 1 })),
      source.applyMany(fenceAt(1), [
        { id: 'd', copy: { version: 9, op: 'd', value: { id: 'd' } } },
        { id: 'e', copy: { version: 9, op: 'e', value: { id: 'other' } } },
      ]),
    ])
    expect(good.status).toBe('fulfilled')
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'invalid-input' } })
    expect(many).toMatchObject({ status: 'rejected', reason: { code: 'invalid-input' } })
    expect((await open().page(null, 10)).items.map(({ id }) => id)).toEqual(['a', 'b'])
  })

  it('is refused in a map when it holds another id', async () => {
    const source = await holding('{"a":{"id":"a"}}')
    const cas = source.cas(fenceAt(1), write('b', { id: 'a' }))
    await expect(cas).rejects.toMatchObject({ code: 'invalid-input' })
    expect(await open().count()).toEqual({ records: 1, tombstones: 0 })
  })
})
