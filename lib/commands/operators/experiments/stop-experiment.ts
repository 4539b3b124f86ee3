import { stopExperiment as stop } from '../../../engine/experiments/stop.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { changedShape, experimentName, shownChange } from '../../experiments.js'
import { reasonInput } from '../../shapes.js'

export const stopExperiment = command({
  name: 'stop-experiment',
  summary: 'Ends the round of an experiment; the reason and what was recommended are its conclusion.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/experiments/{name}/stop' },
  input: experimentName.extend(reasonInput.shape),
  output: changedShape,
  run: async ({ engine }: CommandContext, { name, reason }, caller) =>
    shownChange(await stop(engine, name, { by: caller.name, reason })),
})
