import { type Manifest, manifestName } from '../../core/backup/manifest.js'
import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import type { Run } from '../../core/run.js'
import type { EngineContext } from '../context.js'
import type { BatchDone, RunKind } from '../runs/kind.js'
import { readManifest } from './kept.js'
import { chained, damaged, FIRST_PART, isDamaged, type PartPlace, partAt } from './parts.js'

/**
 * Reads a back-up again, every part of it, and says whether it is what was written. What is found is kept in its
 * manifest: one that is damaged is not restored from, and counts for nothing where a back-up is asked for.
 */
interface Cursor {
  place: PartPlace
  checked: string
  records: number
}

export const checkBackupRun: RunKind = {
  async begin({ backups }, { name }, input) {
    const { records } = await readManifest(backups, name, idOf(input))
    const cursor: Cursor = { place: FIRST_PART, checked: '', records: 0 }
    return { cursor: cursor as unknown as Json, total: records }
  },
  async batch(context, collection, run) {
    const manifest = await readManifest(context.backups, collection.name, idOf(run.input))
    try {
      return await checkPart(context, manifest, run)
    } catch (error) {
      if (isDamaged(error)) await note(context, manifest, error.message)
      throw error
    }
  },
  finish: async (_context, _collection, { input, counters }) => ({
    succeeded: true,
    note: null,
    result: { backup: idOf(input), records: counters.checked ?? 0 },
  }),
}

async function checkPart(context: EngineContext, manifest: Manifest, run: Run): Promise<BatchDone> {
  const { backups } = context
  const cursor = run.cursor as unknown as Cursor
  const found = await partAt(backups, manifest, cursor.place)
  if (found === null) {
    if (cursor.checked !== manifest.digest || cursor.records !== manifest.records)
      throw damaged(manifestName(manifest.collection, manifest.id), 'tells of other parts than there are')
    await note(context, manifest, null)
    return { cursor: null, done: 0, records: 0, bytes: 0, counters: {}, deadLetters: [] }
  }
  const { part, next: place } = found
  const { records } = part
  const next: Cursor = {
    place,
    checked: await chained(backups, cursor.checked, part),
    records: cursor.records + records,
  }
  const counters = { checked: records }
  return { cursor: next as unknown as Json, done: records, records, bytes: part.chars, counters, deadLetters: [] }
}

async function note({ backups, clock }: EngineContext, manifest: Manifest, fault: string | null): Promise<void> {
  const { collection, id } = manifest
  const status = fault === null ? 'validated' : 'damaged'
  const found: Manifest = { ...manifest, status, fault, checkedAt: clock.now() }
  await backups.replace(manifestName(collection, id), `${JSON.stringify(found, null, 1)}\n`)
}

/** The back-up that a run is about. */
export function idOf({ backup }: Run['input']): string {
  if (typeof backup === 'string') return backup
  throw new CutoverError('invalid-input', 'Say which back-up: `backup` is its id.')
}
