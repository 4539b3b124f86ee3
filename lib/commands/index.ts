import type * as z from 'zod'
import type { Command } from './command.js'
import type { CommandContext } from './context.js'
import { acknowledgeAlert } from './operators/acknowledge-alert.js'
import { advanceStage } from './operators/advance-stage.js'
import { backfill } from './operators/backfill.js'
import { cancelRun } from './operators/cancel-run.js'
import { checkZeroLoss } from './operators/check-zero-loss.js'
import { cleanUp } from './operators/clean-up.js'
import { closeLedger } from './operators/close-ledger.js'
import { dropDeadLetter } from './operators/drop-dead-letter.js'
import { emergencyRollback } from './operators/emergency-rollback.js'
import { exportDocuments } from './operators/export-documents.js'
import { leaveBehind } from './operators/leave-behind.js'
import { listAlerts } from './operators/list-alerts.js'
import { listAudit } from './operators/list-audit.js'
import { listCollections } from './operators/list-collections.js'
import { listDeadLetters } from './operators/list-dead-letters.js'
import { listFlags } from './operators/list-flags.js'
import { listMismatches } from './operators/list-mismatches.js'
import { listPlans } from './operators/list-plans.js'
import { listRuns } from './operators/list-runs.js'
import { migrationStatus } from './operators/migration-status.js'
import { overrulePlan } from './operators/overrule-plan.js'
import { pausePlan } from './operators/pause-plan.js'
import { pauseRun } from './operators/pause-run.js'
import { planMigration } from './operators/plan-migration.js'
import { recoverTarget } from './operators/recover-target.js'
import { restoreDocuments } from './operators/restore-documents.js'
import { resumePlan } from './operators/resume-plan.js'
import { resumeRun } from './operators/resume-run.js'
import { retryDeadLetter } from './operators/retry-dead-letter.js'
import { rollBack } from './operators/roll-back.js'
import { runWatch } from './operators/run-watch.js'
import { setFlag } from './operators/set-flag.js'
import { showCollection } from './operators/show-collection.js'
import { showFlag } from './operators/show-flag.js'
import { showPlan } from './operators/show-plan.js'
import { showRun } from './operators/show-run.js'
import { showZeroLoss } from './operators/show-zero-loss.js'
import { startPlan } from './operators/start-plan.js'
import { validate } from './operators/validate.js'
import { validateRecords } from './operators/validate-records.js'

export type AnyCommand = Command<CommandContext, z.ZodType, z.ZodType>

/** Every verb of the operators, in the order of their help. */
export const commands: readonly AnyCommand[] = [
  listCollections,
  showCollection,
  migrationStatus,
  advanceStage,
  rollBack,
  backfill,
  validate,
  checkZeroLoss,
  listRuns,
  showRun,
  pauseRun,
  resumeRun,
  cancelRun,
  listDeadLetters,
  retryDeadLetter,
  dropDeadLetter,
  listFlags,
  showFlag,
  setFlag,
  listAudit,
  listAlerts,
  acknowledgeAlert,
  runWatch,
  leaveBehind,
  recoverTarget,
  emergencyRollback,
  exportDocuments,
  restoreDocuments,
  cleanUp,
  planMigration,
  startPlan,
  listPlans,
  showPlan,
  pausePlan,
  resumePlan,
  overrulePlan,
  closeLedger,
  validateRecords,
  listMismatches,
  showZeroLoss,
] as unknown as readonly AnyCommand[]
