import type { PlanAction, PlanRollback } from './plan.js'

/** What a step does, for people. */
export function actionInWords(action: PlanAction): string {
  switch (action.kind) {
    case 'none':
      return 'nothing but its gate'
    case 'move':
      return `move ${share(action.rolloutPercent)} to ${action.to}`
    case 'rollout':
      return `send ${share(action.rolloutPercent)} to the new path`
    case 'run':
      return RUNS[action.run]
    case 'export':
      return 'write the records out as documents'
    case 'clean-up':
      return 'remove what cutover kept beside the records'
  }
}

/** Where turning back leads, for people. */
export function rollbackInWords({ to, rolloutPercent = 0 }: PlanRollback): string {
  if (to === undefined) return `${share(rolloutPercent)} on the new path`
  return rolloutPercent === 0 ? to : `${to}, all but ${share(rolloutPercent)}`
}

const RUNS = {
  backfill: 'copy what is there',
  validate: 'compare both stores',
  'zero-loss': 'prove that nothing was lost',
} as const

function share(percent: number): string {
  return percent === 100 ? 'all' : `${percent} %`
}
