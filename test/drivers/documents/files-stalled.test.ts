import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { filesDocuments } from '../../../lib/drivers/documents/files.js'
import type { DocumentStore } from '../../../lib/ports/document.js'

type Step = 'before-link' | 'after-link' | 'before-rename'

/** The one place where the next writer that passes it stands still until it is released. */
const stall = vi.hoisted(() => ({
  at: null as string | null,
  reached: () => {},
  released: Promise.resolve(),
  async pass(step: string): Promise<void> {
    if (this.at !== step) return
    this.at = null
    this.reached()
    await this.released
  },
}))

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>()
  return {
    ...real,
    async link(from: string, to: string) {
      await stall.pass('before-link')
      await real.link(from, to)
      await stall.pass('after-link')
    },
    async rename(from: string, to: string) {
      await stall.pass('before-rename')
      await real.rename(from, to)
    },
  }
})

describe('a writer that stands still', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'stalled-'))
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  const handle = () => filesDocuments({ dir, durable: false, keepRevisions: 3, keepMs: 0 })

  it('before its link, while its number is used: conflict', async () => {
    await write(handle(), null, 'one')
    const { outcome, release } = await stalledPut(handle(), '1', 'before-link')
    await write(handle(), '1', 'two')
    release()
    expect(await outcome).toEqual({ kind: 'conflict' })
    expect(await handle().get('a.json')).toMatchObject({ text: 'two' })
  })

  it('before its link, while its number is used and deleted: unavailable, and its text is never seen', async () => {
    await write(handle(), null, 'one')
    const { outcome, release } = await stalledPut(handle(), '1', 'before-link')
    const etag = await writeMany(handle(), '1', 10)
    expect(await readdir(dir)).not.toContain('.a.json.2')
    release()
    await expect(outcome).rejects.toMatchObject({ code: 'unavailable', details: { revision: 2 } })
    expect(await handle().get('a.json')).toEqual({ etag, text: 'text 10' })
    expect(await readFile(join(dir, 'a.json'), 'utf8')).toBe('text 10')
    await write(handle(), etag, 'next')
    expect(await readdir(dir), 'the stray is pruned').not.toContain('.a.json.2')
  })

  it('before it creates, while the document is created, used and removed: unavailable', async () => {
    const { outcome, release } = await stalledPut(handle(), null, 'before-link')
    const etag = await writeMany(handle(), null, 10)
    await handle().remove('a.json', { ifMatch: etag })
    release()
    await expect(outcome).rejects.toMatchObject({ code: 'unavailable' })
    expect(await handle().get('a.json')).toBeNull()
    expect(await handle().list('')).toEqual([])
  })

  it('after its link, while few others write: stored, and the others built on it', async () => {
    await write(handle(), null, 'one')
    const { outcome, release } = await stalledPut(handle(), '1', 'after-link')
    expect(await handle().get('a.json')).toEqual({ etag: '2', text: 'stalled' })
    await write(handle(), '2', 'three')
    release()
    expect(await outcome).toEqual({ kind: 'stored', etag: '2' })
    expect(await readFile(join(dir, 'a.json'), 'utf8')).toBe('three')
  })

  it('after its link, while many others write: it cannot know, and says so', async () => {
    await write(handle(), null, 'one')
    const { outcome, release } = await stalledPut(handle(), '1', 'after-link')
    await writeMany(handle(), '2', 10)
    release()
    await expect(outcome).rejects.toMatchObject({ code: 'unavailable' })
    expect(await handle().get('a.json')).toMatchObject({ text: 'text 10' })
  })

  it('before it publishes, while others publish: the plain file ends as the newest', async () => {
    await write(handle(), null, 'one')
    const { outcome, release } = await stalledPut(handle(), '1', 'before-rename')
    await writeMany(handle(), '2', 10)
    release()
    expect(await outcome).toEqual({ kind: 'stored', etag: '2' })
    expect(await readFile(join(dir, 'a.json'), 'utf8')).toBe('text 10')
  })

  it('before it publishes, while the document is removed: the plain file does not come back', async () => {
    await write(handle(), null, 'one')
    const { outcome, release } = await stalledPut(handle(), '1', 'before-rename')
    await handle().remove('a.json', { ifMatch: '2' })
    release()
    expect(await outcome).toEqual({ kind: 'stored', etag: '2' })
    expect(await readdir(dir)).not.toContain('a.json')
  })
})

async function stalledPut(store: DocumentStore, ifMatch: string | null, step: Step) {
  await store.get('a.json')
  let release = () => {}
  const reached = new Promise<void>((resolve) => {
    stall.reached = resolve
  })
  stall.released = new Promise<void>((resolve) => {
    release = resolve
  })
  stall.at = step
  const outcome = store.put('a.json', 'stalled', { ifMatch })
  outcome.catch(() => {})
  await reached
  return { outcome, release }
}

async function write(store: DocumentStore, ifMatch: string | null, text: string): Promise<string> {
  const outcome = await store.put('a.json', text, { ifMatch })
  if (outcome.kind !== 'stored') throw new Error(`refused: ${text}`)
  return outcome.etag
}

async function writeMany(store: DocumentStore, ifMatch: string | null, count: number): Promise<string> {
  let etag = ifMatch
  for (let i = 1; i <= count; i += 1) etag = await write(store, etag, `text ${i}`)
  if (etag === null) throw new Error('nothing written')
  return etag
}
