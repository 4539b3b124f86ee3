import { backfill } from './backfill.js'
import { cancelRun } from './cancel-run.js'
import { checkZeroLoss } from './check-zero-loss.js'
import { dropDeadLetter } from './drop-dead-letter.js'
import { listDeadLetters } from './list-dead-letters.js'
import { listMismatches } from './list-mismatches.js'
import { listRuns } from './list-runs.js'
import { pauseRun } from './pause-run.js'
import { resumeRun } from './resume-run.js'
import { retryDeadLetter } from './retry-dead-letter.js'
import { showConsistency } from './show-consistency.js'
import { showRun } from './show-run.js'
import { showZeroLoss } from './show-zero-loss.js'
import { validate } from './validate.js'
import { validateRecords } from './validate-records.js'

export const runVerbs = [
  backfill,
  validate,
  validateRecords,
  listMismatches,
  checkZeroLoss,
  showZeroLoss,
  showConsistency,
  listRuns,
  showRun,
  pauseRun,
  resumeRun,
  cancelRun,
  listDeadLetters,
  retryDeadLetter,
  dropDeadLetter,
]
