import { describe, expect, it } from 'vitest'
import { folderOf, type Manifest, manifestName } from '../../../lib/core/backup/manifest.js'
import { CutoverError } from '../../../lib/core/error.js'
import type { JsonObject } from '../../../lib/core/json.js'
import type { Run } from '../../../lib/core/run.js'
import { backupsInDocuments } from '../../../lib/drivers/backups/documents.js'
import { listBackups, readManifest } from '../../../lib/engine/backups/kept.js'
import { lastValidatedBackup } from '../../../lib/engine/backups/validated.js'
import { readRun } from '../../../lib/engine/runs/store.js'
import { begin, change, deliver, drain, fill, go, put, valueAt, type World, world } from '../runs/world.js'

async function run(at: World, kind: Run['kind'], input: JsonObject = {}): Promise<Run> {
  const { id } = await begin(at, input, kind)
  await drain(at)
  return (await readRun(at.context.ledger, id)).run
}

async function backUp(at: World, input: JsonObject = {}): Promise<Manifest> {
  const { status, result, note } = await run(at, 'back-up', input)
  expect([status, note]).toEqual(['succeeded', null])
  return readManifest(at.context.backups, 'projects', (result as { backup: string }).backup)
}

async function everything(at: World): Promise<string> {
  const { items } = await at.plane.list('projects', null, 200)
  return JSON.stringify(items.map(({ id, value }) => [id, value]))
}

/** Replaces a stored document's text behind everybody's back. */
async function spoil(at: World, name: string, text: (before: string) => string): Promise<void> {
  const stored = await at.documents.get(name)
  if (stored === null || stored === 'unchanged') throw new Error(`no ${name}`)
  await at.documents.put(name, text(stored.text), { ifMatch: stored.etag })
}

async function aPart(at: World, { id, lists }: Manifest): Promise<string> {
  const names = await at.documents.list(folderOf('projects', id))
  const part = names.find((name) => !name.endsWith('manifest.json') && !lists.some((list) => name.includes(list)))
  if (part === undefined) throw new Error('no part')
  return part
}

