import type { RunKindName } from '../../core/run.js'
import { cleanUpRun } from '../finish/clean-up.js'
import { validateRun } from '../validate/run.js'
import { backfillRun } from './backfill.js'
import type { RunKind } from './kind.js'

export const RUN_KIND: { [kind in RunKindName]: RunKind } = {
  backfill: backfillRun,
  validate: validateRun,
  'clean-up': cleanUpRun,
}
