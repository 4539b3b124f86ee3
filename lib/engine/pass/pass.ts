import type { Copy, TargetCopy } from '../../core/copy.js'
import { CutoverError } from '../../core/error.js'
import { slotState } from '../../core/fence.js'
import type { Keyed } from '../../core/protocol/answers.js'
import { closed } from '../../core/protocol/outcome.js'
import { isStrict, type Stage } from '../../core/stage.js'
import { learn, type PartitionState, slotFor } from '../data-plane/partition.js'

/**
 * The pass: back-fill, repair and anti-entropy are one thing. Every record is brought to the same copy in both
 * stores, in both directions, by version; applied twice it changes nothing, and it never lowers a version.
 *
 * Every listing and every mutation is made with the store's fence at the pass's epoch: a stage change on the way is
 * noticed and the batch done again under the new fence. What the pass counts as done was answered by the stores.
 */
export interface PassBatch {
  /** Position after this batch; `null` at the end. */
  after: string | null
  counts: PassCounts
  bytes: number
}

export interface PassCounts {
  read: number
  /** Written at the target. */
  copied: number
  /** Were equal already. */
  same: number
  /** The target had the later copy: brought to the source. */
  returned: number
  /** In slots whose stage asks for nothing. */
  skipped: number
}

/** The source's records above `after`: each to the target, and what the target has later of them back to the source. */
export async function passSource(state: PartitionState, after: string | null, limit: number): Promise<PassBatch> {
  return underOneFence(state, async () => {
    const page = await state.source.page(after, limit)
    if (!(await sourceIsAtFence(state, page.fence.epoch, page.fence))) return 'stale'
    const wanted = page.items.filter(({ id }) => toTarget(stageOf(state, id)))
    const counts = await passCopies(state, wanted)
    if (counts === 'stale') return 'stale'
    const last = page.items.at(-1)
    return {
      after: page.end || last === undefined ? null : last.id,
      counts: { ...counts, read: page.items.length, skipped: page.items.length - wanted.length },
      bytes: estimateBytes(wanted),
    }
  })
}

/** Copies that the target marks as open, above `after`: to the source, then settled. */
export async function passOpen(state: PartitionState, after: string | null, limit: number): Promise<PassBatch> {
  return underOneFence(state, async () => {
    const page = await state.target.openIds(after, limit)
    const view = await state.target.getMany(page.items)
    learn(state, view.fence)
    if (view.fence?.epoch !== state.fence.epoch) {
      await state.target.raise(state.fence)
      return 'stale'
    }
    const open = page.items.flatMap((id, at) => {
      const copy = view.copies[at]
      return copy?.open && toSource(stageOf(state, id)) ? [{ id, copy }] : []
    })
    const returned = await bringToSource(state, open)
    if (returned === 'stale') return 'stale'
    return {
      after: page.end ? null : (page.items.at(-1) ?? null),
      counts: { read: page.items.length, copied: 0, same: 0, returned, skipped: page.items.length - open.length },
      bytes: estimateBytes(open),
    }
  })
}

/** The same for given ids: repair, and dead letters tried again. */
export async function passIds(state: PartitionState, ids: readonly string[]): Promise<PassCounts> {
  const batch = await underOneFence(state, async () => {
    const copies: Keyed<Copy>[] = []
    for (const id of ids) {
      const view = await state.source.get(id)
      if (!(await sourceIsAtFence(state, view.fence.epoch, view.fence))) return 'stale'
      if (view.copy !== null && toTarget(stageOf(state, id))) copies.push({ id, copy: view.copy })
    }
    const counts = await passCopies(state, copies)
    if (counts === 'stale') return 'stale'
    const view = await state.target.getMany(ids)
    learn(state, view.fence)
    if (view.fence !== null && view.fence.epoch !== state.fence.epoch) return 'stale'
    const open = ids.flatMap((id, at) => {
      const copy = view.copies[at]
      return copy?.open && toSource(stageOf(state, id)) ? [{ id, copy }] : []
    })
    const returned = await bringToSource(state, open)
    if (returned === 'stale') return 'stale'
    return {
      after: null,
      counts: { ...counts, returned: counts.returned + returned, read: ids.length, skipped: 0 },
      bytes: 0,
    }
  })
  return batch.counts
}

/** Stage changes that one batch may be overtaken by. */
const ROUNDS_MAX = 12

async function underOneFence(state: PartitionState, work: () => Promise<PassBatch | 'stale'>): Promise<PassBatch> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const done = await work()
    if (done !== 'stale') return done
  }
  throw new CutoverError('contended', `Stages of ${state.collection.name} change too fast for a pass. Try again.`)
}

async function sourceIsAtFence(state: PartitionState, epoch: number, fence: PartitionState['fence']): Promise<boolean> {
  learn(state, fence)
  if (epoch === state.fence.epoch) return true
  await state.source.raise(state.fence)
  return false
}

async function passCopies(state: PartitionState, copies: readonly Keyed<Copy>[]): Promise<PassCounts | 'stale'> {
  const counts: PassCounts = { read: 0, copied: 0, same: 0, returned: 0, skipped: 0 }
  if (copies.length === 0) return counts
  const answers = await state.target.applyMany(state.fence, copies)
  if (!Array.isArray(answers)) {
    learn(state, answers.fence)
    return 'stale'
  }
  const later: Keyed<TargetCopy>[] = []
  answers.forEach((answer, at) => {
    if (answer.kind === 'ok') counts.copied++
    if (answer.kind === 'same') counts.same++
    const id = copies[at]?.id
    if (answer.kind === 'newer' && id !== undefined) later.push({ id, copy: answer.copy })
  })
  const back = later.filter(({ id }) => isStrict(stageOf(state, id)))
  counts.same += later.length - back.length
  const returned = await bringToSource(state, back)
  if (returned === 'stale') return 'stale'
  return { ...counts, returned }
}

async function bringToSource(state: PartitionState, copies: readonly Keyed<TargetCopy>[]): Promise<number | 'stale'> {
  if (copies.length === 0) return 0
  const kept = copies.map(({ id, copy }) => ({ id, copy: closed(copy) }))
  const answers = await state.source.applyMany(state.fence, kept)
  if (!Array.isArray(answers)) {
    learn(state, answers.fence)
    return 'stale'
  }
  if (answers.some(({ kind }) => kind === 'hold')) {
    throw new CutoverError('unavailable', `The source of ${state.collection.name} is on hold. Try again in a moment.`)
  }
  await state.target.settleMany(kept.map(({ id, copy }) => ({ id, version: copy.version, op: copy.op })))
  return copies.length
}

function stageOf(state: PartitionState, id: string): Stage {
  return slotState(state.fence, slotFor(state.collection, id)).stage
}

function toTarget(stage: Stage): boolean {
  return stage === 'dualwrite' || isStrict(stage)
}

function toSource(stage: Stage): boolean {
  return isStrict(stage) || stage === 'rampdown'
}

const SAMPLE = 8

/** Size of a batch from a few of its records: good enough to steer by, and cheap. */
function estimateBytes(copies: readonly Keyed<Copy>[]): number {
  if (copies.length === 0) return 0
  const sample = copies.slice(0, SAMPLE)
  const bytes = sample.reduce((sum, { copy }) => sum + JSON.stringify(copy.value).length, 0)
  return Math.round((bytes / sample.length) * copies.length)
}
