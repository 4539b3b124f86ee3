import type { ExperimentEvent } from '../../../lib/core/experiment/event.js'
import type { ExperimentDefinition } from '../../../lib/core/experiment/experiment.js'
import type { FlagDefinition } from '../../../lib/core/flags/definition.js'
import { putExperiment, startExperiment } from '../../../lib/engine/experiments/define.js'
import { recordEvents } from '../../../lib/engine/experiments/record.js'
import { putNamedFlag } from '../../../lib/engine/flags/flags.js'
import { type World, world } from '../runs/world.js'

export const ANN = { by: 'ann', reason: 'because' }

/** Half of all subjects each. */
export const FLAG: FlagDefinition = {
  name: 'checkout',
  description: '',
  kind: 'string',
  variants: { old: 'a', fresh: 'b' },
  fallback: 'old',
  on: true,
  rules: [],
  rollout: { percent: 50, split: [{ variant: 'fresh', weight: 1 }] },
  salt: 'salt',
  sticky: false,
  from: null,
  until: null,
  schedule: [],
}

export const BY_FLAG: ExperimentDefinition = {
  name: 'buttons',
  component: 'projects',
  description: '',
  assignment: { by: 'flag', flag: 'checkout' },
  cohorts: [
    { name: 'old', share: null },
    { name: 'fresh', share: null },
  ],
  metrics: [
    { name: 'latency', kind: 'value', better: 'lower', role: 'guardrail', margin: { kind: 'relative', value: 0.2 } },
    { name: 'bought', kind: 'conversion', better: 'higher', role: 'goal', margin: null },
    {
      name: 'errors',
      kind: 'conversion',
      better: 'lower',
      role: 'guardrail',
      margin: { kind: 'absolute', value: 0.1 },
    },
  ],
  alpha: 0.05,
  method: { kind: 'always-valid' },
  plannedSubjects: 400,
  minSubjects: 50,
  minRunMs: 0,
}

export const BY_PATH: ExperimentDefinition = {
  ...BY_FLAG,
  name: 'reads',
  assignment: { by: 'path' },
  cohorts: [
    { name: 'source', share: 0.5 },
    { name: 'target', share: 0.5 },
  ],
  metrics: [
    { name: 'latency', kind: 'value', better: 'lower', role: 'guardrail', margin: { kind: 'relative', value: 0.2 } },
    { name: 'both', kind: 'paired', better: 'lower', role: 'goal', margin: null },
  ],
}

export async function lab(definition: ExperimentDefinition = BY_FLAG, flag: FlagDefinition = FLAG): Promise<World> {
  const at = world()
  await putNamedFlag(at.context, flag, ANN)
  await putExperiment(at.context, definition, null, ANN)
  const started = await startExperiment(at.context, definition.name, ANN)
  if (started.kind === 'refused') throw new Error(started.reason)
  return at
}

/** In batches of a hundred. */
export async function send(at: World, name: string, events: readonly ExperimentEvent[]): Promise<void> {
  for (let from = 0; from < events.length; from += 100) {
    await recordEvents(at.context, name, events.slice(from, from + 100))
  }
}
