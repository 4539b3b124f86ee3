import * as z from 'zod'
import { deleteProcedure as remove } from '../../../engine/rollback/procedures.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { procedureShape, shownProcedure } from '../../rollback-shape.js'
import { reasonInput } from '../../shapes.js'

export const deleteProcedure = command({
  name: 'delete-procedure',
  summary: 'Removes a procedure that was put; components that had it are rolled back by the default again.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'DELETE', path: '/procedures/{name}' },
  input: z.strictObject({ name: z.string().min(1).max(64), ...reasonInput.shape }),
  output: procedureShape,
  run: async ({ engine }: CommandContext, { name, reason }, caller) =>
    shownProcedure(await remove(engine, name, { by: caller.name, reason })),
})
