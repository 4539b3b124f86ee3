import type { Verdict } from '../../core/compare/verdict.js'
import { CutoverError } from '../../core/error.js'
import { slotState } from '../../core/fence.js'
import type { Clock } from '../../ports/clock.js'
import { type PartitionState, slotFor } from '../data-plane/partition.js'
import { examine } from './examine.js'
import { lookAt, type StopWatch } from './sight.js'

/**
 * Compares one record after it was read, off the critical path: one read of each store, and a few more only if they
 * differ. Changes nothing in either store, throws nothing that a store may be the cause of, and shows where copies
 * differ but no value: the outcome goes to metrics and logs. While a store hangs, so do comparisons: beyond what may
 * wait for it, none is begun. `took` is told how long each of the two took to answer the first look.
 *
 * Before a complete pass has filled the target it lacks records by right, and nothing that is counted here may roll a
 * migration back for it: what differs then is inconclusive. A validation that somebody asks for does tell of it.
 */
export async function compareSampled(
  state: PartitionState,
  id: string,
  clock: Clock,
  took: StopWatch['took'] = () => {},
): Promise<Verdict> {
  const waiting = underWay.get(state) ?? 0
  if (waiting >= COMPARISONS_MAX) return UNAVAILABLE
  underWay.set(state, waiting + 1)
  try {
    const examining = { clock, diff: { hideValues: true }, help: false }
    const [examined] = await examine(examining, await lookAt([{ id, state }], { clock, took }))
    const verdict = examined?.verdict ?? UNAVAILABLE
    const { fullTarget } = slotState(state.fence, slotFor(state.collection, id))
    return verdict.kind === 'mismatch' && !fullTarget ? NOT_FULL : verdict
  } catch (error) {
    if (!(error instanceof CutoverError) || error.code === 'internal') throw error
    return error.code === 'conflict' ? { kind: 'inconclusive', reason: 'not-in-this-stage' } : UNAVAILABLE
  } finally {
    underWay.set(state, (underWay.get(state) ?? 1) - 1)
  }
}

/** Comparisons of one partition at a time; more would only load stores that do not keep up. */
export const COMPARISONS_MAX = 100

const underWay = new WeakMap<PartitionState, number>()

const UNAVAILABLE: Verdict = { kind: 'inconclusive', reason: 'store-unavailable' }
const NOT_FULL: Verdict = { kind: 'inconclusive', reason: 'target-not-full' }
