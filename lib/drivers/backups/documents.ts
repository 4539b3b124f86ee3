import { createHash } from 'node:crypto'
import { CutoverError } from '../../core/error.js'
import type { BackupStore } from '../../ports/backup.js'
import type { DocumentStore } from '../../ports/document.js'
import { isSealed, type Key, parseKey, seal, unseal } from './seal.js'

/** Back-ups as documents of a store: files or Blob. */
export function backupsInDocuments({ documents, keys = [] }: BackupsInDocuments): BackupStore {
  const held = keys.map(keyOf)
  const [sealing] = held
  const opened = (name: string, text: string): string => (isSealed(text) ? unseal(name, text, held) : text)
  async function textOf(name: string): Promise<{ text: string; etag: string } | null> {
    const stored = await documents.get(name)
    return stored === null || stored === 'unchanged' ? null : stored
  }
  return {
    label: documents.label,
    keyId: sealing?.id ?? null,
    digest: (text) => createHash('sha256').update(text).digest('hex'),
    async write(name, text, { sealed }) {
      const kept = sealed ? seal(name, text, sealing ?? noKey()) : text
      if ((await documents.put(name, kept, { ifMatch: null })).kind === 'stored') return
      const present = await textOf(name)
      if (present !== null && opened(name, present.text) === text) return
      throw new CutoverError('conflict', `The document ${name} of ${documents.label} holds something else.`)
    },
    async replace(name, text) {
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        const ifMatch = (await textOf(name))?.etag ?? null
        if ((await documents.put(name, text, { ifMatch })).kind === 'stored') return
      }
      throw new CutoverError('contended', `The document ${name} is written by others at the same moment. Try again.`)
    },
    async read(name) {
      const stored = await textOf(name)
      return stored === null ? null : opened(name, stored.text)
    },
    list: (prefix) => documents.list(prefix),
    async remove(name) {
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        const stored = await textOf(name)
        if (stored === null || (await documents.remove(name, { ifMatch: stored.etag })).kind === 'removed') return
      }
      throw new CutoverError('contended', `The document ${name} is written by others at the same moment. Try again.`)
    },
  }
}

export interface BackupsInDocuments {
  documents: DocumentStore
  /** In base64, 32 bytes each: the first seals, any of them opens. */
  keys?: readonly string[]
}

const ATTEMPTS_MAX = 5

function keyOf(text: string, at: number): Key {
  const key = parseKey(text)
  if (key !== null) return key
  throw new CutoverError('configuration', `Key ${at + 1} of CUTOVER_BACKUP_KEY is not 32 bytes in base64.`)
}

function noKey(): never {
  throw new CutoverError('configuration', 'There is no key to seal a back-up with. Set CUTOVER_BACKUP_KEY.')
}
