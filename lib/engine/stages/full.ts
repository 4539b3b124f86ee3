import { type PeriodRange, strictRanges, withFullFlags } from '../../core/transition.js'
import type { Source, Target } from '../../ports/store.js'

/**
 * After a complete pass: both stores hold everything that was acknowledged in these slots. Set in place, at the
 * source first, only for slots still in the strict period in which the pass began. Answers how many those are.
 */
export async function declareFull(source: Source, target: Target, covered: readonly PeriodRange[]): Promise<number> {
  const { fence } = await source.updateControl((control) => ({
    ...control,
    fence: withFullFlags(control.fence, covered),
  }))
  // A hold is not ended before its time; nothing is lost when the target does not hear of the flags. Under one epoch
  // a hold only ends, so what is read here cannot begin to be true again.
  if (!(await target.control()).hold) await target.amend(fence, { hold: false })
  let slots = 0
  for (const now of strictRanges(fence)) {
    for (const then of covered) {
      if (then.period !== now.period) continue
      slots += Math.max(0, Math.min(now.until, then.until) - Math.max(now.from, then.from))
    }
  }
  return slots
}
