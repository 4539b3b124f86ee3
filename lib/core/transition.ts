import { type Fence, mapRanges, reach, type SlotState, slotsWhere } from './fence.js'
import { slotsOfPercent } from './slot.js'
import { isStrict, STAGES, type Stage, sourceNumbers, stageIndex } from './stage.js'
import { EPOCH_MAX } from './version.js'

/**
 * Stage changes, decided from the fence alone. Every legal step stands in `STEPS` with the store that is raised first
 * and what must be true before; nothing else is a step. Going up raises the source's fence first, going down the
 * target's: a read served by the store that is raised last can then never miss a write acknowledged under the new
 * stage. Nobody waits and nothing is drained: an operation that meets a higher fence starts over under it.
 */
export const STEPS: readonly Step[] = [
  { from: 'off', to: 'dualwrite', first: 'source', needs: 'nothing' },
  { from: 'dualwrite', to: 'shadow', first: 'source', needs: 'nothing' },
  { from: 'shadow', to: 'live', first: 'source', needs: 'full-target' },
  // Always so, but for a target that lost data and has not been filled again.
  { from: 'live', to: 'rampdown', first: 'source', needs: 'full-target' },
  { from: 'shadow', to: 'rampdown', first: 'source', needs: 'full-target' },
  { from: 'rampdown', to: 'complete', first: 'source', needs: 'nothing' },
  { from: 'complete', to: 'rampdown', first: 'target', needs: 'nothing' },
  { from: 'rampdown', to: 'live', first: 'target', needs: 'nothing' },
  { from: 'live', to: 'shadow', first: 'target', needs: 'full-source' },
  { from: 'shadow', to: 'dualwrite', first: 'target', needs: 'full-source' },
  { from: 'live', to: 'dualwrite', first: 'target', needs: 'full-source' },
  { from: 'dualwrite', to: 'off', first: 'target', needs: 'nothing' },
]

export interface Step {
  from: Stage
  to: Stage
  first: 'source' | 'target'
  /** `full-target`: a complete pass of this strict period has shown that the target lacks nothing. */
  needs: 'nothing' | 'full-target' | 'full-source'
}

export interface Move {
  direction: 'up' | 'down'
  /** The stage to go to; by default the next one in the direction, or the rest of a rollout that has begun. */
  to?: Stage | undefined
  /** Share of slots that stand at the higher stage afterwards, in percent. By default 100 going up, 0 going down. */
  rolloutPercent?: number | undefined
}

export type Refusal =
  | 'already-there'
  | 'no-such-step' // some affected slot has no legal step to that stage: go one stage at a time
  | 'target-not-full' // a back-fill pass must complete first
  | 'source-not-full' // a back-fill pass must complete first
  | 'collection-finished' // after clean-up there is no way back
  | 'epochs-exhausted'

export type Decision =
  | { kind: 'move'; from: Stage; to: Stage; first: 'source' | 'target'; fence: Fence }
  | { kind: 'refused'; reason: Refusal; to: Stage }

/** Decides a move at wall-clock time `now` (milliseconds). The fence answered is one epoch ahead of the given one. */
export function decideMove(fence: Fence, move: Move, now: number, epoch = fence.epoch + 1): Decision {
  const to = move.to ?? defaultGoal(fence, move)
  if (fence.plain) return { kind: 'refused', reason: 'collection-finished', to }
  if (epoch > EPOCH_MAX) return { kind: 'refused', reason: 'epochs-exhausted', to }
  const cut = slotsOfPercent(move.rolloutPercent ?? (move.direction === 'up' ? 100 : 0))
  const affected = (state: SlotState, from: number): boolean =>
    move.direction === 'up'
      ? from < cut && stageIndex(state.stage) < stageIndex(to)
      : from >= cut && stageIndex(state.stage) > stageIndex(to)
  let step: Step | undefined
  let refusal: Refusal | undefined
  const ranges = mapRanges(fence, [cut], (state, from) => {
    if (!affected(state, from)) return state
    const legal = STEPS.find((candidate) => candidate.from === state.stage && candidate.to === to)
    if (legal === undefined) refusal = 'no-such-step'
    else {
      step = legal
      refusal ??= missing(legal, state)
    }
    return enter(state, to, epoch, now)
  })
  if (refusal !== undefined) return { kind: 'refused', reason: refusal, to }
  if (step === undefined) return { kind: 'refused', reason: 'already-there', to }
  return { kind: 'move', from: reach(fence).stage, to, first: step.first, fence: { epoch, ranges } }
}

