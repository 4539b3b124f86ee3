import type { Look } from '../../core/compare/verdict.js'
import type { Copy, TargetCopy } from '../../core/copy.js'
import { CutoverError } from '../../core/error.js'
import { slotState } from '../../core/fence.js'
import type { Collection } from '../collection.js'
import { learn, type PartitionState, slotFor } from '../data-plane/partition.js'

/** A record and what is known of its partition. */
export interface Located {
  id: string
  state: PartitionState
}

/** One record with what both stores showed of it at the latest look. */
export interface Sight extends Located {
  look: Look
}

/** What the target was found to hold under an id; damaged is neither a copy nor nothing. */
export type TargetFound = TargetCopy | 'damaged' | null

/**
 * Reads records from both stores, in the order given: first the source, then the target, so that a write which
 * reaches the target before the source is never seen from behind.
 */
export async function lookAt(located: readonly Located[], watch?: StopWatch): Promise<Sight[]> {
  const began = watch?.clock.monotonic() ?? 0
  const sources = await Promise.all(located.map(({ id, state }) => readSource(state, id)))
  const between = watch?.clock.monotonic() ?? 0
  const targets = await readTargets(located)
  watch?.took({ source: between - began, target: watch.clock.monotonic() - between })
  for (const { state } of located) if (isFinished([state])) throw finished(state.collection)
  return located.map(({ id, state }, at) => sightOf(state, id, sources[at] ?? null, targets.get(id) ?? null))
}

/** Is told how long each store took, in milliseconds, when both have answered. */
export interface StopWatch {
  clock: { monotonic(): number }
  took: (ms: { source: number; target: number }) => void
}

/** Judged by the stage that the latest fence seen gives the record. */
export function sightOf(state: PartitionState, id: string, source: Copy | null, target: TargetFound): Sight {
  const { stage } = slotState(state.fence, slotFor(state.collection, id))
  if (target === 'damaged') return { id, state, look: { stage, source, target: null, targetDamaged: true } }
  return { id, state, look: { stage, source, target } }
}

/** Copies at the target, read partition by partition; ids it does not have are not in the map. */
export async function readTargets(located: readonly Located[]): Promise<Map<string, TargetFound>> {
  const found = new Map<string, TargetFound>()
  await Promise.all(
    [...new Set(located.map(({ state }) => state))].map(async (state) => {
      const ids = located.filter((one) => one.state === state).map(({ id }) => id)
      const copies = await readMany(state, ids)
      ids.forEach((id, at) => {
        const copy = copies[at] ?? null
        if (copy !== null) found.set(id, copy)
      })
    }),
  )
  return found
}

export function isDamage(error: unknown): boolean {
  return error instanceof CutoverError && error.code === 'corrupt-document'
}

/** After the last day there is nothing to compare: the target's data has no versions any more. */
export function isFinished(states: readonly PartitionState[]): boolean {
  return states.some(({ fence }) => fence.plain)
}

export function finished({ name }: Pick<Collection, 'name'>): CutoverError {
  return new CutoverError(
    'conflict',
    `The migration of ${name} is over and cleaned up: there is nothing to compare any more.`,
    { details: { reason: 'collection-finished' } },
  )
}

async function readSource(state: PartitionState, id: string): Promise<Copy | null> {
  const view = await state.source.get(id)
  learn(state, view.fence)
  return view.copy
}

/** One damaged record must not hide the others: where there is one, they are read one by one. */
async function readMany(state: PartitionState, ids: readonly string[]): Promise<TargetFound[]> {
  try {
    const { fence, copies } = await state.target.getMany(ids)
    learn(state, fence)
    return copies
  } catch (error) {
    if (!isDamage(error)) throw error
  }
  learn(state, (await state.target.control()).fence)
  const found: TargetFound[] = []
  for (const id of ids) {
    try {
      found.push((await state.target.get(id)).copy)
    } catch (error) {
      if (!isDamage(error)) throw error
      found.push('damaged')
    }
  }
  return found
}
