import { canonicalJson } from '../../core/compare/equal.js'
import type { ListOutcome, Mutation } from '../../core/data-plane.js'
import { CutoverError } from '../../core/error.js'
import { compareIds } from '../../core/id.js'
import type { Json, JsonObject } from '../../core/json.js'
import type { Run } from '../../core/run.js'
import type { EngineContext } from '../context.js'
import type { BatchDone, RunKind } from '../runs/kind.js'
import { sideBySide } from '../side-by-side.js'
import { idOf } from './check.js'
import { readManifest } from './kept.js'
import { FIRST_PART, type PartPlace, partAt } from './parts.js'

/**
 * Puts a collection back to what a back-up holds, through the data plane and so under its stage, range by range of ids:
 * what is missing is written, what differs is written over, and what the back-up does not have is counted, or removed
 * with `mirror`. A dry run does everything but write.
 *
 * It runs under traffic: a record that somebody else writes between our look and our write is left as they wrote it
 * and counted (`contested`). A batch that is worked twice finds its records equal the second time.
 */
interface Cursor {
  place: PartPlace
  /** Ids up to this one are done. */
  after: string | null
}

export const restoreRun: RunKind = {
  async begin({ backups }, { name }, input) {
    const { records, status, fault, lists } = await readManifest(backups, name, idOf(input))
    if (status !== 'validated')
      throw new CutoverError('conflict', `${fault ?? 'The back-up is damaged.'} Nothing was put back.`, {
        details: { reason: 'damaged' },
      })
    if (lists.length === 0 && input.mirror !== true)
      throw new CutoverError('invalid-input', 'The back-up holds no records. Only `mirror` would change anything.')
    const cursor: Cursor = { place: FIRST_PART, after: null }
    return { cursor: cursor as unknown as Json, total: records }
  },
  async batch(context, collection, run, limit) {
    const manifest = await readManifest(context.backups, collection.name, idOf(run.input))
    const { place, after } = run.cursor as unknown as Cursor
    const found = await partAt(context.backups, manifest, place)
    const part = found?.records.filter(({ id }) => after === null || compareIds(id, after) > 0) ?? []
    const wanted = part.slice(0, limit)
    const isAll = wanted.length === part.length
    const isLast = (found?.isLast ?? true) && isAll
    // After the last record of the back-up comes whatever else the collection has.
    const present = await context.dataPlane.list(run.collection, after, Math.max(1, Math.min(limit, PAGE)))
    const upTo = boundOf(wanted, present, isLast)
    const within = (id: string): boolean => upTo === null || compareIds(id, upTo) <= 0
    const some = wanted.filter(({ id }) => within(id))
    const counters = await settle(
      context,
      run,
      some,
      present.items.filter(({ id }) => within(id)),
    )
    const partDone = isAll && some.length === wanted.length
    const next = partDone && found !== null && !found.isLast ? found.next : place
    const cursor: Cursor | null = upTo === null ? null : { place: next, after: upTo }
    const chars = some.reduce((sum, { value }) => sum + JSON.stringify(value).length, 0)
    const done = { done: some.length, records: Math.max(some.length, present.items.length), bytes: chars }
    return { ...done, cursor: cursor as unknown as Json, counters, deadLetters: [] }
  },
  finish: async (_context, _collection, { input, counters }) => ({
    succeeded: true,
    note: input.dryRun === true ? 'a dry run: nothing was written' : null,
    result: { backup: idOf(input), ...counters },
  }),
}

const PAGE = 200
const WRITES_AT_ONCE = 8

/** Up to which id both sides are known now; `null`: to the end. */
function boundOf(wanted: readonly { id: string }[], present: ListOutcome, isLast: boolean): string | null {
  const ofWanted = isLast ? null : (wanted.at(-1)?.id ?? null)
  const ofPresent = present.end ? null : (present.items.at(-1)?.id ?? null)
  if (ofWanted === null || ofPresent === null) return ofWanted ?? ofPresent
  return compareIds(ofWanted, ofPresent) < 0 ? ofWanted : ofPresent
}

/** Makes one range of ids what it was. */
async function settle(
  context: EngineContext,
  run: Run,
  wanted: readonly { id: string; value: JsonObject }[],
  present: ListOutcome['items'],
): Promise<BatchDone['counters']> {
  const { dryRun = false, mirror = false } = run.input
  const held = new Map(present.map((item) => [item.id, item]))
  const kept = new Set(wanted.map(({ id }) => id))
  const counters = { written: 0, equal: 0, extra: 0, removed: 0, contested: 0 }
  const writes: { id: string; mutation: Mutation; as: 'written' | 'removed' }[] = []
  for (const { id, value } of wanted) {
    const there = held.get(id)
    if (there === undefined) writes.push({ id, mutation: { kind: 'put', value, condition: ABSENT }, as: 'written' })
    else if (canonicalJson(there.value) === canonicalJson(value)) counters.equal++
    else writes.push({ id, mutation: { kind: 'put', value, condition: still(there.etag) }, as: 'written' })
  }
  for (const { id, etag } of present) {
    if (kept.has(id)) continue
    counters.extra++
    if (mirror === true) writes.push({ id, mutation: { kind: 'delete', condition: still(etag) }, as: 'removed' })
  }
  await sideBySide(
    writes,
    async ({ id, mutation, as }) => {
      const wrote = dryRun === true || (await write(context, run, id, mutation))
      counters[wrote ? as : 'contested']++
    },
    WRITES_AT_ONCE,
  )
  return counters
}

const ABSENT = { kind: 'if-none-match' } as const

function still(etag: string): { kind: 'if-match'; etag: string } {
  return { kind: 'if-match', etag }
}

/** `false`: somebody else has written the record meanwhile, and it stays as they wrote it. */
async function write({ dataPlane, clock }: EngineContext, run: Run, id: string, mutation: Mutation): Promise<boolean> {
  const operation = { op: clock.id().replaceAll('-', ''), startedAt: clock.now(), named: false }
  try {
    await dataPlane.write(run.collection, id, operation, mutation)
    return true
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error
    if (error.code === 'precondition-failed' || error.code === 'not-found') return false
    if (error.code !== 'too-large' && error.code !== 'invalid-input') throw error
    // Nothing would come of asking again.
    const message = `The record ${run.collection}/${id} cannot be put back: ${error.message}`
    throw new CutoverError('conflict', message, { cause: error, details: { reason: 'refused-by-store' } })
  }
}
