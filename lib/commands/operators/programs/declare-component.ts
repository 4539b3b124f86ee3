import * as z from 'zod'
import { declareComponent as declare } from '../../../engine/programs/declare.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { componentName, declaredShape } from '../../programs.js'
import { reasonInput } from '../../shapes.js'

export const declareComponent = command({
  name: 'declare-component',
  summary: 'Declares a part of a system that a named flag switches from the path legacy to the path new.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'PUT', path: '/components/{name}' },
  input: componentName.extend({
    flag: z.string().min(1).max(64).describe('Name of the flag; it must be there'),
    description: z.string().max(1_000).default(''),
    ...reasonInput.shape,
  }),
  output: declaredShape,
  run: async ({ engine }: CommandContext, { name, flag, description, reason }, caller) =>
    declare(engine, { name, flag, description }, { by: caller.name, reason }),
})
