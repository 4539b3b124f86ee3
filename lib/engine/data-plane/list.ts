import { type Copy, type TargetCopy, visibleValue } from '../../core/copy.js'
import type { ListOutcome } from '../../core/data-plane.js'
import { CutoverError } from '../../core/error.js'
import { type Fence, reach, slotState } from '../../core/fence.js'
import { compareIds } from '../../core/id.js'
import { partitionOf } from '../../core/slot.js'
import { isStrict, readsTarget } from '../../core/stage.js'
import type { Collection, Surroundings } from '../collection.js'
import { failure } from './failure.js'
import { etagOf } from './intent.js'
import { askOther, finished, learn, type PartitionState, slotFor } from './partition.js'
import { lease } from './perform.js'
import { listPlain } from './plain.js'
import { getRecord } from './read-record.js'

/**
 * A page of records in id order, each from the store that its slot's stage names, as it was at some moment of the
 * call. Records whose answer needs more than the page holds (an open copy, a lease, a fallback) are read one by one.
 */
export async function listRecords(
  collection: Collection,
  states: PartitionState[],
  after: string | null,
  limit: number,
  around: Surroundings,
): Promise<ListOutcome> {
  const items: ListOutcome['items'] = []
  let position = after
  let servedBy: ListOutcome['servedBy'] = 'source'
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const over = states.find(({ fence }) => fence.plain)
    if (over) return listPlain(collection, over.fence, after, limit)
    const page = await readPage(collection, states, position, limit).catch((error: unknown) => learned(states, error))
    if (page === 'stale') continue
    if (typeof page === 'number') {
      await checkFinished(collection, states, page, around)
      continue
    }
    servedBy = page.usesTarget ? 'target' : 'source'
    const held = await leasesHeld(states, page.fences, around)
    for (const row of page.rows) {
      position = row.id
      const record = await resolve(collection, states, row, { fences: page.fences, held }, around)
      if (record !== null) items.push(record)
      if (items.length === limit)
        return { ...servedOf(states, servedBy), items, end: page.end && row.id === page.rows.at(-1)?.id }
    }
    if (page.end) return { ...servedOf(states, servedBy), items, end: true }
  }
  if (items.length > 0) return { ...servedOf(states, servedBy), items, end: false }
  throw new CutoverError(
    'contended',
    `The list of ${collection.name} could not be read while its stages changed. Try again.`,
  )
}

/** A store that does not answer may be one that is not needed any more: the other one knows. */
async function learned(states: PartitionState[], error: unknown): Promise<'stale'> {
  if (!(error instanceof CutoverError) || error.code !== 'unavailable') throw error
  const news = await Promise.all(states.flatMap((state) => [askOther(state, 'source'), askOther(state, 'target')]))
  if (news.some((is) => is)) return 'stale'
  throw error
}

/** Turns of one call: pages of tombstones to pass over, and stage changes that send it back. */
const TURNS_MAX = 50

interface Row {
  id: string
  source: Copy | null
  target: TargetCopy | null
}

interface RawPage {
  rows: Row[]
  end: boolean
  usesTarget: boolean
  /** Of each partition, under which the page was read: what is learned while it is worked through is not for its rows. */
  fences: Fence[]
}

/** `stale`: a stage changed. A number: this partition's fence, which must be at the target, is not there. */
async function readPage(
  collection: Collection,
  states: PartitionState[],
  after: string | null,
  limit: number,
): Promise<RawPage | 'stale' | number> {
  const usesTarget = states.some(({ fence }) => fence.ranges.some(({ stage }) => readsTarget(stage)))
  const usesSource = states.some(({ fence }) => fence.ranges.some(({ stage }) => !readsTarget(stage)))
  const epochs = states.map(({ fence }) => fence.epoch)
  const rows = new Map<string, Row>()
  const cuts: string[] = []
  let restless = false
  const take = (page: { items: { id: string }[]; end: boolean }): void => {
    const last = page.items.at(-1)
    if (page.end) return
    if (last === undefined)
      restless = true // all of its ids went while it was read: it tells nothing
    else cuts.push(last.id)
  }
  if (usesSource) {
    const pages = await Promise.all(states.map(({ source }) => source.page(after, limit)))
    pages.forEach((page, number) => {
      learnOf(states, number, page.fence)
      take(page)
      for (const { id, copy } of page.items) rows.set(id, { id, source: copy, target: null })
    })
  }
  if (usesTarget) {
    const page = await collection.target.page(after, limit)
    for (const [number, fence] of page.fences.entries()) {
      if (fence === null && states[number]?.fence.ranges.some(({ stage }) => readsTarget(stage))) return number
      learnOf(states, number, fence)
    }
    take(page)
    for (const { id, copy } of page.items) rows.set(id, { id, source: rows.get(id)?.source ?? null, target: copy })
  }
  if (restless || states.some(({ fence }, number) => fence.epoch !== epochs[number])) return 'stale'
  const cut = cuts.sort(compareIds)[0]
  const inOrder = [...rows.values()].sort((a, b) => compareIds(a.id, b.id))
  return {
    rows: cut === undefined ? inOrder : inOrder.filter(({ id }) => compareIds(id, cut) <= 0),
    end: cut === undefined,
    usesTarget,
    fences: states.map(({ fence }) => fence),
  }
}

