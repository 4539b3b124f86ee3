import { mkdir, mkdtemp, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { filesDocuments } from '../../../lib/drivers/documents/files.js'
import { describeDocumentStore } from '../../contract/documents.js'

describeDocumentStore('files', async () => {
  const root = await mkdtemp(join(tmpdir(), 'documents-'))
  const dir = join(root, 'data')
  const make = () => filesDocuments({ dir, durable: false })
  return {
    store: make(),
    another: make,
    // Not even root can read a folder through a link that leads to itself.
    outage: async (on) => {
      await (on ? rename(dir, `${dir}-away`) : unlink(dir))
      if (on) await (await import('node:fs/promises')).symlink(dir, dir)
      else await rename(`${dir}-away`, dir)
    },
    close: () => rm(root, { recursive: true, force: true }),
  }
})

describe('files', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'documents-'))
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  const plain = () => readFile(join(dir, 'a.json'), 'utf8')
  const visible = async () => (await readdir(dir)).filter((name) => !name.startsWith('.'))

  it('keeps the plain file equal to the last put, for programs that know only it', async () => {
    const store = filesDocuments({ dir })
    let etag: string | null = null
    for (const text of ['one', 'two', 'three']) {
      const outcome = await store.put('a.json', text, { ifMatch: etag })
      if (outcome.kind !== 'stored') throw new Error('refused')
      etag = outcome.etag
      expect(await plain()).toBe(text)
    }
    await store.remove('a.json', { ifMatch: String(etag) })
    expect(await visible()).toEqual([])
  })

  it('takes a plain file without revisions as it is, and its ETag tells its text', async () => {
    await writeFile(join(dir, 'a.json'), 'by hand')
    const store = filesDocuments({ dir })
    const first = await store.get('a.json')
    if (first === null || first === 'unchanged') throw new Error('absent')
    expect(await store.get('a.json', first.etag)).toBe('unchanged')
    await writeFile(join(dir, 'a.json'), 'by hand, later')
    expect(await store.get('a.json', first.etag)).toMatchObject({ text: 'by hand, later' })
    expect(await store.put('a.json', 'ours', { ifMatch: first.etag })).toEqual({ kind: 'conflict' })
    expect(await plain()).toBe('by hand, later')
    const second = await store.get('a.json')
    if (second === null || second === 'unchanged') throw new Error('absent')
    const outcomes = await Promise.all(
      ['x', 'y'].map((text) => filesDocuments({ dir }).put('a.json', text, { ifMatch: second.etag })),
    )
    expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(['conflict', 'stored'])
  })

  it('finishes what a publisher killed after its commit left undone', async () => {
    await writeFile(join(dir, 'a.json'), 'before')
    await writeFile(join(dir, '.a.json.0'), 'before')
    await writeFile(join(dir, '.a.json.1'), 'after')
    await writeFile(join(dir, '.b.json.1'), 'created')
    const store = filesDocuments({ dir })
    expect(await store.list('')).toEqual(['a.json', 'b.json'])
    expect(await store.get('a.json')).toEqual({ etag: '1', text: 'after' })
    expect(await plain()).toBe('after')
    expect(await store.get('b.json')).toEqual({ etag: '1', text: 'created' })
    expect(await visible()).toEqual(['a.json', 'b.json'])
  })

  it('refuses a plain file that was replaced by hand, until someone decides', async () => {
    await filesDocuments({ dir }).put('a.json', 'ours', { ifMatch: null })
    await writeFile(join(dir, 'a.json'), 'by hand')
    const store = filesDocuments({ dir })
    const refusal = await store.get('a.json').catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'corrupt-document', details: { document: 'a.json', revision: 1 } })
    expect(String(refusal)).toContain(join(dir, 'a.json'))
    await expect(store.put('a.json', 'x', { ifMatch: '1' })).rejects.toMatchObject({ code: 'corrupt-document' })
    expect(await plain()).toBe('by hand')
    await unlink(join(dir, '.a.json.1'))
    expect(await store.get('a.json')).toMatchObject({ text: 'by hand' })
  })

  it('does not let an editor that writes in place change a revision', async () => {
    const store = filesDocuments({ dir })
    await store.put('a.json', 'ours', { ifMatch: null })
    await writeFile(join(dir, 'a.json'), 'edited')
    expect(await store.get('a.json')).toEqual({ etag: '1', text: 'ours' })
  })

  it('deletes revisions beyond those it keeps, and no others', async () => {
    const store = filesDocuments({ dir, durable: false, keepRevisions: 3, keepMs: 0 })
    let etag: string | null = null
    for (let i = 1; i <= 10; i += 1) {
      const outcome = await store.put('a.json', `text ${i}`, { ifMatch: etag })
      etag = outcome.kind === 'stored' ? outcome.etag : null
    }
    expect((await readdir(dir)).sort()).toEqual(['.a.json.10', '.a.json.8', '.a.json.9', 'a.json'])
    const slow = filesDocuments({ dir, durable: false, keepRevisions: 3, keepMs: 600_000 })
    await slow.put('a.json', 'text 11', { ifMatch: '10' })
    expect(await readdir(dir)).toContain('.a.json.8')
  })

  it('never takes one name for a document and a folder', async () => {
    const store = filesDocuments({ dir })
    await store.put('a', 'document', { ifMatch: null })
    expect(await store.get('a/b')).toBeNull()
    await expect(store.put('a/b', 'x', { ifMatch: null })).rejects.toMatchObject({ code: 'invalid-input' })
    await mkdir(join(dir, 'c'))
    expect(await store.get('c')).toBeNull()
    await expect(store.put('c', 'x', { ifMatch: null })).rejects.toMatchObject({ code: 'invalid-input' })
  })

  it('refuses an empty plain file and bytes that are no text', async () => {
    await writeFile(join(dir, 'a.json'), '')
    await writeFile(join(dir, 'b.json'), new Uint8Array([0x66, 0xff]))
    const store = filesDocuments({ dir })
    await expect(store.get('a.json')).rejects.toMatchObject({ code: 'corrupt-document' })
    await expect(store.get('b.json')).rejects.toMatchObject({ code: 'corrupt-document' })
  })
})
