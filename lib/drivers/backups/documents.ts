import { CutoverError } from '../../core/error.js'
import type { BackupStore } from '../../ports/backup.js'
import type { DocumentStore } from '../../ports/document.js'
import { digestOf, importKey, isSealed, type Key, keyBytes, seal, unseal } from './seal.js'

/** Back-ups as documents of a store: files or Blob. */
export function backupsInDocuments({ documents, keys = [] }: BackupsInDocuments): BackupStore {
  const raw = keys.map(bytesOf)
  let imported: Promise<Key[]> | undefined
  const held = (): Promise<Key[]> => {
    imported ??= Promise.all(raw.map(importKey))
    return imported
  }
  const opened = async (name: string, text: string): Promise<string> =>
    isSealed(text) ? unseal(name, text, await held()) : text
  async function textOf(name: string): Promise<{ text: string; etag: string } | null> {
    const stored = await documents.get(name)
    return stored === null || stored === 'unchanged' ? null : stored
  }
  return {
    label: documents.label,
    keyId: async () => (await held())[0]?.id ?? null,
    digest: digestOf,
    async write(name, text, { sealed }) {
      const kept = sealed ? await seal(name, text, (await held())[0] ?? noKey()) : text
      if ((await documents.put(name, kept, { ifMatch: null })).kind === 'stored') return
      const present = await textOf(name)
      if (present !== null && (await opened(name, present.text)) === text) return
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

function bytesOf(text: string, at: number): NonNullable<ReturnType<typeof keyBytes>> {
  const bytes = keyBytes(text)
  if (bytes !== null) return bytes
  throw new CutoverError('configuration', `Key ${at + 1} of CUTOVER_BACKUP_KEY is not 32 bytes in base64.`)
}

function noKey(): never {
  throw new CutoverError('configuration', 'There is no key to seal a back-up with. Set CUTOVER_BACKUP_KEY.')
}
