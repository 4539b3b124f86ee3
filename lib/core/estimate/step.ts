import type { PlanStep } from '../plan/plan.js'
import type { Stage } from '../stage.js'
import { ENTRY_BYTES, ledgerCommit, reconciled } from './calls.js'
import { backfillEstimate, cleanUpEstimate, type RunSetting, validateEstimate } from './runs.js'
import { type CollectionSizes, copiesOf } from './sizes.js'
import { exportUsage, givingUpUsage, moveUsage, walkUsage } from './stages.js'
import { NOTHING_USED, sum, type Usage } from './usage.js'

/** What a step's action comes to on one collection. */
export interface ActionEstimate {
  usage: Usage
  seconds: number
  batches: number
  deliveries: number
}

export interface Standing {
  /** The furthest stage of any slot, and the share of slots that stand there, 0 to 1; the others are at `before`. */
  stage: Stage
  share: number
  before: Stage
  backfills: number
  validations: number
}

/** Of each collection, by its name. */
export type Standings = ReadonlyMap<string, Standing>

export interface ActionSetting extends Omit<RunSetting, 'before'> {
  quietMs: number
}

export function actionEstimate(
  { action }: Pick<PlanStep, 'action'>,
  sizes: CollectionSizes,
  standing: Standing,
  setting: ActionSetting,
): ActionEstimate {
  const partitions = sizes.copies.length
  const { byAutopilot, quietMs } = setting
  switch (action.kind) {
    // A part behind a flag moves no records.
    case 'rollout':
    case 'none':
      return only(NOTHING_USED)
    case 'move':
      return only(byAutopilot ? moveUsage(partitions, action.to) : walkUsage(partitions, action.to))
    case 'export': {
      const exported = exportUsage(copiesOf(sizes), partitions, sizes.wireBytes)
      return only(byAutopilot ? exported : sum(exported, ledgerCommit(ENTRY_BYTES)))
    }
    case 'clean-up':
      return cleanedUp(sizes, quietMs, setting)
    case 'run': {
      const { backfills, validations, stage } = standing
      if (action.run === 'backfill') return backfillEstimate(sizes, stage, { ...setting, before: backfills })
      return validateEstimate(sizes, action.run === 'zero-loss', { ...setting, before: validations })
    }
  }
}

/** An operator's call is asked where the collection stands, and for the proof; a plan was, when it went to complete. */
function cleanedUp(sizes: CollectionSizes, quietMs: number, setting: ActionSetting): ActionEstimate {
  const estimate = cleanUpEstimate(sizes, quietMs, { ...setting, before: 0 })
  if (setting.byAutopilot) return estimate
  const partitions = sizes.copies.length
  return { ...estimate, usage: sum(estimate.usage, reconciled(partitions), givingUpUsage(partitions)) }
}

/** How a collection stands when the action has been carried out. */
export function after({ action }: Pick<PlanStep, 'action'>, standing: Standing): Standing {
  if (action.kind === 'move') {
    const before = standing.stage === action.to ? standing.before : standing.stage
    return { ...standing, stage: action.to, share: action.rolloutPercent / 100, before }
  }
  if (action.kind !== 'run') return standing
  if (action.run === 'backfill') return { ...standing, backfills: standing.backfills + 1 }
  return { ...standing, validations: standing.validations + 1 }
}

function only(usage: Usage): ActionEstimate {
  return { usage, seconds: 0, batches: 0, deliveries: 0 }
}

export const UNTOUCHED: Standing = { stage: 'off', share: 1, before: 'off', backfills: 0, validations: 0 }
