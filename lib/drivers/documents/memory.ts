import type { DocumentStore, StoredDocument } from '../../ports/document.js'
import { checkName, checkPrefix, checkText } from './accepted.js'

/**
 * Documents in a Map: the port's promises with nothing behind them, for tests and simulations. Lost with the process.
 * One counter for the whole store makes every ETag fresh, also after a removal.
 */
export function memoryDocuments(label = 'memory'): DocumentStore {
  const documents = new Map<string, StoredDocument>()
  let writes = 0
  return {
    label,
    async get(name, knownEtag) {
      checkName(name)
      const document = documents.get(name)
      if (document === undefined) return null
      return document.etag === knownEtag ? 'unchanged' : { ...document }
    },
    async put(name, text, { ifMatch }) {
      checkName(name)
      checkText(name, text)
      if ((documents.get(name)?.etag ?? null) !== ifMatch) return { kind: 'conflict' }
      writes += 1
      documents.set(name, { etag: String(writes), text })
      return { kind: 'stored', etag: String(writes) }
    },
    async remove(name, { ifMatch }) {
      checkName(name)
      if (documents.get(name)?.etag !== ifMatch) return { kind: 'conflict' }
      documents.delete(name)
      return { kind: 'removed' }
    },
    async list(prefix) {
      checkPrefix(prefix)
      return [...documents.keys()].filter((name) => name.startsWith(prefix)).sort()
    },
  }
}
