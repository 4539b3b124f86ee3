import * as z from 'zod'
import { programReport } from '../../../engine/programs/status.js'
import { overrulePhase as overrule } from '../../../engine/programs/steer.js'
import { refuseWhileStopped } from '../../../engine/rollback/stopped.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { phaseInput, programShape, programsFor } from '../../programs.js'
import { reasonInput } from '../../shapes.js'
import { shownProgram } from '../../shown-program.js'

export const overrulePhase = command({
  name: 'overrule-phase',
  summary: 'Overrules a phase: skip it, advance it past its step or checks, or turn it back.',
  role: 'admin',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/programs/{name}/phases/{phase}/overrule' },
  input: phaseInput.extend({ verb: z.enum(['skip', 'advance', 'turn-back']), ...reasonInput.shape }),
  output: programShape,
  run: async (context: CommandContext, { name, phase, verb, reason }, caller) => {
    if (verb !== 'turn-back') await refuseWhileStopped(context.engine)
    const programs = programsFor(context)
    await overrule(programs, name, phase, verb, { by: caller.name, reason })
    return shownProgram(await programReport(programs, name))
  },
})
