import type { Copy, TargetCopy } from '../../core/copy.js'
import { CutoverError } from '../../core/error.js'
import { type Fence, slotState } from '../../core/fence.js'
import type { Keyed } from '../../core/protocol/answers.js'
import { closed } from '../../core/protocol/outcome.js'
import { isStrict, type Stage, sourceNumbers } from '../../core/stage.js'
import { learn, type PartitionState, slotFor } from '../data-plane/partition.js'
import { type Marks, markAfter } from '../stages/marks.js'
import { fitting } from './fitting.js'

/**
 * The pass: back-fill, repair and anti-entropy are one thing. Every record is brought to the same copy in both
 * stores, in both directions, by version; applied twice it changes nothing, and it never lowers a version.
 *
 * Every listing and every mutation is made with the store's fence at the pass's epoch: a stage change on the way is
 * noticed and the batch done again under the new fence. What the pass counts as done was answered by the stores. A
 * target that has lost its fence is given none by the pass, for that would hide the loss; nor are copies given to one
 * that has lost the mark of the batch before (`stages/marks.ts`).
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
  /** The stores know one version by two writes: a loss at the target, which versions cannot mend. */
  clashes: number
}

export const NOTHING: PassBatch = {
  after: null,
  counts: { read: 0, copied: 0, same: 0, returned: 0, skipped: 0, clashes: 0 },
  bytes: 0,
}

/** The source's records above `after`: each to the target, and what the target has later of them back to the source. */
export async function passSource(
  state: PartitionState,
  after: string | null,
  limit: number,
  marks?: Marks | null,
): Promise<PassBatch> {
  return underOneFence(state, async () => {
    const page = await state.source.page(after, limit)
    if (!(await sourceIsAtFence(state, page.fence))) return 'stale'
    if (state.fence.plain) return NOTHING
    const { items, bytes, all } = fitting(page.items)
    const wanted = wantedAtTarget(state, items)
    const counts = await passCopies(state, wanted, marks)
    if (counts === 'stale') return 'stale'
    const last = items.at(-1)
    return {
      after: (page.end && all) || last === undefined ? null : last.id,
      counts: { ...counts, read: items.length, skipped: items.length - wanted.length },
      bytes,
    }
  })
}

/** Copies that the target marks as open, above `after`: to the source, then settled. */
export async function passOpen(state: PartitionState, after: string | null, limit: number): Promise<PassBatch> {
  return underOneFence(state, async () => {
    learn(state, (await state.source.control()).fence)
    if (state.fence.plain || !state.fence.ranges.some(({ stage }) => toSource(stage))) return NOTHING
    const page = await state.target.openIds(after, limit)
    const view = await state.target.getMany(page.items)
    if (!(await targetIsAtFence(state, view.fence))) return 'stale'
    const open = page.items.flatMap((id, at) => {
      const copy = view.copies[at]
      return copy?.open && toSource(stageOf(state, id)) ? [{ id, copy }] : []
    })
    const { items, bytes, all } = fitting(open)
    const back = await bringToSource(state, items)
    if (back === 'stale') return 'stale'
    const last = all ? page.items.at(-1) : items.at(-1)?.id
    return {
      after: page.end && all ? null : (last ?? null),
      counts: { ...NOTHING.counts, ...back, read: page.items.length, skipped: page.items.length - open.length },
      bytes,
    }
  })
}

