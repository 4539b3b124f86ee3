import { CutoverError } from '../error.js'
import { isJsonObject, type Json } from '../json.js'
import type { Stage } from '../stage.js'

/**
 * What tells of a back-up. It is written last, after every part was read back and found to be what was written: a
 * back-up that has a manifest is whole, and one that was interrupted has none.
 */
export interface Manifest {
  form: 1
  /** Begins with the time in UTC, so that names are in order of time. */
  id: string
  collection: string
  /** `damaged`: a later check has found a fault; it is not restored from. */
  status: 'validated' | 'damaged'
  /** What the last check found amiss. */
  fault: string | null
  /** Wall-clock milliseconds. Records are as they were at some moment between these two. */
  beganAt: number
  endedAt: number
  checkedAt: number
  by: string
  reason: string
  stage: Stage
  epoch: number
  records: number
  /** Characters of the parts. */
  chars: number
  /** SHA-256 over the digests of all parts, in order. */
  digest: string
  /** Names the key; `null`: the parts are in clear. */
  keyId: string | null
  /** Digests of the lists of parts, in order; a list is itself written like a part. */
  lists: readonly string[]
  parts: number
}

/** A part: records in order of their ids, none of which is in another part. */
export interface BackupPart {
  /** SHA-256 of its text, and its name. */
  digest: string
  records: number
  chars: number
  /** The highest id in it. */
  last: string
}

/** Parts that one list tells of, so that neither a run's state nor a list grows with the collection. */
export const LIST_PARTS = 100

export function folderOf(collection: string, id = ''): string {
  return `backups/${collection}/${id === '' ? '' : `${id}/`}`
}

export function manifestName(collection: string, id: string): string {
  return `${folderOf(collection, id)}manifest.json`
}

export function partName(collection: string, id: string, digest: string): string {
  return `${folderOf(collection, id)}${digest}.json`
}

/** `20260314T050607-1f2e3d4c`: when it began, in UTC, and the beginning of its run's id. */
export function backupIdOf(beganAt: number, runId: string): string {
  const time = new Date(beganAt).toISOString().replace(/[-:]|\.\d+Z$/g, '')
  return `${time}-${runId.replace(/[^A-Za-z0-9]/g, '').slice(0, RUN_ID_CHARS)}`
}

const RUN_ID_CHARS = 8
export const BACKUP_ID = /^\d{8}T\d{6}-[A-Za-z0-9]{1,8}$/

export function parseManifest(text: string, name: string): Manifest {
  return parsed<Manifest>(text, name, (value) => value.form === 1 && Array.isArray(value.lists))
}

export function parseList(text: string, name: string): BackupPart[] {
  return parsed<{ parts: BackupPart[] }>(text, name, (value) => Array.isArray(value.parts)).parts
}

function parsed<T>(text: string, name: string, test: (value: { [name: string]: Json }) => boolean): T {
  let value: Json = null
  try {
    value = JSON.parse(text)
  } catch {
    // told below
  }
  if (!isJsonObject(value) || !test(value))
    throw new CutoverError('corrupt-document', `The document ${name} is not what a back-up wrote there.`)
  return value as unknown as T
}
