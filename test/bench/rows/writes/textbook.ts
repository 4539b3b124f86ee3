import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Redis } from '@upstash/redis'
import type { JsonObject } from '../../../../lib/core/json.js'
import { filesDocuments } from '../../../../lib/drivers/documents/files.js'
import { idOf } from '../../parts/deployment.js'

/** The dual write as it is usually written: the document and the key at once, and whatever comes of it is taken. */
export interface Textbook {
  write(number: number, value: JsonObject): Promise<void>
  /** What the document holds of a record. */
  inDocument(number: number): Promise<unknown>
}

/** With a document that is kept as safely as ours: flushed to the disk, replaced as a whole, and only if unchanged. */
export async function textbookOverDriver(dir: string, text: string, redis: Redis): Promise<Textbook> {
  const documents = filesDocuments({ dir: join(dir, 'textbook-driver') })
  await documents.put(NAME, text, { ifMatch: null })
  async function read(): Promise<{ etag: string; records: Records }> {
    const stored = await documents.get(NAME)
    if (stored === null || stored === 'unchanged') throw new Error('The document is not there.')
    return { etag: stored.etag, records: JSON.parse(stored.text) as Records }
  }
  return dualWrite('driver', redis, {
    async replace(id, value) {
      const { etag, records } = await read()
      await documents.put(NAME, JSON.stringify({ ...records, [id]: value }), { ifMatch: etag })
    },
    records: async () => (await read()).records,
  })
}

/** With a document that is simply read and written: torn when two write at once, gone when the power is. */
export async function textbookOverFile(dir: string, text: string, redis: Redis): Promise<Textbook> {
  const folder = join(dir, 'textbook-file')
  await mkdir(folder)
  const path = join(folder, NAME)
  await writeFile(path, text)
  const records = async (): Promise<Records> => JSON.parse(await readFile(path, 'utf8')) as Records
  return dualWrite('file', redis, {
    async replace(id, value) {
      await writeFile(path, JSON.stringify({ ...(await records()), [id]: value }))
    },
    records: () => records().catch(() => ({})),
  })
}

type Records = { [id: string]: unknown }

const NAME = 'projects.json'

interface Document {
  replace(id: string, value: JsonObject): Promise<void>
  records(): Promise<Records>
}

function dualWrite(name: string, redis: Redis, document: Document): Textbook {
  return {
    async write(number, value) {
      const id = idOf(number)
      await Promise.allSettled([document.replace(id, value), redis.set(`textbook-${name}:${id}`, value)])
    },
    inDocument: async (number) => (await document.records())[idOf(number)],
  }
}
