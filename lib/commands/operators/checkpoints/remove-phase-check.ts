import * as z from 'zod'
import { removePhaseCheck as removeOf } from '../../../engine/checkpoints/named.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { phaseCheckShape, shownPhaseCheck } from '../../phase-check-shape.js'
import { reasonInput } from '../../shapes.js'

export const removePhaseCheck = command({
  name: 'remove-phase-check',
  summary: 'Forgets a named list of checkpoints; what was found by it stays.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'DELETE', path: '/phase-checks/{name}' },
  input: z.strictObject({ name: z.string().min(1).max(64), ...reasonInput.shape }),
  output: phaseCheckShape,
  run: async ({ engine }: CommandContext, { name, reason }, caller) =>
    shownPhaseCheck(await removeOf(engine, name, { by: caller.name, reason })),
})
