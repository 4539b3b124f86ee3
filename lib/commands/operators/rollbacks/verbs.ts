import { deleteProcedure } from './delete-procedure.js'
import { emergencyRollback } from './emergency-rollback.js'
import { emergencyStop } from './emergency-stop.js'
import { liftEmergencyStop } from './lift-emergency-stop.js'
import { listOverrides } from './list-overrides.js'
import { listProcedures } from './list-procedures.js'
import { listRollbacks } from './list-rollbacks.js'
import { putProcedure } from './put-procedure.js'
import { rollBackComponent } from './roll-back-component.js'
import { showEmergencyStop } from './show-emergency-stop.js'
import { showProcedure } from './show-procedure.js'
import { showRollback } from './show-rollback.js'
import { stopRollback } from './stop-rollback.js'

export const rollbackVerbs = [
  rollBackComponent,
  listRollbacks,
  showRollback,
  stopRollback,
  listProcedures,
  showProcedure,
  putProcedure,
  deleteProcedure,
  emergencyStop,
  showEmergencyStop,
  liftEmergencyStop,
  emergencyRollback,
  listOverrides,
]