describe('a back-up', () => {
  it.each(['off', 'shadow', 'live', 'complete'] as const)(
    'in %s holds every record, and is put back whole',
    async (stage) => {
      const at = world()
      await fill(at, 90)
      if (stage !== 'off') await go(at, stage)
      const before = await everything(at)
      const manifest = await backUp(at)
      expect(manifest).toMatchObject({ status: 'validated', records: 90, stage, keyId: null })
      await put(at, 'r0001', { number: 'changed' })
      await change(at, 'r0002', { kind: 'delete' })
      await put(at, 'zebra', { number: 'new' })
      const restored = await run(at, 'restore', { backup: manifest.id, mirror: true })
      expect(restored.counters).toMatchObject({ written: 2, equal: 88, extra: 1, removed: 1, contested: 0 })
      expect(await everything(at)).toBe(before)
    },
  )

  it('leaves what it does not have, unless it is to be a mirror; and a dry run changes nothing', async () => {
    const at = world()
    await fill(at, 30)
    const { id } = await backUp(at)
    await put(at, 'a-first', { number: 1 })
    await change(at, 'r0005', { kind: 'delete' })
    const before = await everything(at)
    const dry = await run(at, 'restore', { backup: id, dryRun: true, mirror: true })
    expect(dry.counters).toMatchObject({ written: 1, extra: 1, removed: 1 })
    expect(await everything(at)).toBe(before)
    const { counters } = await run(at, 'restore', { backup: id })
    expect(counters).toMatchObject({ written: 1, equal: 29, extra: 1, removed: 0 })
    expect(await valueAt(at, 'a-first')).not.toBeNull()
  })

  it('has ids that look like numbers, and like what objects have by themselves, in their places', async () => {
    const at = world()
    for (const id of ['10', '9', '1', 'constructor', 'toString', 'ä', '😀', 'a b']) await put(at, id, { of: id })
    const before = await everything(at)
    const { id } = await backUp(at)
    for (const gone of ['9', 'toString', '😀']) await change(at, gone, { kind: 'delete' })
    await run(at, 'restore', { backup: id, mirror: true })
    expect(await everything(at)).toBe(before)
  })

  it('of nothing is one, and only a mirror of it empties a collection', async () => {
    const at = world()
    const { id, records } = await backUp(at)
    expect(records).toBe(0)
    await fill(at, 3)
    await expect(begin(at, { backup: id }, 'restore')).rejects.toMatchObject({ code: 'invalid-input' })
    const { counters } = await run(at, 'restore', { backup: id, mirror: true })
    expect(counters).toMatchObject({ removed: 3 })
  })

  it('is sealed on request, and says with which key', async () => {
    const at = world()
    await put(at, 'p', { word: 'swordfish' })
    const manifest = await backUp(at, { sealed: true })
    expect(manifest.keyId).toBe(await at.context.backups.keyId())
    for (const name of await at.documents.list('backups/'))
      expect(JSON.stringify(await at.documents.get(name))).not.toContain('swordfish')
    await change(at, 'p', { kind: 'delete' })
    await run(at, 'restore', { backup: manifest.id })
    expect(await valueAt(at, 'p')).toMatchObject({ word: 'swordfish' })
  })

  it('is not sealed where there is no key, and says so', async () => {
    const at = world()
    at.context.backups = backupsInDocuments({ documents: at.documents })
    await expect(begin(at, { sealed: true }, 'back-up')).rejects.toMatchObject({
      code: 'conflict',
      details: { reason: 'no-key' },
    })
  })

  it('has more lists than one when it has many parts', async () => {
    const at = world()
    await fill(at, 240)
    const input = { recordsPerSecondMax: 0.2 } // a record a batch
    const { id } = await begin(at, input, 'back-up')
    await drain(at)
    const { run: ended } = await readRun(at.context.ledger, id)
    const manifest = await readManifest(at.context.backups, 'projects', (ended.result as { backup: string }).backup)
    expect(manifest.parts).toBe(240)
    expect(manifest.lists).toHaveLength(3)
    await change(at, 'r0150', { kind: 'delete' })
    expect((await run(at, 'restore', { backup: manifest.id })).counters).toMatchObject({ written: 1, equal: 239 })
  })

  it('keeps as many as it is told', async () => {
    const at = world()
    await fill(at, 3)
    const ids: string[] = []
    for (let number = 0; number < 4; number++) {
      at.clock.time += 60_000
      ids.push((await backUp(at, { keep: 2 })).id)
    }
    const { items, next } = await listBackups(at.context.backups, 'projects', { limit: 10 })
    expect([items.map(({ id }) => id), next]).toEqual([ids.slice(2).reverse(), null])
    const left = await at.documents.list('backups/')
    expect(left.filter((name) => ids.slice(0, 2).some((id) => name.includes(id)))).toEqual([])
  })
})

