import { join } from 'node:path'
import { CutoverError } from '../../core/error.js'
import { isName } from './accepted.js'
import { type FilesSettings, placeOf } from './files-place.js'
import { attemptsMax, readFolder, revisionOf, revisionSize, scan } from './files-revisions.js'

/**
 * The names of all documents below `dir` that begin with `prefix`, in order. What counts are the revisions: a document
 * whose plain file is not there yet is listed, one whose plain file is not yet gone is not.
 */
export async function namesInFolders(dir: string, prefix: string, settings: FilesSettings): Promise<string[]> {
  const folders = ['']
  const names: string[] = []
  for (let at = 0; at < folders.length; at += 1) {
    if (folders.length > foldersMax) throw new CutoverError('too-large', `More than ${foldersMax} folders in ${dir}.`)
    const parent = folders[at] ?? ''
    const candidates = new Set<string>()
    for (const entry of await readFolder(join(dir, parent))) {
      const revision = revisionOf(entry.name)
      const name = parent + (revision?.base ?? entry.name)
      if (entry.isDirectory() && isName(name) && reaches(`${name}/`, prefix)) folders.push(`${name}/`)
      else if (!entry.isDirectory() && isName(name)) candidates.add(name)
    }
    for (const name of candidates) {
      if (name.startsWith(prefix) && (await isPresent(dir, name, settings))) names.push(name)
    }
  }
  return names.sort()
}

const foldersMax = 10_000

function reaches(folder: string, prefix: string): boolean {
  return folder.startsWith(prefix) || prefix.startsWith(folder)
}

async function isPresent(dir: string, name: string, settings: FilesSettings): Promise<boolean> {
  const place = placeOf(dir, name, settings)
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const { highest, plain } = await scan(place)
    if (highest === null) return plain
    const size = await revisionSize(place, highest)
    if (size !== null) return size > 0
  }
  throw new CutoverError('unavailable', `Document ${name} changed too fast to be listed.`)
}
