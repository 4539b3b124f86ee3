import * as z from 'zod'
import { rollBackComponent as rollBack } from '../../../engine/rollback/roll-back-component.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { rollbackShape, shownRollback } from '../../rollback-shape.js'
import { reasonInput, stageShape } from '../../shapes.js'

export const rollBackComponent = command({
  name: 'roll-back-component',
  summary:
    'Rolls a component back: what is safe at once is done at once, the rest goes on by itself; a rehearsal only says what would happen.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/rollback/{component}' },
  input: z.strictObject({
    component: z.string().min(1).max(64).describe('A collection, or a part that a flag switches'),
    ...reasonInput.shape,
    procedure: z.string().min(1).max(64).optional().describe('Default: that of the component, else that of its kind'),
    to: stageShape.optional().describe('How far back a collection goes; default shadow'),
    rehearsal: z.boolean().optional().describe('Says step by step what would happen, and changes nothing'),
  }),
  output: rollbackShape,
  run: async ({ engine }: CommandContext, { reason, ...asked }, caller) =>
    shownRollback(await rollBack(engine, { ...asked, cause: { kind: 'operator' } }, { by: caller.name, reason })),
})
