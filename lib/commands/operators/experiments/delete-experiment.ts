import * as z from 'zod'
import { deleteExperiment as remove } from '../../../engine/experiments/remove.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { experimentName, refusedShape } from '../../experiments.js'
import { reasonInput } from '../../shapes.js'

export const deleteExperiment = command({
  name: 'delete-experiment',
  summary: 'Removes an experiment that does not run, with the counts and results of its rounds.',
  role: 'operator',
  readOnly: false,
  destructive: true,
  http: { method: 'DELETE', path: '/experiments/{name}' },
  input: experimentName.extend(reasonInput.shape),
  output: z.discriminatedUnion('kind', [z.object({ kind: z.literal('deleted'), name: z.string() }), refusedShape]),
  run: ({ engine }: CommandContext, { name, reason }, caller) => remove(engine, name, { by: caller.name, reason }),
})
