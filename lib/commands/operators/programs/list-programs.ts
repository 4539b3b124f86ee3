import * as z from 'zod'
import { programNames } from '../../../engine/programs/kept.js'
import { programReport } from '../../../engine/programs/status.js'
import { sideBySide } from '../../../engine/side-by-side.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { programShape, programsFor } from '../../programs.js'
import { shownProgram } from '../../shown-program.js'

export const listPrograms = command({
  name: 'list-programs',
  summary: 'Every program and where its phases stand.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/programs' },
  input: z.strictObject({}),
  output: z.array(programShape),
  run: async (context: CommandContext) => {
    const programs = programsFor(context)
    const names = await programNames(context.engine.ledger)
    return sideBySide(names, async (name) => shownProgram(await programReport(programs, name)))
  },
})