/** The same for given ids: repair, and dead letters tried again. */
export async function passIds(
  state: PartitionState,
  ids: readonly string[],
  marks?: Marks | null,
): Promise<PassCounts> {
  const batch = await underOneFence(state, async () => {
    const copies: Keyed<Copy>[] = []
    for (const id of ids) {
      const view = await state.source.get(id)
      if (!(await sourceIsAtFence(state, view.fence))) return 'stale'
      if (state.fence.plain) return NOTHING
      if (view.copy !== null && toTarget(stageOf(state, id))) copies.push({ id, copy: view.copy })
    }
    const counts = await passCopies(state, copies, marks)
    if (counts === 'stale') return 'stale'
    if (!ids.some((id) => toSource(stageOf(state, id)))) return { ...NOTHING, counts: { ...counts, read: ids.length } }
    const view = await state.target.getMany(ids)
    if (!(await targetIsAtFence(state, view.fence))) return 'stale'
    const open = ids.flatMap((id, at) => {
      const copy = view.copies[at]
      return copy?.open && toSource(stageOf(state, id)) ? [{ id, copy }] : []
    })
    const back = await bringToSource(state, open)
    if (back === 'stale') return 'stale'
    const returned = counts.returned + back.returned
    return { ...NOTHING, counts: { ...counts, returned, clashes: counts.clashes + back.clashes, read: ids.length } }
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

async function sourceIsAtFence(state: PartitionState, fence: Fence): Promise<boolean> {
  learn(state, fence)
  if (fence.epoch === state.fence.epoch) return true
  await state.source.raise(state.fence)
  return false
}

/** Asked where the target gives the versions of some slots. */
async function targetIsAtFence(state: PartitionState, fence: Fence | null): Promise<boolean> {
  if (fence === null) throw lostTarget(state)
  learn(state, fence)
  if (fence.epoch === state.fence.epoch) return true
  await state.target.raise(state.fence)
  return false
}

async function passCopies(
  state: PartitionState,
  copies: readonly Keyed<Copy>[],
  marks: Marks | null = null,
): Promise<PassCounts | 'stale'> {
  const counts: PassCounts = { ...NOTHING.counts }
  if (copies.length === 0) return counts
  const numbers = state.fence.ranges.some(({ stage }) => !sourceNumbers(stage))
  if (numbers && (await state.target.control()).fence === null) throw lostTarget(state)
  const mark = marks === null ? undefined : markAfter(marks.last)
  const answers = await state.target.applyMany(state.fence, copies, mark)
  if (!Array.isArray(answers)) {
    if (answers.kind === 'set-back') throw setBack(state)
    learn(state, answers.fence)
    return 'stale'
  }
  if (marks !== null && mark !== undefined) marks.last = mark.to
  const later: Keyed<TargetCopy>[] = []
  answers.forEach((answer, at) => {
    if (answer.kind === 'ok') counts.copied++
    if (answer.kind === 'same') counts.same++
    const id = copies[at]?.id
    if (answer.kind === 'newer' && id !== undefined) later.push({ id, copy: answer.copy })
  })
  const back = later.filter(({ id }) => isStrict(stageOf(state, id)))
  counts.same += later.length - back.length
  const brought = await bringToSource(state, back)
  return brought === 'stale' ? 'stale' : { ...counts, ...brought }
}

async function bringToSource(
  state: PartitionState,
  copies: readonly Keyed<TargetCopy>[],
): Promise<Pick<PassCounts, 'returned' | 'clashes'> | 'stale'> {
  if (copies.length === 0) return { returned: 0, clashes: 0 }
  const kept = copies.map(({ id, copy }) => ({ id, copy: closed(copy) }))
  const answers = await state.source.applyMany(state.fence, kept)
  if (!Array.isArray(answers)) {
    learn(state, answers.fence)
    return 'stale'
  }
  if (answers.some(({ kind }) => kind === 'hold')) {
    throw new CutoverError('unavailable', `The source of ${state.collection.name} is on hold. Try again in a moment.`)
  }
  const agreed = kept.filter((_, at) => answers[at]?.kind !== 'clash')
  await state.target.settleMany(agreed.map(({ id, copy }) => ({ id, version: copy.version, op: copy.op })))
  return { returned: agreed.length, clashes: kept.length - agreed.length }
}

function setBack({ target }: PartitionState): CutoverError {
  return new CutoverError('unavailable', `The target ${target.label} was set back during the pass. Recover it first.`, {
    details: { reason: 'set-back' },
  })
}

/** The target has lost the mark of the batch before: no pass can go on from here. */
export function isSetBack(error: unknown): boolean {
  return error instanceof CutoverError && error.details.reason === 'set-back'
}

function lostTarget({ target }: PartitionState): CutoverError {
  return new CutoverError('unavailable', `The target ${target.label} has lost its data. Recover it first.`, {
    details: { reason: 'target-lost-data' },
  })
}

/** Where the whole partition stands at one stage, as it does but for rollouts, no slot need be looked for. */
function wantedAtTarget(state: PartitionState, items: readonly Keyed<Copy>[]): readonly Keyed<Copy>[] {
  const { ranges } = state.fence
  if (ranges.every(({ stage }) => toTarget(stage))) return items
  return items.filter(({ id }) => toTarget(stageOf(state, id)))
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
