import * as z from 'zod'
import { putExperiment as put } from '../../../engine/experiments/define.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { changedShape, definitionMembers, experimentName, shownChange } from '../../experiments.js'
import { reasonInput } from '../../shapes.js'

export const putExperiment = command({
  name: 'put-experiment',
  summary: 'Defines an experiment, or changes one that does not run.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'PUT', path: '/experiments/{name}' },
  input: experimentName.extend({
    ...definitionMembers,
    ...reasonInput.shape,
    revision: z.number().int().min(1).optional().describe('That it is changed from; absent: it is new'),
  }),
  output: changedShape,
  run: async ({ engine }: CommandContext, { revision, reason, ...definition }, caller) =>
    shownChange(await put(engine, definition, revision ?? null, { by: caller.name, reason })),
})
