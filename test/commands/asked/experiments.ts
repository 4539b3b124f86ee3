import type { ExperimentDefinition } from '../../../lib/core/experiment/experiment.js'
import { putExperiment, startExperiment } from '../../../lib/engine/experiments/define.js'
import { recordEvents } from '../../../lib/engine/experiments/record.js'
import type { World } from '../../engine/runs/world.js'
import type { Asked } from './ask.js'

const reason = { reason: 'because' }
const path = { name: 'reads' }

const definition = {
  component: 'projects',
  assignment: { by: 'path' },
  cohorts: [
    { name: 'source', share: 0.5 },
    { name: 'target', share: 0.5 },
  ],
  metrics: [
    { name: 'latency', kind: 'value', better: 'lower', role: 'guardrail', margin: { kind: 'relative', value: 0.2 } },
  ],
} as const

const whole: ExperimentDefinition = {
  ...definition,
  name: 'reads',
  description: '',
  alpha: 0.05,
  method: { kind: 'always-valid' },
  plannedSubjects: 2_000,
  minSubjects: 100,
  minRunMs: 0,
}

const event = { id: 'e1', subject: 'r0001', path: 'source', kind: 'value', metric: 'latency', value: 3 } as const

async function put(at: World): Promise<undefined> {
  await putExperiment(at.context, whole, null, { by: 'ann', reason: 'r' })
}

async function started(at: World): Promise<undefined> {
  await put(at)
  await startExperiment(at.context, 'reads', { by: 'ann', reason: 'r' })
}

async function recorded(at: World): Promise<undefined> {
  await started(at)
  await recordEvents(at.context, 'reads', [event])
}

/** Commands of lib/commands/operators/experiments. */
export const experiments: Asked = {
  'put-experiment': { path, input: { ...definition, ...reason } },
  'start-experiment': { path, input: reason, before: put },
  'list-experiments': { before: started },
  'show-experiment': { path, before: recorded },
  'analyse-experiment': { path, before: recorded, silent: true },
  'stop-experiment': { path, input: reason, before: recorded },
  'delete-experiment': { path, input: reason, before: put },
  'record-events': { path, input: { events: [event] }, before: started, silent: true },
  'list-events': { path, before: recorded },
}
