import { putProcedure as put } from '../../../engine/rollback/procedures.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { procedureInput, procedureShape, shownProcedure } from '../../rollback-shape.js'
import { reasonInput } from '../../shapes.js'

export const putProcedure = command({
  name: 'put-procedure',
  summary: 'Keeps a procedure, checked, and makes it the default of a component if one is named.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'PUT', path: '/procedures/{name}' },
  input: procedureInput.extend(reasonInput.shape),
  output: procedureShape,
  run: async ({ engine }: CommandContext, { reason, component, ...wanted }, caller) => {
    const procedure = component === undefined ? wanted : { ...wanted, component }
    return shownProcedure(await put(engine, procedure, { by: caller.name, reason }))
  },
})
