import { CutoverError } from './error.js'
import { SLOTS } from './slot.js'
import { isStage, readsTarget, type Stage, stageIndex } from './stage.js'

/**
 * The fence of one partition of a collection. Both stores keep it beside the data it guards, and check it in the same
 * atomic access as every read and write: a caller that has not heard of a stage change is told by the data itself.
 */
export interface Fence {
  /** Grows by at least one at every change; compared before anything else. */
  epoch: number
  /** Slots in order: each range ends before `until`, the last at 10,000. */
  ranges: readonly SlotRange[]
  /** After the last day: the target holds plain application data only. See `engine/plain.ts`. */
  plain?: true
}

export interface SlotRange extends SlotState {
  /** First slot after the range. */
  until: number
}

export interface SlotState {
  stage: Stage
  /** Epoch at which numbering last changed hands or was restarted. */
  era: number
  /** Wall-clock milliseconds of that moment: until operations are forgotten, named ones are looked up on both sides. */
  eraAt: number
  /**
   * Wall-clock milliseconds at which the target last ceased to acknowledge alone; absent if it never did. Apart from
   * what was acknowledged so, the source remembers every named operation.
   */
  aloneUntil?: number
  /** Epoch at which the present strict period (shadow, live) was entered; 0 outside. */
  period: number
  /** The source holds every acknowledged copy of these slots. */
  fullSource: boolean
  /** The target holds every acknowledged copy of these slots. */
  fullTarget: boolean
}

/** The fence of a collection that nobody has touched yet: everything is off. */
export const INITIAL_FENCE: Fence = {
  epoch: 0,
  ranges: [{ until: SLOTS, stage: 'off', era: 0, eraAt: 0, period: 0, fullSource: true, fullTarget: false }],
}

export function slotState(fence: Fence, slot: number): SlotState {
  const range = fence.ranges.find(({ until }) => slot < until)
  if (range === undefined)
    throw new CutoverError('internal', `Slot ${slot} lies outside the fence of epoch ${fence.epoch}.`)
  return range
}

/** The state of a task's slot, which need not be worked out where all slots stand together. */
export function stateOf(fence: Fence, task: { readonly slot: number }): SlotState {
  const [only] = fence.ranges
  return fence.ranges.length === 1 && only !== undefined ? only : slotState(fence, task.slot)
}

/** The furthest stage that any slot has reached, and the share of slots that stand there. */
export function reach(fence: Fence): { stage: Stage; percent: number } {
  let stage: Stage = 'off'
  for (const range of fence.ranges) if (stageIndex(range.stage) > stageIndex(stage)) stage = range.stage
  return { stage, percent: slotsWhere(fence, (state) => state.stage === stage) / (SLOTS / 100) }
}

/** The share of slots whose reads come from the target, in percent. */
export function targetReadPercent(fence: Fence): number {
  return slotsWhere(fence, (state) => readsTarget(state.stage)) / (SLOTS / 100)
}

/** How many slots satisfy `test`. */
export function slotsWhere(fence: Fence, test: (state: SlotState) => boolean): number {
  let count = 0
  let from = 0
  for (const range of fence.ranges) {
    if (test(range)) count += range.until - from
    from = range.until
  }
  return count
}

/** Rebuilds a fence with each range passed through `change`, cut at `cuts` first, equal neighbours joined. */
export function mapRanges(
  fence: Fence,
  cuts: readonly number[],
  change: (state: SlotState, from: number, until: number) => SlotState,
): SlotRange[] {
  const out: SlotRange[] = []
  let from = 0
  for (const range of fence.ranges) {
    const inside = [...new Set(cuts)].filter((cut) => from < cut && cut < range.until).sort((a, b) => a - b)
    for (const until of [...inside, range.until]) {
      const next = { ...change(range, from, until), until }
      const last = out.at(-1)
      if (last !== undefined && sameState(last, next)) last.until = until
      else out.push(next)
      from = until
    }
  }
  return out
}

function sameState(a: SlotState, b: SlotState): boolean {
  return (
    a.stage === b.stage &&
    a.era === b.era &&
    a.eraAt === b.eraAt &&
    a.aloneUntil === b.aloneUntil &&
    a.period === b.period &&
    a.fullSource === b.fullSource &&
    a.fullTarget === b.fullTarget
  )
}

export function encodeFence(fence: Fence): string {
  return JSON.stringify(fence)
}

/** Reads a fence from a store. Anything that is not one is a damaged store, never "no fence". */
export function decodeFence(value: unknown, place: string): Fence {
  if (isFence(value)) return value
  throw new CutoverError(
    'corrupt-document',
    `The fence in ${place} is damaged. Restore it from a backup before going on.`,
  )
}

function isFence(value: unknown): value is Fence {
  if (typeof value !== 'object' || value === null) return false
  const { epoch, ranges, plain } = value as { epoch?: unknown; ranges?: unknown; plain?: unknown }
  if (!isCount(epoch) || !Array.isArray(ranges) || (plain !== undefined && plain !== true)) return false
  let from = 0
  for (const range of ranges as unknown[]) {
    if (!isRange(range) || range.until <= from) return false
    from = range.until
  }
  return from === SLOTS
}

function isRange(value: unknown): value is SlotRange {
  if (typeof value !== 'object' || value === null) return false
  const { until, stage, era, eraAt, aloneUntil, period, fullSource, fullTarget } = value as Partial<SlotRange>
  const times = [eraAt, aloneUntil ?? 0]
  return (
    isStage(stage) &&
    [until, era, period].every(isCount) &&
    times.every(Number.isFinite) &&
    typeof fullSource === 'boolean' &&
    typeof fullTarget === 'boolean'
  )
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