describe('what is not whole', () => {
  it('is no back-up before it was read back', async () => {
    const at = world()
    await fill(at, 5)
    await begin(at, {}, 'back-up')
    at.faults.down.add('ledger')
    const [message] = at.queue.peek()
    if (message === undefined) throw new Error('nothing to deliver')
    await deliver(at, message).catch(() => {})
    at.faults.down.clear()
    expect(await lastValidatedBackup(at.context, 'projects')).toBeNull()
    expect((await listBackups(at.context.backups, 'projects', { limit: 5 })).items).toEqual([])
  })

  it.each([
    ['changed', (text: string) => text.replace('"number":7', '"number":8')],
    ['cut', (text: string) => text.slice(0, 40)],
  ])('a part that was %s is found when it is checked, and nothing is put back from it', async (_what, change) => {
    const at = world()
    await fill(at, 20)
    const manifest = await backUp(at)
    await spoil(at, await aPart(at, manifest), change)
    const { status, note } = await run(at, 'check-backup', { backup: manifest.id })
    expect([status, note]).toEqual(['failed', expect.stringContaining('is not what was written')])
    expect(await readManifest(at.context.backups, 'projects', manifest.id)).toMatchObject({ status: 'damaged' })
    expect(await lastValidatedBackup(at.context, 'projects')).toBeNull()
    await expect(begin(at, { backup: manifest.id }, 'restore')).rejects.toMatchObject({
      details: { reason: 'damaged' },
    })
  })

  it('damage that nobody has looked for stops a restore before the damaged part', async () => {
    const at = world()
    await fill(at, 20)
    const manifest = await backUp(at)
    const before = await everything(at)
    await change(at, 'r0001', { kind: 'delete' })
    await spoil(at, await aPart(at, manifest), (text) => text.replace('"number":1', '"number":666'))
    const { status } = await run(at, 'restore', { backup: manifest.id })
    expect(status).toBe('failed')
    expect(await everything(at)).not.toContain('666')
    expect(before).not.toContain('666')
  })

  it('a part that is missing is damage', async () => {
    const at = world()
    await fill(at, 20)
    const manifest = await backUp(at)
    await at.context.backups.remove(await aPart(at, manifest))
    expect(await run(at, 'check-backup', { backup: manifest.id })).toMatchObject({
      status: 'failed',
      note: expect.stringContaining('is missing'),
    })
  })

  it('a list in place of another back-up’s is damage', async () => {
    const at = world()
    await fill(at, 20)
    const manifest = await backUp(at)
    const name = manifestName('projects', manifest.id)
    await spoil(at, name, (text) => text.replace(manifest.digest, '0'.repeat(64)))
    expect(await run(at, 'check-backup', { backup: manifest.id })).toMatchObject({ status: 'failed' })
  })
})

describe('under faults', () => {
  it('a back-up is the same after crashes and repeated deliveries', async () => {
    const at = world()
    await fill(at, 60)
    const before = await everything(at)
    const { id } = await begin(at, { recordsPerSecondMax: 2 }, 'back-up')
    let commits = 0
    at.faults.before = (store, call) => {
      if (store !== 'ledger' || call !== 'commit') return
      commits++
      if (commits % 3 === 0) throw new CutoverError('unavailable', 'The ledger is away.')
    }
    for (let turn = 0; turn < 400; turn++) {
      const [message] = at.queue.peek()
      if (message === undefined) break
      at.clock.time += 60_000
      await deliver(at, message).catch(() => {})
      await deliver(at, message).catch(() => {})
      if ((await readRun(at.context.ledger, id)).run.step !== (message.body as { step: number }).step)
        at.queue.lose(message.messageId)
    }
    at.faults.before = () => undefined
    await drain(at)
    const { run: ended } = await readRun(at.context.ledger, id)
    expect([ended.status, ended.note]).toEqual(['succeeded', null])
    const { backup } = ended.result as { backup: string }
    expect(await readManifest(at.context.backups, 'projects', backup)).toMatchObject({ records: 60 })
    for (const gone of ['r0000', 'r0031', 'r0059']) await change(at, gone, { kind: 'delete' })
    await run(at, 'restore', { backup, mirror: true })
    expect(await everything(at)).toBe(before)
  })

  it('a record that somebody writes during a restore stays as they wrote it', async () => {
    const at = world()
    await fill(at, 10)
    const { id } = await backUp(at)
    await put(at, 'r0003', { number: 'theirs' })
    const { plane } = at
    let meddled = false
    at.context.dataPlane = {
      ...plane,
      write: async (collection, record, operation, mutation) => {
        if (!meddled) {
          meddled = true
          await put(at, 'r0003', { number: 'theirs, later' }, plane)
        }
        return plane.write(collection, record, operation, mutation)
      },
    }
    const { counters, status } = await run(at, 'restore', { backup: id })
    expect([status, counters.contested, counters.equal]).toEqual(['succeeded', 1, 9])
    expect(await valueAt(at, 'r0003')).toMatchObject({ number: 'theirs, later' })
  })
})
