import { BACKUP_ID, folderOf, type Manifest, manifestName, parseManifest } from '../../core/backup/manifest.js'
import { CutoverError } from '../../core/error.js'
import type { BackupStore } from '../../ports/backup.js'

/** Ids of a collection's back-ups, newest first; what is under way or was interrupted is not among them. */
export async function backupIds(backups: BackupStore, collection: string): Promise<string[]> {
  const folder = folderOf(collection)
  const names = await backups.list(folder)
  const ids = names.flatMap((name) => {
    const [id = '', file, ...rest] = name.slice(folder.length).split('/')
    return file === 'manifest.json' && rest.length === 0 && BACKUP_ID.test(id) ? [id] : []
  })
  return ids.sort().reverse()
}

/** Throws `not-found` where there is none. */
export async function readManifest(backups: BackupStore, collection: string, id: string): Promise<Manifest> {
  const text = BACKUP_ID.test(id) ? await backups.read(manifestName(collection, id)) : null
  if (text !== null) return parseManifest(text, manifestName(collection, id))
  throw new CutoverError('not-found', `There is no back-up ${JSON.stringify(id.slice(0, 64))} of ${collection}.`)
}

export async function listBackups(
  backups: BackupStore,
  collection: string,
  { before = null, limit }: { before?: string | null; limit: number },
): Promise<{ items: Manifest[]; next: string | null }> {
  const ids = (await backupIds(backups, collection)).filter((id) => before === null || id < before)
  const page = ids.slice(0, limit)
  const items = await Promise.all(page.map((id) => readManifest(backups, collection, id)))
  return { items, next: ids.length > limit ? (page.at(-1) ?? null) : null }
}

/** Removes a back-up: first what makes it one, then its parts, so that half of one is never taken for a whole. */
export async function deleteBackup(backups: BackupStore, collection: string, id: string): Promise<Manifest> {
  const manifest = await readManifest(backups, collection, id)
  await backups.remove(manifestName(collection, id))
  for (const name of await backups.list(folderOf(collection, id))) await backups.remove(name)
  return manifest
}
