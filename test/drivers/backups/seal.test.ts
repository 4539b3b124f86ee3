import { expect, it } from 'vitest'
import { backupsInDocuments } from '../../../lib/drivers/backups/documents.js'
import { memoryDocuments } from '../../../lib/drivers/documents/memory.js'

const KEY = Buffer.alloc(32, 1).toString('base64')
const OTHER = Buffer.alloc(32, 2).toString('base64')
const NAME = 'backups/projects/20260101T000000-a/x.json'

function opened(keys: string[] = [], documents = memoryDocuments()) {
  return { documents, backups: backupsInDocuments({ documents, keys }) }
}

it('a text is kept in clear, once, and answered as it was written', async () => {
  const { backups } = opened()
  await backups.write(NAME, 'text\n', { sealed: false })
  await backups.write(NAME, 'text\n', { sealed: false })
  expect(await backups.read(NAME)).toBe('text\n')
  await expect(backups.write(NAME, 'another', { sealed: false })).rejects.toMatchObject({ code: 'conflict' })
  expect(await backups.read('backups/none.json')).toBeNull()
})

it('a sealed text shows nothing of itself, and is opened with its key alone', async () => {
  const { documents, backups } = opened([KEY])
  await backups.write(NAME, '{"secret":"swordfish"}', { sealed: true })
  await backups.write(NAME, '{"secret":"swordfish"}', { sealed: true })
  const stored = await documents.get(NAME)
  expect(JSON.stringify(stored)).not.toContain('swordfish')
  expect(JSON.stringify(stored)).not.toContain(KEY)
  expect(await backups.read(NAME)).toBe('{"secret":"swordfish"}')
  await expect(opened([OTHER], documents).backups.read(NAME)).rejects.toMatchObject({ code: 'configuration' })
  // A key that was replaced goes on opening what it has sealed.
  expect(await opened([OTHER, KEY], documents).backups.read(NAME)).toBe('{"secret":"swordfish"}')
})

it('a sealed text that was changed, cut, or put under another name is not answered', async () => {
  const { documents, backups } = opened([KEY])
  await backups.write(NAME, 'some text', { sealed: true })
  const stored = await documents.get(NAME)
  if (stored === null || stored === 'unchanged') throw new Error('not stored')
  const [mark, id, body = ''] = stored.text.split('\n')
  const bytes = Buffer.from(body, 'base64')
  bytes[30] = (bytes[30] ?? 0) ^ 1
  for (const text of [`${mark}\n${id}\n${bytes.toString('base64')}\n`, `${mark}\n${id}\n${body.slice(0, 8)}\n`]) {
    await documents.put(NAME, text, { ifMatch: ((await documents.get(NAME)) as { etag: string }).etag })
    await expect(backups.read(NAME)).rejects.toMatchObject({ code: 'corrupt-document' })
  }
  await documents.put('backups/b.json', stored.text, { ifMatch: null })
  await expect(backups.read('backups/b.json')).rejects.toMatchObject({ code: 'corrupt-document' })
})

it('there is no sealing without a key, and no key that is too short', async () => {
  await expect(opened().backups.write(NAME, 'x', { sealed: true })).rejects.toMatchObject({ code: 'configuration' })
  expect(() => opened(['c2hvcnQ='])).toThrow('Key 1 of CUTOVER_BACKUP_KEY')
  try {
    opened(['c2hvcnQ='])
  } catch (error) {
    expect(String(error)).not.toContain('c2hvcnQ')
  }
})
