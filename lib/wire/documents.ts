import type { BlobPlace, Settings } from '../core/environment.js'
import type { DocumentStore } from '../ports/document.js'

/** Where the source's documents are: a folder, or Vercel Blob. */
export function openDocuments({ source }: Settings): Promise<DocumentStore> {
  return source.kind === 'files' ? inFolder(source.dir) : inBlob(source)
}

/** Back-ups lie beside the source's documents, unless they are given a place of their own. */
export async function openBackups({ backups }: Settings, documents: DocumentStore): Promise<DocumentStore> {
  if (backups.dir !== undefined) return inFolder(backups.dir)
  return backups.blob === undefined ? documents : inBlob(backups.blob)
}

async function inFolder(dir: string): Promise<DocumentStore> {
  const { filesDocuments } = await import('../drivers/documents/files.js')
  return filesDocuments({ dir })
}

async function inBlob({ token, apiUrl, readUrl }: BlobPlace): Promise<DocumentStore> {
  const { blobDocuments } = await import('../drivers/documents/blob.js')
  return blobDocuments({ token, access: 'private', ...(apiUrl ? { apiUrl } : {}), ...(readUrl ? { readUrl } : {}) })
}

/** `projects.json`, or `projects-0.json` and so on when a collection is spread over several documents. */
export function documentName(collection: string, number: number, count: number): string {
  return count === 1 ? `${collection}.json` : `${collection}-${number}.json`
}
