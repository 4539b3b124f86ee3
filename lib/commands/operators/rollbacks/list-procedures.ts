import * as z from 'zod'
import { listProcedures as list } from '../../../engine/rollback/procedures.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { procedureShape, shownProcedure } from '../../rollback-shape.js'

export const listProcedures = command({
  name: 'list-procedures',
  summary: 'Procedures by which components are rolled back: the defaults, then those that were put.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/procedures' },
  input: z.strictObject({}),
  output: z.array(procedureShape),
  run: async ({ engine }: CommandContext) => (await list(engine)).map(shownProcedure),
})
