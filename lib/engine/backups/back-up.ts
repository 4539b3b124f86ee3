import {
  type BackupPart,
  backupIdOf,
  LIST_PARTS,
  type Manifest,
  manifestName,
  partName,
} from '../../core/backup/manifest.js'
import { partText } from '../../core/backup/part.js'
import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import type { Run } from '../../core/run.js'
import type { Stage } from '../../core/stage.js'
import type { EngineContext } from '../context.js'
import type { BatchDone, RunKind } from '../runs/kind.js'
import { collectionStatus } from '../status.js'
import { backupIds, deleteBackup, readManifest } from './kept.js'
import { chained, damaged, FIRST_PART, type PartPlace, partAt } from './parts.js'

/**
 * A back-up of a collection: its records in parts, read through the data plane and so from whichever store holds the
 * truth, in order of their ids; then every part is read back, and only when all are what was written is it told of (the
 * manifest). Each record is as it was at some moment of the run; records that are written meanwhile may be in it as
 * they were before or after.
 *
 * A batch that is worked twice, or by two workers at once, writes parts under the digests of their texts: neither can
 * spoil the other's, and only those of the worker that commits are listed. What was written and is not listed is
 * removed with the back-up.
 */
interface Cursor {
  phase: 'write' | 'check'
  after: string | null
  /** Of the list that is being filled. */
  parts: BackupPart[]
  lists: string[]
  count: number
  records: number
  chars: number
  digest: string
  stage: Stage
  epoch: number
  /** Where checking has come to, and the digest of what it has read. */
  place: PartPlace
  checked: string
}

export const backUpRun: RunKind = {
  async begin(context, collection, { sealed, keep }) {
    if (sealed === true && (await context.backups.keyId()) === null)
      throw new CutoverError('conflict', 'There is no key to seal a back-up with. Set CUTOVER_BACKUP_KEY.', {
        details: { reason: 'no-key' },
      })
    if (keep !== undefined && !(typeof keep === 'number' && Number.isInteger(keep) && keep >= 1))
      throw new CutoverError('invalid-input', '`keep` must be a whole number from 1.')
    const { stage, epoch, source, target } = await collectionStatus(context, collection.name)
    const records = source.records === null ? target.records : Math.max(source.records, target.records ?? 0)
    const cursor: Cursor = {
      ...{ phase: 'write', after: null, parts: [], lists: [], count: 0, records: 0, chars: 0 },
      ...{ digest: '', stage, epoch, place: FIRST_PART, checked: '' },
    }
    // Every record is written and read back.
    return { cursor: cursor as unknown as Json, total: records === null ? null : 2 * records }
  },
  async batch(context, _collection, run, limit) {
    const cursor = run.cursor as unknown as Cursor
    return cursor.phase === 'write' ? writePart(context, run, cursor, limit) : checkPart(context, run, cursor)
  },
  finish: async ({ backups }, _collection, { id, createdAt, counters }) => ({
    succeeded: true,
    note: null,
    result: { backup: backupIdOf(createdAt, id), where: backups.label, records: counters.written ?? 0 },
  }),
}

const PAGE = 200

async function writePart(
  { dataPlane, backups }: EngineContext,
  run: Run,
  cursor: Cursor,
  limit: number,
): Promise<BatchDone> {
  const list = await dataPlane.list(run.collection, cursor.after, Math.min(limit, PAGE))
  const { items, end, stage, epoch } = list
  const next: Cursor = { ...cursor, parts: [...cursor.parts], lists: [...cursor.lists], stage, epoch }
  const id = backupIdOf(run.createdAt, run.id)
  const sealed = run.input.sealed === true
  const last = items.at(-1)
  let chars = 0
  if (last !== undefined) {
    const text = partText(items)
    const part = { digest: await backups.digest(text), records: items.length, chars: text.length, last: last.id }
    await backups.write(partName(run.collection, id, part.digest), text, { sealed })
    chars = text.length
    next.parts.push(part)
    next.after = last.id
    next.count++
    next.records += part.records
    next.chars += chars
    next.digest = await chained(backups, cursor.digest, part)
  }
  if (next.parts.length === LIST_PARTS || (end && next.parts.length > 0)) {
    const text = `${JSON.stringify({ parts: next.parts })}\n`
    const digest = await backups.digest(text)
    await backups.write(partName(run.collection, id, digest), text, { sealed })
    next.lists.push(digest)
    next.parts = []
  }
  if (end) next.phase = 'check'
  return done(next, items.length, chars, { written: items.length })
}

async function checkPart(context: EngineContext, run: Run, cursor: Cursor): Promise<BatchDone> {
  const { backups } = context
  const { collection } = run
  const id = backupIdOf(run.createdAt, run.id)
  const found = await partAt(backups, { collection, id, lists: cursor.lists }, cursor.place)
  if (found !== null) {
    const { part, next: place } = found
    const next = { ...cursor, place, checked: await chained(backups, cursor.checked, part) }
    return done(next, part.records, part.chars, { checked: part.records })
  }
  if (cursor.checked !== cursor.digest)
    throw damaged(manifestName(collection, id), 'tells of other parts than were written')
  await conclude(context, run, cursor, id)
  return done(null, 0, 0, {})
}

/** Writes what makes it a back-up; once more after a crash, with the same to say. */
async function conclude({ backups, clock }: EngineContext, run: Run, cursor: Cursor, id: string): Promise<void> {
  const { collection, by, reason, createdAt } = run
  const { stage, epoch, records, chars, digest, lists, count } = cursor
  const now = clock.now()
  const manifest: Manifest = {
    ...{ form: 1, id, collection, status: 'validated', fault: null, beganAt: createdAt, endedAt: now, checkedAt: now },
    ...{ by, reason, stage, epoch, records, chars, digest, lists, parts: count },
    keyId: run.input.sealed === true ? await backups.keyId() : null,
  }
  await backups.replace(manifestName(collection, id), `${JSON.stringify(manifest, null, 1)}\n`)
  const { keep } = run.input
  if (typeof keep !== 'number') return
  let validated = 0
  for (const other of await backupIds(backups, collection)) {
    if (validated >= keep) await deleteBackup(backups, collection, other)
    else if ((await readManifest(backups, collection, other)).status === 'validated') validated++
  }
}

function done(cursor: Cursor | null, records: number, bytes: number, counters: BatchDone['counters']): BatchDone {
  return { cursor: cursor as unknown as Json, done: records, records, bytes, counters, deadLetters: [] }
}
