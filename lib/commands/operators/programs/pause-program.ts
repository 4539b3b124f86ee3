import { programReport } from '../../../engine/programs/status.js'
import { pauseProgram as pause } from '../../../engine/programs/steer.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { programName, programShape, programsFor } from '../../programs.js'
import { reasonInput } from '../../shapes.js'
import { shownProgram } from '../../shown-program.js'

export const pauseProgram = command({
  name: 'pause-program',
  summary: 'Pauses a program: nothing more is begun, by its plans neither.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/programs/{name}/pause' },
  input: programName.extend(reasonInput.shape),
  output: programShape,
  run: async (context: CommandContext, { name, reason }, caller) => {
    const programs = programsFor(context)
    await pause(programs, name, { by: caller.name, reason })
    return shownProgram(await programReport(programs, name))
  },
})
