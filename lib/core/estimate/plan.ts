import type { PlanStep } from '../plan/plan.js'
import { SCRIPT_FIRST_USE } from './calls.js'
import { autopilotUsage, watchingUsage } from './meanwhile.js'
import { sentAgain } from './runs.js'
import type { PlanSetting } from './setting.js'
import { copiesOf } from './sizes.js'
import { estimateKept } from './stages.js'
import { type ActionEstimate, actionEstimate, after, type Standing, type Standings, UNTOUCHED } from './step.js'
import { dayOfTraffic, isInUse } from './traffic.js'
import { NOTHING_USED, sum, times, type Usage, used } from './usage.js'
import { planStartUsage } from './watching.js'

export interface StepEstimate {
  step: string
  /** Actions on the collections, each with what it is. */
  actions: (ActionEstimate & { what: string; collection: string })[]
  /** Ticks of the cron until the step is left. */
  ticks: number
  /** What the autopilot uses to act, to look and to weigh, and the watch to look after the stores. */
  autopilot: Usage
  watch: Usage
  /** What the callers' traffic uses in Redis and documents while the step lasts. */
  traffic: Usage
  seconds: number
}

/**
 * What a plan uses, step by step, if every gate is passed as soon as its soak time is over, nothing fails and nobody
 * else starts anything. The arithmetic is that of the engine's own code paths, call by call; what it does not know is
 * the traffic, which is therefore an input, and how fast the stores answer, which is an input too.
 */
export function estimatePlan(setting: PlanSetting): StepEstimate[] {
  const standings = new Map<string, Standing>()
  for (const { sizes } of setting.collections) standings.set(sizes.collection, UNTOUCHED)
  return setting.steps.map((step, number) => estimateStep(step, number, setting, standings))
}

/** Once in the life of the database, and once for the plan itself. */
export function onceUsage({ driver, collections }: Pick<PlanSetting, 'driver' | 'collections'>): Usage {
  const [first] = collections
  const kept = estimateKept(collections.length, first?.sizes.copies.length ?? 1)
  const begun = driver === 'autopilot' ? sum(planStartUsage(), kept) : NOTHING_USED
  const again = first === undefined ? NOTHING_USED : used({ bytesIn: sentAgain(first.sizes) })
  // Partitions side by side all find that the text is not there yet.
  const beside = Math.min(SIDE_BY_SIDE, first?.sizes.copies.length ?? 1)
  const scripts = SCRIPTS + beside * SCRIPTS_OF_PARTITIONS + (driver === 'autopilot' ? SCRIPTS_OF_TICKS : 0)
  return sum(times(scripts, SCRIPT_FIRST_USE), again, begun)
}

/**
 * Scripts that a migration runs by itself: three of the ledger, one of the metrics and the comparison; raise, apply, beat
 * and amend. Ticks run three more of the ledger: the look, entries, and the head.
 */
const SCRIPTS = 5
const SCRIPTS_OF_PARTITIONS = 4
const SCRIPTS_OF_TICKS = 3
const SIDE_BY_SIDE = 4

function estimateStep(
  step: PlanStep,
  number: number,
  setting: PlanSetting,
  standings: Map<string, Standing>,
): StepEstimate {
  const earlier: Standings = new Map(standings)
  const byAutopilot = setting.driver === 'autopilot'
  const yielding = setting.throttle && setting.collections.some(({ traffic }) => isInUse(traffic))
  const actions = setting.collections.map(({ sizes, recordsPerSecond }) => {
    const standing = standings.get(sizes.collection) ?? UNTOUCHED
    const { quietMs } = setting
    const collections = setting.collections.length + setting.bystanders.length
    const how = { recordsPerSecond, byAutopilot, yielding, collections, quietMs }
    const action = actionEstimate(step, sizes, standing, how)
    standings.set(sizes.collection, after(step, standing))
    return { ...action, what: nameOf(step), collection: sizes.collection }
  })
  const work = Math.max(0, ...actions.map(({ seconds }) => seconds))
  const soak = step.soakMs / 1000 / setting.timeScale
  const ticks = byAutopilot ? ticksOf(step, soak, work, setting.tickSeconds) : 0
  const seconds = byAutopilot ? Math.max(soak, ticks * setting.tickSeconds) : work
  const days = seconds / SECONDS_OF_A_DAY
  return {
    step: step.name,
    actions,
    ticks,
    seconds,
    autopilot: byAutopilot ? autopilotUsage(step, number, setting, standings, { ticks, days, work }) : NOTHING_USED,
    watch: byAutopilot ? watchingUsage(setting, { number, ticks, earlier, standings }) : NOTHING_USED,
    traffic: byAutopilot ? trafficUsage(setting, standings, days) : NOTHING_USED,
  }
}

/**
 * A tick begins the action; a soak counts from then on for a move, and from the beginning of the step otherwise. The
 * first tick that finds it over, and the work done, leaves the step.
 */
function ticksOf({ action }: PlanStep, soak: number, work: number, tickSeconds: number): number {
  const soaked = Math.ceil(soak / tickSeconds)
  if (action.kind === 'move') return 1 + soaked
  if (action.kind === 'run' || action.kind === 'clean-up') return Math.max(soaked, 1 + Math.ceil(work / tickSeconds))
  return Math.max(1, soaked)
}

function trafficUsage({ collections }: PlanSetting, standings: Standings, days: number): Usage {
  return sum(
    ...collections.map(({ sizes, traffic }) => {
      const { stage, share, before } = standings.get(sizes.collection) ?? UNTOUCHED
      const valueBytes = sizes.wireBytes / Math.max(1, copiesOf(sizes))
      const day = (at: typeof stage): Usage => dayOfTraffic(at, traffic, sizes.copies.length, valueBytes)
      return sum(times(days * share, day(stage)), times(days * (1 - share), day(before)))
    }),
  )
}

function nameOf({ action }: PlanStep): string {
  if (action.kind === 'move')
    return `to ${action.to}${action.rolloutPercent < 100 ? ` ${action.rolloutPercent} %` : ''}`
  return action.kind === 'run' ? action.run : action.kind
}

const SECONDS_OF_A_DAY = 86_400
