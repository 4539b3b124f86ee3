import { programReport } from '../../../engine/programs/status.js'
import { resumeProgram as resume } from '../../../engine/programs/steer.js'
import { refuseWhileStopped } from '../../../engine/rollback/stopped.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { programName, programShape, programsFor } from '../../programs.js'
import { reasonInput } from '../../shapes.js'
import { shownProgram } from '../../shown-program.js'

export const resumeProgram = command({
  name: 'resume-program',
  summary: 'Lets a paused program go on.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/programs/{name}/resume' },
  input: programName.extend(reasonInput.shape),
  output: programShape,
  run: async (context: CommandContext, { name, reason }, caller) => {
    await refuseWhileStopped(context.engine)
    const programs = programsFor(context)
    await resume(programs, name, { by: caller.name, reason })
    return shownProgram(await programReport(programs, name))
  },
})
