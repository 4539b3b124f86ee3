import { programReport } from '../../../engine/programs/status.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { programName, programShape, programsFor } from '../../programs.js'
import { shownProgram } from '../../shown-program.js'

export const showProgram = command({
  name: 'show-program',
  summary: 'Where each phase of a program stands, what it waits for, what comes next, and what was decided.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/programs/{name}' },
  input: programName,
  output: programShape,
  run: async (context: CommandContext, { name }) => shownProgram(await programReport(programsFor(context), name)),
})
