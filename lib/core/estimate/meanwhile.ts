import type { PlanStep } from '../plan/plan.js'
import { ledgerRead, runBytes } from './calls.js'
import type { PlanSetting } from './setting.js'
import { type Standings, UNTOUCHED } from './step.js'
import { isInUse } from './traffic.js'
import { NOTHING_USED, sum, times, type Usage } from './usage.js'
import {
  actingUsage,
  evidenceUsage,
  HOURLY,
  MISSED_ENTERED,
  planBytes,
  RULES_WEIGHED,
  TRAIL_FOLLOWED,
  tickUsage,
  watchUsage,
  weighingUsage,
} from './watching.js'

/** What the autopilot uses in one step: to act, and at every tick to gather evidence and to weigh it. */
export function autopilotUsage(
  step: PlanStep,
  number: number,
  { collections, tickSeconds }: PlanSetting,
  standings: Standings,
  { ticks, days, work }: { ticks: number; days: number; work: number },
): Usage {
  const { kind } = step.action
  const plan = planBytes(number, collections.length)
  const evidence = collections.map(({ sizes }) => {
    const { backfills, validations } = standings.get(sizes.collection) ?? UNTOUCHED
    return evidenceUsage(sizes.copies.length, { backfill: backfills > 0, validation: validations > 0, days })
  })
  const partitions = partitionsOf(collections)
  // A run is asked for at the tick that starts it, and at each until one finds it ended.
  const asked = kind === 'run' || kind === 'clean-up' ? 1 + Math.max(1, Math.ceil(work / tickSeconds)) : 0
  return sum(
    times(kind === 'none' ? 0 : collections.length, actingUsage(plan)),
    times(kind === 'move' ? collections.length : 0, MISSED_ENTERED),
    times(ticks, sum(weighingUsage(plan), ...evidence)),
    times(asked * collections.length, ledgerRead(runBytes(partitions))),
  )
}

/** What the ticks of a step use to look after stores and runs. The first of them comes before the step's action. */
export function watchingUsage(
  setting: PlanSetting,
  { number, ticks, earlier, standings }: { number: number; ticks: number; earlier: Standings; standings: Standings },
): Usage {
  const first = ticks > 0 ? watchOfAll(setting, number, earlier) : NOTHING_USED
  // What the step before has decided, and what this one has begun.
  const trail = Math.min(ticks, setting.steps[number]?.action.kind === 'none' ? 1 : 2)
  const hours = Math.min(ticks, (ticks * setting.tickSeconds) / SECONDS_OF_AN_HOUR)
  return sum(
    first,
    times(Math.max(0, ticks - 1), watchOfAll(setting, number, standings)),
    times(trail, TRAIL_FOLLOWED),
    times(hours, HOURLY),
  )
}

const SECONDS_OF_AN_HOUR = 3_600

function watchOfAll({ collections, bystanders }: PlanSetting, number: number, standings: Standings): Usage {
  const known = [...standings.values()]
  const runs = known.reduce((count, { backfills, validations }) => count + backfills + validations, 0)
  const looks = collections.map(({ sizes }) =>
    watchUsage(sizes.copies.length, (standings.get(sizes.collection) ?? UNTOUCHED).stage),
  )
  const others = bystanders.map((partitions) => watchUsage(partitions, 'off'))
  const weighed = collections.filter(({ traffic }) => isInUse(traffic)).length
  const tick = tickUsage({
    runs,
    partitions: partitionsOf(collections),
    plans: planBytes(number, collections.length),
    collections: collections.length + bystanders.length,
  })
  return sum(tick, times(weighed, RULES_WEIGHED), ...looks, ...others)
}

function partitionsOf(collections: PlanSetting['collections']): number {
  return collections[0]?.sizes.copies.length ?? 1
}
