import * as z from 'zod'
import { CutoverError } from '../../../core/error.js'
import { TIME_SCALE_MIN } from '../../../core/plan/plan.js'
import { fivePhases } from '../../../core/program/five-phases.js'
import { PROGRAM_NAME, type Program } from '../../../core/program/program.js'
import { declareFive } from '../../../engine/programs/example.js'
import { programReport } from '../../../engine/programs/status.js'
import { startProgram as start } from '../../../engine/programs/steer.js'
import { refuseWhileStopped } from '../../../engine/rollback/stopped.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { parallelInput, phasesShape, programShape, programsFor } from '../../programs.js'
import { reasonInput } from '../../shapes.js'
import { shownProgram } from '../../shown-program.js'

export const startProgram = command({
  name: 'start-program',
  summary: 'Starts a program: phases with dependencies, each by a plan of its own; yours, or the example of five.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/programs' },
  input: z.strictObject({
    name: z.string().regex(PROGRAM_NAME).optional().describe('Default: the name of the example'),
    phases: phasesShape.optional(),
    example: z.enum(['five-phases']).optional().describe('Instead of phases; makes its flags and components too'),
    parallel: parallelInput,
    timeScale: z
      .number()
      .min(TIME_SCALE_MIN)
      .max(10_000_000)
      .default(1)
      .describe('1: as planned; 3600: an hour in a second'),
    soakMs: z.number().min(0).optional().describe('Of the example: at each share; default an hour'),
    minOperations: z.number().int().min(1).optional().describe('Of the example: at each share; default 100'),
    ...reasonInput.shape,
  }),
  output: programShape,
  run: async (context: CommandContext, input, caller) => {
    await refuseWhileStopped(context.engine)
    const { name, phases, example, parallel, timeScale, soakMs, minOperations, reason } = input
    const mover = { by: caller.name, reason }
    if ((phases === undefined) === (example === undefined))
      throw new CutoverError('invalid-input', 'A program is started from its phases, or from an example: give one.')
    if (phases !== undefined && name === undefined) throw new CutoverError('invalid-input', 'A program needs a name.')
    const options = {
      ...(name === undefined ? {} : { name }),
      ...(soakMs === undefined ? {} : { soakMs }),
      ...(minOperations === undefined ? {} : { minOperations }),
    }
    const program: Program =
      phases === undefined
        ? { ...fivePhases({ ...options, timeScale }), parallel }
        : { name: name ?? '', phases: phases as Program['phases'], parallel, timeScale }
    if (example !== undefined) await declareFive(context.engine, mover)
    const programs = programsFor(context)
    await start(programs, program, mover)
    return shownProgram(await programReport(programs, program.name))
  },
})
