import type { RunKindName } from '../../core/run.js'
import { backUpRun } from '../backups/back-up.js'
import { checkBackupRun } from '../backups/check.js'
import { restoreRun } from '../backups/restore.js'
import { checkpointRun } from '../checkpoints/run.js'
import { cleanUpRun } from '../finish/clean-up.js'
import { validateRun } from '../validate/run.js'
import { backfillRun } from './backfill.js'
import type { RunKind } from './kind.js'

export const RUN_KIND: { [kind in RunKindName]: RunKind } = {
  backfill: backfillRun,
  validate: validateRun,
  'clean-up': cleanUpRun,
  checkpoint: checkpointRun,
  'back-up': backUpRun,
  'check-backup': checkBackupRun,
  restore: restoreRun,
}
