import { programReport } from '../../../engine/programs/status.js'
import { cancelProgram as cancel } from '../../../engine/programs/steer.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { programName, programShape, programsFor } from '../../programs.js'
import { reasonInput } from '../../shapes.js'
import { shownProgram } from '../../shown-program.js'

export const cancelProgram = command({
  name: 'cancel-program',
  summary: 'Ends a program where it stands; what was rolled out stays so.',
  role: 'operator',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/programs/{name}/cancel' },
  input: programName.extend(reasonInput.shape),
  output: programShape,
  run: async (context: CommandContext, { name, reason }, caller) => {
    const programs = programsFor(context)
    await cancel(programs, name, { by: caller.name, reason })
    return shownProgram(await programReport(programs, name))
  },
})
