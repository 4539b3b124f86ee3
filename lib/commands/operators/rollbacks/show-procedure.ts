import * as z from 'zod'
import { readProcedure } from '../../../engine/rollback/procedures.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { procedureShape, shownProcedure } from '../../rollback-shape.js'

export const showProcedure = command({
  name: 'show-procedure',
  summary: 'One procedure with its steps.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/procedures/{name}' },
  input: z.strictObject({ name: z.string().min(1).max(64) }),
  output: procedureShape,
  run: async ({ engine }: CommandContext, { name }) => shownProcedure(await readProcedure(engine, name)),
})
