import * as z from 'zod'
import { stopRollback as stop } from '../../../engine/rollback/stop-rollback.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { rollbackShape, shownRollback } from '../../rollback-shape.js'
import { reasonInput } from '../../shapes.js'

export const stopRollback = command({
  name: 'stop-rollback',
  summary: 'Ends a rollback where it stands; the component may be moved up again.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/rollbacks/{rollbackId}/stop' },
  input: z.strictObject({ rollbackId: z.string().min(1).max(64), ...reasonInput.shape }),
  output: rollbackShape,
  run: async ({ engine }: CommandContext, { rollbackId, reason }, caller) =>
    shownRollback(await stop(engine, rollbackId, { by: caller.name, reason })),
})
