import type { Settings } from '../core/environment.js'
import type { DocumentStore } from '../ports/document.js'

/** Where the source's documents are: a folder, or Vercel Blob. */
export async function openDocuments(settings: Settings): Promise<DocumentStore> {
  const { source } = settings
  if (source.kind === 'files') {
    const { filesDocuments } = await import('../drivers/documents/files.js')
    return filesDocuments({ dir: source.dir })
  }
  const { blobDocuments } = await import('../drivers/documents/blob.js')
  const { token, apiUrl, readUrl } = source
  return blobDocuments({ token, access: 'private', ...(apiUrl ? { apiUrl } : {}), ...(readUrl ? { readUrl } : {}) })
}

/** `projects.json`, or `projects-0.json` and so on when a collection is spread over several documents. */
export function documentName(collection: string, number: number, count: number): string {
  return count === 1 ? `${collection}.json` : `${collection}-${number}.json`
}
