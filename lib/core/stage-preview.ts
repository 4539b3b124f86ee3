import { IN_COMPLETE, IN_RAMPDOWN } from './estimate/no-way-back.js'
import type { Fence } from './fence.js'
import type { RollbackReadiness } from './readiness.js'
import { type Sight, waysOf, waysTogether } from './serving.js'
import { type Serving, servingOf } from './serving-words.js'
import { isStrict, readsTarget, type Stage, stageIndex } from './stage.js'

/** What a stage change would make of a collection: pure consequences of the fences before and after. */
export interface Consequences {
  changes: {
    reads: { before: Serving['reads']; after: Serving['reads'] }
    writes: { before: Serving['writes']; after: Serving['writes'] }
  }
  /** What it does cannot be taken back at once. */
  dangerous: boolean
  warnings: string[]
}

export interface Change {
  before: readonly Fence[]
  after: readonly Fence[]
  direction: 'up' | 'down'
  /** The furthest stage that it comes to. */
  to: Stage
  rollbackAfter: RollbackReadiness
  /** A store that is lost is left behind; otherwise operations wait for it. */
  leavesBehind: boolean
}

/**
 * Going down is never called dangerous: it gives nothing up that was acknowledged, and whoever has to go back in a hurry
 * must not be held up. What it costs to come up again is told as a warning.
 */
export function consequencesOf(change: Change): Consequences {
  const { before, after, direction, rollbackAfter } = change
  const [then, now] = [servingIn(before), servingIn(after)]
  const givesUp = direction === 'up' && after.some(({ ranges }) => ranges.some(({ stage }) => givenUp(stage)))
  return {
    changes: {
      reads: { before: then.reads, after: now.reads },
      writes: { before: then.writes, after: now.writes },
    },
    dangerous: givesUp || (direction === 'up' && rollbackAfter.kind !== 'instant'),
    warnings: warningsOf(change),
  }
}

function givenUp(stage: Stage): boolean {
  return stageIndex(stage) >= stageIndex('rampdown')
}

/** With stores that answer: a stage change needs both of them. */
function servingIn(fences: readonly Fence[]): Serving {
  const ways = waysTogether(fences.map((fence) => waysOf(fence, SOUND)))
  return servingOf(ways, { sourceReachable: true, targetReachable: true, hold: false, settling: false })
}

const SOUND: Sight = {
  source: { reachable: true, hold: false, fenced: true },
  target: { reachable: true, hold: false, fenced: true },
  leased: true,
}

function warningsOf({ before, after, direction, to, rollbackAfter, leavesBehind }: Change): string[] {
  const warnings: string[] = []
  if (direction === 'up' && to === 'rampdown') warnings.push(IN_RAMPDOWN)
  if (direction === 'up' && to === 'complete') warnings.push(IN_COMPLETE)
  if (rollbackAfter.kind === 'after-pass')
    warnings.push(`Reads can come from the source again only after a complete pass (${rollbackAfter.inWords}).`)
  const becomesStrict = !some(before, isStrict) && some(after, isStrict)
  if (becomesStrict) warnings.push(leavesBehind ? STRICT_LEFT_BEHIND : STRICT)
  if (direction === 'down' && lostFull(before, after)) warnings.push(PASS_AGAIN)
  if (direction === 'down' && some(before, readsTarget) && some(after, readsTarget))
    warnings.push('Some reads still come from the target afterwards.')
  return warnings
}

const STRICT_LEFT_BEHIND =
  'From here on a write needs both stores: while one of them is down writes fail (503) until the watch has left it behind.'
const STRICT =
  'From here on a write needs both stores: while one of them is down writes fail (503), as leaving a store behind is switched off.'
const PASS_AGAIN = 'The way up to live takes a complete pass again.'

function some(fences: readonly Fence[], test: (stage: Stage) => boolean): boolean {
  return fences.some(({ ranges }) => ranges.some(({ stage }) => test(stage)))
}

/** A strict period in which the target was known to be full ends. */
function lostFull(before: readonly Fence[], after: readonly Fence[]): boolean {
  const fullSlots = (fences: readonly Fence[]): number => {
    let slots = 0
    for (const { ranges } of fences) {
      let from = 0
      for (const { until, fullTarget } of ranges) {
        if (fullTarget) slots += until - from
        from = until
      }
    }
    return slots
  }
  return fullSlots(after) < fullSlots(before)
}
