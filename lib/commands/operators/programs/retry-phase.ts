import { programReport } from '../../../engine/programs/status.js'
import { retryPhase as retry } from '../../../engine/programs/steer.js'
import { refuseWhileStopped } from '../../../engine/rollback/stopped.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { phaseInput, programShape, programsFor } from '../../programs.js'
import { reasonInput } from '../../shapes.js'
import { shownProgram } from '../../shown-program.js'

export const retryPhase = command({
  name: 'retry-phase',
  summary: 'Begins a phase that has turned back or failed again, at the first step that was undone.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/programs/{name}/phases/{phase}/retry' },
  input: phaseInput.extend(reasonInput.shape),
  output: programShape,
  run: async (context: CommandContext, { name, phase, reason }, caller) => {
    await refuseWhileStopped(context.engine)
    const programs = programsFor(context)
    await retry(programs, name, phase, { by: caller.name, reason })
    return shownProgram(await programReport(programs, name))
  },
})
