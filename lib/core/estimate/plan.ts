import type { PlanStep } from '../plan/plan.js'
import type { Stage } from '../stage.js'
import { ledgerRead, runBytes, SCRIPT_FIRST_USE } from './calls.js'
import { type CollectionSizes, copiesOf } from './sizes.js'
import { type ActionEstimate, actionEstimate, after, type Standing } from './step.js'
import { dayOfTraffic, meterEntriesPerDay, type Traffic } from './traffic.js'
import { NOTHING_USED, sum, times, type Usage } from './usage.js'
import { actingUsage, evidenceUsage, planStartUsage, tickUsage, watchUsage, weighingUsage } from './watching.js'

/**
 * What a plan uses, step by step, if every gate is passed as soon as its soak time is over, nothing fails and nobody
 * else starts anything. The arithmetic is that of the engine's own code paths, call by call; what it does not know is
 * the traffic, which is therefore an input, and how fast the stores answer, which is an input too.
 */
export interface PlanSetting {
  steps: readonly PlanStep[]
  timeScale: number
  /** Who acts: the autopilot at every tick of the cron, or an operator whose days nobody knows. */
  driver: 'autopilot' | 'operator'
  tickSeconds: number
  quietMs: number
  collections: readonly PlannedCollection[]
}

export interface PlannedCollection {
  sizes: CollectionSizes
  recordsPerSecond: number
  traffic: Traffic
}

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

export function estimatePlan(setting: PlanSetting): StepEstimate[] {
  const standings = new Map<string, Standing>()
  for (const { sizes } of setting.collections)
    standings.set(sizes.collection, { stage: 'off', backfills: 0, validations: 0 })
  return setting.steps.map((step) => estimateStep(step, setting, standings))
}

/** Once in the life of the database, and once for the plan itself. */
export function onceUsage(driver: PlanSetting['driver']): Usage {
  return sum(times(SCRIPTS, SCRIPT_FIRST_USE), driver === 'autopilot' ? planStartUsage() : NOTHING_USED)
}

/** Scripts of the ledger (4) and of the target that a migration without traffic runs (raise, apply, beat, amend). */
const SCRIPTS = 8

function estimateStep(step: PlanStep, setting: PlanSetting, standings: Map<string, Standing>): StepEstimate {
  const byAutopilot = setting.driver === 'autopilot'
  const actions = setting.collections.map(({ sizes, recordsPerSecond }) => {
    const standing = standings.get(sizes.collection) ?? NEW
    const { quietMs } = setting
    const action = actionEstimate(step, sizes, standing, { recordsPerSecond, byAutopilot, quietMs })
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
    autopilot: byAutopilot ? autopilotUsage(step, setting, standings, { ticks, days, work }) : NOTHING_USED,
    watch: times(ticks, watchOfAll(setting, standings)),
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

function autopilotUsage(
  step: PlanStep,
  { collections, tickSeconds }: PlanSetting,
  standings: ReadonlyMap<string, Standing>,
  { ticks, days, work }: { ticks: number; days: number; work: number },
): Usage {
  const runs = step.action.kind === 'run' || step.action.kind === 'clean-up'
  const acts = step.action.kind === 'none' ? NOTHING_USED : times(collections.length, actingUsage())
  const evidence = collections.map(({ sizes, traffic }) => {
    const { backfills, validations } = standings.get(sizes.collection) ?? NEW
    // On average over the step, half of its entries are there.
    const trafficEntries = (meterEntriesPerDay(traffic) * days) / 2
    return evidenceUsage(sizes.copies.length, { backfill: backfills > 0, validation: validations > 0, trafficEntries })
  })
  const partitions = collections[0]?.sizes.copies.length ?? 1
  // At the tick that starts it, and at each until one finds it ended.
  const asked = runs ? collections.length * (1 + Math.max(1, Math.ceil(work / tickSeconds))) : 0
  const weighing = sum(times(ticks, weighingUsage()), times(asked, ledgerRead(runBytes(partitions))))
  return sum(acts, weighing, times(ticks, sum(...evidence)))
}

function watchOfAll({ collections }: PlanSetting, standings: ReadonlyMap<string, Standing>): Usage {
  const runs = [...standings.values()].reduce((count, { backfills, validations }) => count + backfills + validations, 0)
  const looks = collections.map(({ sizes }) =>
    watchUsage(sizes.copies.length, (standings.get(sizes.collection) ?? NEW).stage),
  )
  return sum(tickUsage(runs, collections[0]?.sizes.copies.length ?? 1), ...looks)
}

function trafficUsage({ collections }: PlanSetting, standings: ReadonlyMap<string, Standing>, days: number): Usage {
  return sum(
    ...collections.map(({ sizes, traffic }) => {
      const stage: Stage = (standings.get(sizes.collection) ?? NEW).stage
      const valueBytes = sizes.wireBytes / Math.max(1, copiesOf(sizes))
      return times(days, dayOfTraffic(stage, traffic, sizes.copies.length, valueBytes))
    }),
  )
}

function nameOf({ action }: PlanStep): string {
  if (action.kind === 'move')
    return `to ${action.to}${action.rolloutPercent < 100 ? ` ${action.rolloutPercent} %` : ''}`
  return action.kind === 'run' ? action.run : action.kind
}

const NEW: Standing = { stage: 'off', backfills: 0, validations: 0 }
const SECONDS_OF_A_DAY = 86_400
