import * as z from 'zod'
import { rollBackComponent as rollBack, rollBackFromEpoch } from '../../../engine/rollback/roll-back-component.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { rollbackShape, shownRollback } from '../../rollback-shape.js'
import { ifEpochInput, reasonInput, refusedMoveShape, stageShape } from '../../shapes.js'
import { shownRefusal } from '../../shown-move.js'

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
    ...ifEpochInput.shape,
  }),
  output: z.union([rollbackShape, refusedMoveShape]),
  run: async ({ engine }: CommandContext, { reason, ifEpoch, ...asked }, caller) => {
    const request = { ...asked, cause: { kind: 'operator' as const } }
    const mover = { by: caller.name, reason }
    if (ifEpoch === undefined) return shownRollback(await rollBack(engine, request, mover))
    const result = await rollBackFromEpoch(engine, { ...request, ifEpoch }, mover)
    return 'kind' in result ? shownRefusal(asked.component, result) : shownRollback(result)
  },
})
