import { analyseExperiment } from './analyse-experiment.js'
import { deleteExperiment } from './delete-experiment.js'
import { listEvents } from './list-events.js'
import { listExperiments } from './list-experiments.js'
import { putExperiment } from './put-experiment.js'
import { recordEvents } from './record-events.js'
import { showExperiment } from './show-experiment.js'
import { startExperiment } from './start-experiment.js'
import { stopExperiment } from './stop-experiment.js'

export const experimentVerbs = [
  putExperiment,
  startExperiment,
  listExperiments,
  showExperiment,
  analyseExperiment,
  stopExperiment,
  deleteExperiment,
  recordEvents,
  listEvents,
] as const
