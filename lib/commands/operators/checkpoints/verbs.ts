import { explainCheckpoint } from './explain-checkpoint.js'
import { listCheckpoints } from './list-checkpoints.js'
import { listChecks } from './list-checks.js'
import { listPhaseChecks } from './list-phase-checks.js'
import { putPhaseCheck } from './put-phase-check.js'
import { recordApiComparison } from './record-api-comparison.js'
import { removePhaseCheck } from './remove-phase-check.js'
import { showCheckpoint } from './show-checkpoint.js'
import { validateComponent } from './validate-component.js'

export const checkpointVerbs = [
  validateComponent,
  listCheckpoints,
  showCheckpoint,
  explainCheckpoint,
  listChecks,
  putPhaseCheck,
  listPhaseChecks,
  removePhaseCheck,
  recordApiComparison,
] as const
