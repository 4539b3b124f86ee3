import type { EngineContext } from '../context.js'
import { backupIds, readManifest } from './kept.js'

/** How many damaged ones are looked past. */
const LOOKED_AT_MAX = 20

/** The newest back-up of a collection that was read back whole; `at`: when that was, in wall-clock milliseconds. */
export async function lastValidatedBackup(
  { backups }: Pick<EngineContext, 'backups'>,
  collection: string,
): Promise<{ id: string; at: number } | null> {
  for (const id of (await backupIds(backups, collection)).slice(0, LOOKED_AT_MAX)) {
    const { status, checkedAt } = await readManifest(backups, collection, id)
    if (status === 'validated') return { id, at: checkedAt }
  }
  return null
}
