import { type BackupPart, type Manifest, parseList, partName } from '../../core/backup/manifest.js'
import { parsePart } from '../../core/backup/part.js'
import { CutoverError } from '../../core/error.js'
import type { JsonObject } from '../../core/json.js'
import type { BackupStore } from '../../ports/backup.js'

/** A back-up's parts as they lie in the store, by the lists that name them. */
export type Listed = Pick<Manifest, 'collection' | 'id' | 'lists'>

/** A place between parts: which list, and which of its parts comes next. */
export interface PartPlace {
  list: number
  part: number
}

export const FIRST_PART: PartPlace = { list: 0, part: 0 }

/** The part at a place, read whole and checked, and the place after it; `null` after the last. */
export async function partAt(
  backups: BackupStore,
  listed: Listed,
  place: PartPlace,
): Promise<{
  part: BackupPart
  records: { id: string; value: JsonObject }[]
  next: PartPlace
  isLast: boolean
} | null> {
  const digest = listed.lists[place.list]
  if (digest === undefined) return null
  const { collection, id } = listed
  const listName = partName(collection, id, digest)
  const parts = parseList(await wholeText(backups, listName, digest), listName)
  const part = parts[place.part]
  if (part === undefined) return null
  const name = partName(collection, id, part.digest)
  const records = parsePart(await wholeText(backups, name, part.digest), name)
  if (records.length !== part.records || records.at(-1)?.id !== part.last)
    throw damaged(name, 'holds other records than its list says')
  const more = place.part + 1 < parts.length
  const next = more ? { list: place.list, part: place.part + 1 } : { list: place.list + 1, part: 0 }
  return { part, records, next, isLast: !more && listed.lists[next.list] === undefined }
}

/** What a store answers is believed only if it has the digest that was taken when it was written. */
async function wholeText(backups: BackupStore, name: string, digest: string): Promise<string> {
  const text = await backups.read(name).catch((error: unknown) => {
    if (error instanceof CutoverError && error.code === 'corrupt-document') throw damaged(name, 'cannot be read')
    throw error
  })
  if (text === null) throw damaged(name, 'is missing')
  if ((await backups.digest(text)) !== digest) throw damaged(name, 'is not what was written')
  return text
}

/** Asked again, it would be found again: a run ends with it. */
export function damaged(name: string, what: string): CutoverError {
  return new CutoverError('conflict', `The back-up is damaged: ${name} ${what}.`, { details: { reason: 'damaged' } })
}

export function isDamaged(error: unknown): error is CutoverError {
  return error instanceof CutoverError && error.details.reason === 'damaged'
}

/** One digest over the digests of all parts, taken up one by one. */
export function chained(backups: BackupStore, before: string, part: BackupPart): Promise<string> {
  return backups.digest(`${before}\n${part.digest}`)
}
