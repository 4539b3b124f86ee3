import { advanceStage } from './advance-stage.js'
import { leaveBehind } from './leave-behind.js'
import { listAudit } from './list-audit.js'
import { listCollections } from './list-collections.js'
import { migrationStatus } from './migration-status.js'
import { planMigration } from './plan-migration.js'
import { previewStageChange } from './preview-stage-change.js'
import { recoverTarget } from './recover-target.js'
import { rollBack } from './roll-back.js'
import { runWatch } from './run-watch.js'
import { showCollection } from './show-collection.js'
import { showCost } from './show-cost.js'

export const collectionVerbs = [
  listCollections,
  showCollection,
  migrationStatus,
  previewStageChange,
  advanceStage,
  rollBack,
  planMigration,
  showCost,
  recoverTarget,
  leaveBehind,
  runWatch,
  listAudit,
]
