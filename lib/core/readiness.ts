import { type Fence, slotsWhere } from './fence.js'

/**
 * How far away the way back is: until reads come from the source again and nothing that was acknowledged is missing.
 */
export type RollbackReadiness =
  /** The operator's call is all it takes. `nothing-to-undo`: reads come from the source already. */
  | { kind: 'instant'; because: 'nothing-to-undo' | 'source-is-full' }
  /**
   * First these records must be brought to the source; `null`: the target does not answer, so nobody knows how many.
   * `seconds` is an estimate from the last back-fill, if there is one.
   */
  | { kind: 'after-pass'; records: number | null; seconds: number | null }
  | { kind: 'impossible'; because: 'cleaned-up' }

/**
 * `open` is how many copies the source may lack, if that is known; `perSecond` the rate of the last back-fill. A partition in which some
 * slot reads from the target and the source is not known to be full needs a pass.
 */
export function rollbackReadiness(
  fences: readonly Fence[],
  open: number | null,
  perSecond: number | null,
): RollbackReadiness {
  if (fences.some(({ plain }) => plain)) return { kind: 'impossible', because: 'cleaned-up' }
  const fromTarget = (fence: Fence): number =>
    slotsWhere(fence, ({ stage }) => stage === 'live' || stage === 'rampdown' || stage === 'complete')
  if (fences.every((fence) => fromTarget(fence) === 0)) return { kind: 'instant', because: 'nothing-to-undo' }
  const lacking = (fence: Fence): number =>
    slotsWhere(
      fence,
      ({ stage, fullSource }) => (stage === 'live' && !fullSource) || stage === 'rampdown' || stage === 'complete',
    )
  if (fences.every((fence) => lacking(fence) === 0)) return { kind: 'instant', because: 'source-is-full' }
  return {
    kind: 'after-pass',
    records: open,
    seconds: open === null || perSecond === null || perSecond === 0 ? null : Math.ceil(open / perSecond),
  }
}
