import { link, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { CutoverError } from '../../core/error.js'
import {
  isFsError,
  makeFolder,
  type Place,
  revisionPath,
  syncFolder,
  temporaryPrefix,
  writeTemporary,
} from './files-place.js'

/** How often a read or a scan is begun again because the files changed under it. */
export const attemptsMax = 16

export interface Scan {
  /** Numbers of the revision files, ascending. */
  revisions: number[]
  highest: number | null
  /** Whether the plain file is there. */
  plain: boolean
  /** Whether a folder has the document's name. */
  folder: boolean
  /** Names of this document's temporary files. */
  temporaries: string[]
}

/** Looks once through the document's folder. A look that took too long may have missed files and is done again. */
export async function scan(place: Place): Promise<Scan> {
  const lookMsMax = Math.max(1_000, place.settings.keepMs / 5)
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const began = performance.now()
    const entries = await readFolder(place.folder)
    if (performance.now() - began > lookMsMax) continue
    const self = entries.find((entry) => entry.name === place.base)
    const revisions = entries
      .map((entry) => revisionOf(entry.name))
      .flatMap((found) => (found?.base === place.base ? [found.number] : []))
      .sort((a, b) => a - b)
    return {
      revisions,
      highest: revisions.at(-1) ?? null,
      plain: self !== undefined && !self.isDirectory(),
      folder: self?.isDirectory() ?? false,
      temporaries: entries
        .map((entry) => entry.name)
        .filter((name) => name.startsWith(`${temporaryPrefix}${place.base}~`)),
    }
  }
  throw new CutoverError('unavailable', `The folder of document ${place.name} cannot be read fast enough.`)
}

/** The entries of a folder; none if there is no such folder. */
export async function readFolder(path: string) {
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (isFsError(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}

/** Parses `.projects.json.12`. */
export function revisionOf(fileName: string): { base: string; number: number } | null {
  const match = /^\.([A-Za-z0-9_-][A-Za-z0-9._-]*)\.(0|[1-9][0-9]{0,14})$/.exec(fileName)
  return match?.[1] === undefined ? null : { base: match[1], number: Number(match[2]) }
}

/** The bytes of a revision (`null`: of the plain file), or null if the file is gone. */
export async function readRevision(place: Place, number: number | null): Promise<Uint8Array | null> {
  return unlessGone(readFile(number === null ? place.plain : revisionPath(place, number)))
}

export async function revisionSize(place: Place, number: number): Promise<number | null> {
  return (await unlessGone(stat(revisionPath(place, number))))?.size ?? null
}

/** The compare-and-swap: gives the bytes the name of this revision unless the name is taken. */
export async function commit(place: Place, number: number, bytes: Uint8Array): Promise<boolean> {
  await makeFolder(place)
  const temporary = await writeTemporary(place, bytes, place.settings.durable)
  try {
    await link(temporary, revisionPath(place, number))
  } catch (error) {
    if (isFsError(error, 'EEXIST')) return false
    throw error
  } finally {
    await unlessGone(unlink(temporary))
  }
  if (place.settings.durable) await syncFolder(place.folder)
  return true
}

/**
 * Deletes what nobody needs: revisions more than `keepRevisions` below one that is older than `keepMs`, lowest first
 * (the proofs in `files.ts` rest on both), and temporary files that a killed process left. ctime is the time of the
 * link, which the file's own times are not.
 */
export async function prune(place: Place, revisions: readonly number[], temporaries: readonly string[]): Promise<void> {
  for (const number of revisions.slice(0, prunedAtOnceMax)) {
    const successor = revisions.find((candidate) => candidate >= number + place.settings.keepRevisions)
    if (successor === undefined || !(await isOlder(revisionPath(place, successor), place.settings.keepMs))) break
    await unlessGone(unlink(revisionPath(place, number)))
  }
  for (const name of temporaries.slice(0, prunedAtOnceMax)) {
    const path = join(place.folder, name)
    if (await isOlder(path, temporaryMsMax)) await unlessGone(unlink(path))
  }
}

const prunedAtOnceMax = 64
/** A writer that stands still for longer loses its temporary file, and its put throws. */
const temporaryMsMax = 600_000

async function isOlder(path: string, ageMs: number): Promise<boolean> {
  const found = await unlessGone(stat(path))
  return found !== null && Date.now() - Math.floor(found.ctimeMs) >= ageMs
}

async function unlessGone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (isFsError(error, 'ENOENT')) return null
    throw error
  }
}