/** A target without a fence: the migration is over, and the source's fence says so, or the target has lost everything. */
async function checkFinished(
  collection: Collection,
  states: PartitionState[],
  number: number,
  around: Surroundings,
): Promise<void> {
  const state = states[number]
  if (state === undefined || (await finished(state))) return
  const { epoch } = state.fence
  const event = { kind: 'target-lost-data' as const, collection: collection.name, partition: number }
  around.report({ ...event, epoch, sign: 'fence-missing', id: '' })
  throw failure('target-lost-data', collection.name)
}

/** What the record's own stage shows of it. Strict stages go by the protocol for one record where the page is not enough. */
async function resolve(
  collection: Collection,
  states: PartitionState[],
  row: Row,
  page: { fences: readonly Fence[]; held: readonly boolean[] },
  around: Surroundings,
): Promise<ListOutcome['items'][number] | null> {
  const fence = fenceOf(collection, page.fences, row.id)
  const { stage } = slotState(fence, slotFor(collection, row.id))
  const open = readsTarget(stage) && row.target?.open
  const held = page.held[partitionOf(collection.name, row.id, states.length)] ?? false
  // Under a lease an open copy may be on hold in the tolerant stages too.
  const needsProtocol = isStrict(stage) ? !held || open : collection.leaseMs !== null && open
  if (needsProtocol) {
    const one = await getRecord(collection, states, row.id, around)
    return one.kind === 'found' ? { id: row.id, value: one.value, etag: one.etag } : null
  }
  const copy = readsTarget(stage) ? row.target : row.source
  const value = visibleValue(copy)
  return copy === null || value === null ? null : { id: row.id, value, etag: etagOf(copy.version) }
}

/**
 * For each partition, whether the page in hand may speak for both stores in its strict slots: asked once a page. Where
 * it may not, each record goes by the protocol, which falls back or says why not.
 */
function leasesHeld(states: PartitionState[], fences: readonly Fence[], around: Surroundings): Promise<boolean[]> {
  return Promise.all(
    states.map(async (state, number) => {
      const fence = fences[number]
      if (fence === undefined) return false
      const strict = new Set(fence.ranges.map(({ stage }) => stage).filter(isStrict))
      for (const stage of strict) {
        const other = readsTarget(stage) ? 'source' : 'target'
        if (!(await heldBy(other, fence, state, around))) return false
      }
      return true
    }),
  )
}

async function heldBy(
  other: 'source' | 'target',
  fence: Fence,
  state: PartitionState,
  around: Surroundings,
): Promise<boolean> {
  try {
    return (await lease(other, fence, state, around)).kind === 'held'
  } catch (error) {
    if (error instanceof CutoverError) return false
    throw error
  }
}

function fenceOf(collection: Collection, fences: readonly Fence[], id: string): Fence {
  const fence = fences[partitionOf(collection.name, id, fences.length)]
  if (fence === undefined) throw new CutoverError('internal', `No partition for a record of ${collection.name}.`)
  return fence
}

function learnOf(states: PartitionState[], number: number, fence: Fence | null): void {
  const state = states[number]
  if (state !== undefined) learn(state, fence)
}

function servedOf(
  states: PartitionState[],
  servedBy: ListOutcome['servedBy'],
): Pick<ListOutcome, 'stage' | 'epoch' | 'servedBy'> {
  const furthest = states.reduce(
    (best, { fence }) => (fence.epoch > best.epoch ? fence : best),
    states[0]?.fence ?? { epoch: 0, ranges: [] },
  )
  return { stage: reach(furthest).stage, epoch: furthest.epoch, servedBy }
}
