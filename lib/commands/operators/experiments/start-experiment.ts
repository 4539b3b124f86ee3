import { startExperiment as start } from '../../../engine/experiments/define.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { changedShape, experimentName, shownChange } from '../../experiments.js'
import { reasonInput } from '../../shapes.js'

export const startExperiment = command({
  name: 'start-experiment',
  summary: 'Begins a round of an experiment, with nothing counted.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/experiments/{name}/start' },
  input: experimentName.extend(reasonInput.shape),
  output: changedShape,
  run: async ({ engine }: CommandContext, { name, reason }, caller) =>
    shownChange(await start(engine, name, { by: caller.name, reason })),
})
