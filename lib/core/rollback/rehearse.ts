import type { Fence } from '../fence.js'
import { reach } from '../fence.js'
import { type PassFacts, secondsOfPass, sourceIsFull, spanOf } from '../readiness.js'
import { STAGES, type Stage, stageIndex } from '../stage.js'
import { decideMove, type Refusal, strictRanges, withFullFlags } from '../transition.js'
import type { ProcedureStep } from './procedure.js'

/** What a rehearsal knows of a collection; each step answers what it would leave. */
export interface Rehearsed {
  fences: readonly Fence[]
  facts: PassFacts
  /** A store that does not answer now. */
  away: 'source' | 'target' | null
  /** A target that does not answer is left behind. */
  leavesBehind: boolean
}

export interface RehearsedStep {
  status: 'done' | 'skipped' | 'failed'
  note: string
  /** Estimated; `null`: it cannot be told. */
  seconds: number | null
  left: Rehearsed
}

/** What a step would do to a collection, by the very rules by which it is done. Changes nothing. */
export function rehearseStep(step: ProcedureStep, at: Rehearsed, now: number): RehearsedStep {
  switch (step.kind) {
    case 'move':
      return rehearseMove(step.to, at, now)
    case 'pass':
      return rehearsePass(step.when, at)
    case 'validate': {
      const seconds = secondsOfPass({ ...at.facts, open: 0 })
      return would('done', `Both stores would be compared, ${howLong(seconds)}.`, at, seconds)
    }
    case 'wait':
      return would('done', `It would wait for ${step.seconds} s.`, at, step.seconds)
    case 'checkpoint':
      return would('done', `It would wait until a checkpoint passes, at most ${step.seconds} s.`, at, step.seconds)
    case 'rollout':
      return would('failed', 'A collection has no rollout of a flag.', at, null)
  }
}

function rehearseMove(to: Stage, at: Rehearsed, now: number): RehearsedStep {
  const from = furthest(at.fences)
  if (at.away === 'source') return waits(`The source does not answer: it would wait at ${from}.`, at)
  const { fences, refusal } = down(at.fences, to, now)
  const reached = furthest(fences)
  if (refusal === 'collection-finished')
    return would('failed', 'Refused, collection-finished: it is cleaned up. Restore a back-up.', at, null)
  if (refusal === 'source-not-full')
    return would(
      'failed',
      `From ${from} to ${reached}, then refused, source-not-full: a pass has to come first.`,
      at,
      null,
    )
  if (refusal !== null && refusal !== 'already-there')
    return would('failed', `Refused at ${reached}, ${refusal}.`, at, null)
  if (stageIndex(from) <= stageIndex(to)) return would('skipped', `Nothing stands beyond ${to}.`, at, 0)
  if (at.away === 'target') {
    const stays = !at.leavesBehind || !sourceIsFull(at.fences)
    if (stays) return waits(`The target does not answer: it would wait at ${from}.`, at)
    return would('done', 'The target does not answer and would be left behind, in dualwrite.', { ...at, fences }, 0)
  }
  return would('done', `From ${from} to ${reached}, at once.`, { ...at, fences }, 0)
}

/** As `walkStages` goes down: one stage at a time, but for the jump from live to dualwrite. */
function down(start: readonly Fence[], to: Stage, now: number): { fences: readonly Fence[]; refusal: Refusal | null } {
  let fences = start
  for (let step = 0; step < STAGES.length; step++) {
    const stage = furthest(fences)
    const jumps = stage === 'live' && to === 'dualwrite'
    const next = stageIndex(to) < stageIndex(stage) - 1 && !jumps ? STAGES[stageIndex(stage) - 1] : to
    const decisions = fences.map((fence) => decideMove(fence, { direction: 'down', to: next }, now))
    const refusals = decisions.flatMap((decision) => (decision.kind === 'refused' ? [decision.reason] : []))
    const refusal = refusals.find((reason) => reason !== 'already-there')
    if (refusal !== undefined) return { fences, refusal }
    fences = fences.map((fence, number) => {
      const decision = decisions[number]
      return decision?.kind === 'move' ? decision.fence : fence
    })
    if (next === to) return { fences, refusal: null }
  }
  return { fences, refusal: null }
}

function rehearsePass(when: 'needed' | 'always', at: Rehearsed): RehearsedStep {
  if (at.fences.some(({ plain }) => plain))
    return would('failed', 'Refused, collection-finished: it is cleaned up. Restore a back-up.', at, null)
  if (when === 'needed' && sourceIsFull(at.fences))
    return would('skipped', 'The source is known to have everything.', at, 0)
  if (at.away !== null) return waits(`The ${at.away} does not answer: the pass would wait for it.`, at)
  const seconds = secondsOfPass(at.facts)
  const { open } = at.facts
  const much =
    open === null ? 'what the source lacks' : `${open.toLocaleString('en-US')} records that the source may lack`
  const fences = at.fences.map((fence) => withFullFlags(fence, strictRanges(fence)))
  return would('done', `A back-fill would bring ${much}, ${howLong(seconds)}.`, { ...at, fences }, seconds)
}

function furthest(fences: readonly Fence[]): Stage {
  return fences.map((fence) => reach(fence).stage).reduce((a, b) => (stageIndex(b) > stageIndex(a) ? b : a), 'off')
}

function howLong(seconds: number | null): string {
  return seconds === null ? 'and nobody knows how long that takes' : `in about ${spanOf(seconds)}`
}

function waits(note: string, left: Rehearsed): RehearsedStep {
  return would('failed', note, left, null)
}

function would(status: RehearsedStep['status'], note: string, left: Rehearsed, seconds: number | null): RehearsedStep {
  return { status, note, seconds, left }
}