/** The state of a slot after it enters `to` at `epoch`: who numbers, which period, what is known to be complete. */
export function enter(state: SlotState, to: Stage, epoch: number, now: number): SlotState {
  const newEra = sourceNumbers(state.stage) !== sourceNumbers(to)
  const stays = isStrict(state.stage) && isStrict(to)
  return {
    ...alone(state, to, now),
    stage: to,
    era: newEra ? epoch : state.era,
    eraAt: newEra ? now : state.eraAt,
    period: stays ? state.period : isStrict(to) ? epoch : 0,
    fullSource: stays ? state.fullSource : sourceNumbers(isStrict(to) ? state.stage : to),
    fullTarget: stays ? state.fullTarget : !sourceNumbers(isStrict(to) ? state.stage : to),
  }
}

/** Leaving rampdown for live, the target has acknowledged alone until now. */
function alone(state: SlotState, to: Stage, now: number): Pick<SlotState, 'aloneUntil'> {
  const ends = isStrict(to) && !isStrict(state.stage) && !sourceNumbers(state.stage)
  const until = ends ? now : state.aloneUntil
  return until === undefined ? {} : { aloneUntil: until }
}

function missing(step: Step, state: SlotState): Refusal | undefined {
  if (step.needs === 'full-target' && !state.fullTarget) return 'target-not-full'
  if (step.needs === 'full-source' && !state.fullSource) return 'source-not-full'
  return undefined
}

function defaultGoal(fence: Fence, move: Move): Stage {
  const { stage, percent } = reach(fence)
  if (move.direction === 'up') {
    if (percent < 100) return stage
    return STAGES[stageIndex(stage) + 1] ?? stage
  }
  if (percent < 100) return lowest(fence)
  return STAGES[stageIndex(stage) - 1] ?? stage
}

function lowest(fence: Fence): Stage {
  return STAGES.find((stage) => slotsWhere(fence, (state) => state.stage === stage) > 0) ?? 'off'
}

/** Slots `[from, until)` in one strict period: what a pass covers, and what it may declare full when it is complete. */
export interface PeriodRange {
  from: number
  until: number
  period: number
}

export function strictRanges(fence: Fence): PeriodRange[] {
  const out: PeriodRange[] = []
  let from = 0
  for (const { until, stage, period } of fence.ranges) {
    if (isStrict(stage)) out.push({ from, until, period })
    from = until
  }
  return out
}

/** Sets both full flags, at the same epoch, for the slots that are still in the strict period in which a pass began. */
export function withFullFlags(fence: Fence, covered: readonly PeriodRange[]): Fence {
  const edges = covered.flatMap(({ from, until }) => [from, until])
  const ranges = mapRanges(fence, edges, (state, from, until) => {
    const inside = covered.some((range) => range.from <= from && until <= range.until && range.period === state.period)
    return inside && isStrict(state.stage) ? { ...state, fullSource: true, fullTarget: true } : state
  })
  return { ...fence, ranges }
}

/**
 * One store cannot be reached: its strict slots go to the tolerant stage of the survivor, as far as the survivor is
 * known to hold everything. Other slots stay as they are.
 */
export function decideDegrade(fence: Fence, lost: 'source' | 'target', now: number, epoch: number): Decision {
  const to: Stage = lost === 'target' ? 'dualwrite' : 'rampdown'
  let affected = 0
  let unsafe = 0
  const ranges = mapRanges(fence, [], (state) => {
    if (!isStrict(state.stage)) return state
    if (!(lost === 'target' ? state.fullSource : state.fullTarget)) {
      unsafe++
      return state
    }
    affected++
    return enter(state, to, epoch, now)
  })
  if (affected === 0) {
    const reason: Refusal = unsafe === 0 ? 'already-there' : lost === 'target' ? 'source-not-full' : 'target-not-full'
    return { kind: 'refused', reason, to }
  }
  return {
    kind: 'move',
    from: reach(fence).stage,
    to,
    first: lost === 'target' ? 'source' : 'target',
    fence: { epoch, ranges },
  }
}

/**
 * The target has lost acknowledged writes (a failover to a stale replica, a restart without its log). Strict slots
 * start a new era and period in shadow with only the source known full: the source has every acknowledged write. Slots
 * that came back from rampdown and were not passed yet stay live, with neither store known full: what was acknowledged
 * in rampdown is at the target alone, and the pass joins the two. In rampdown and complete what is lost is lost; a new
 * era keeps late duplicates and reused numbers out.
 */
export function decideTargetRecovery(fence: Fence, now: number, epoch: number): Decision {
  const ranges = mapRanges(fence, [], (state): SlotState => {
    if (sourceNumbers(state.stage)) return state
    const renumbered = { ...state, era: epoch, eraAt: now }
    if (!isStrict(state.stage)) return renumbered
    const stage = state.fullSource ? 'shadow' : state.stage
    return { ...renumbered, stage, period: epoch, fullTarget: false }
  })
  const { stage } = reach(fence)
  if (stageIndex(stage) < stageIndex('shadow')) return { kind: 'refused', reason: 'already-there', to: stage }
  const recovered: Fence = { epoch, ranges }
  return { kind: 'move', from: stage, to: reach(recovered).stage, first: 'source', fence: recovered }
}
