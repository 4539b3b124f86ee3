import { randomUUID } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CutoverError } from '../../core/error.js'

/** Where one document's files are. */
export interface Place {
  name: string
  folder: string
  /** The last segment of the name. */
  base: string
  /** Path of the file that other programs read. */
  plain: string
  settings: FilesSettings
}

export interface FilesSettings {
  durable: boolean
  keepRevisions: number
  keepMs: number
}

export function placeOf(dir: string, name: string, settings: FilesSettings): Place {
  const plain = join(dir, ...name.split('/'))
  return { name, folder: dirname(plain), base: name.slice(name.lastIndexOf('/') + 1), plain, settings }
}

export function revisionPath(place: Place, number: number): string {
  return join(place.folder, `.${place.base}.${number}`)
}

/** Names of documents have no `~`, so that a temporary file cannot be taken for a revision or a document. */
export const temporaryPrefix = '.~'

/** Writes a fresh temporary file in the document's folder, so that it can be linked or renamed there. */
export async function writeTemporary(place: Place, bytes: Uint8Array, sync: boolean): Promise<string> {
  const path = join(place.folder, `${temporaryPrefix}${place.base}~${randomUUID()}`)
  const file = await open(path, 'wx')
  try {
    await file.writeFile(bytes)
    if (sync) await file.sync()
  } finally {
    await file.close()
  }
  return path
}

export async function makeFolder(place: Place): Promise<void> {
  let first: string | undefined
  try {
    first = await mkdir(place.folder, { recursive: true })
  } catch (cause) {
    if (!isFsError(cause, 'EEXIST', 'ENOTDIR')) throw cause
    throw new CutoverError('invalid-input', `A folder of ${place.name} is a document in this store.`, { cause })
  }
  if (first === undefined || !place.settings.durable) return
  for (let made = place.folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
}

/** Makes the folder's entries durable. Windows has no such call. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

export function isFsError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('code' in error)) return false
  return codes.length === 0 || codes.includes(String(error.code))
}
