import { putNamedFlag } from '../../../lib/engine/flags/flags.js'
import { declareComponent } from '../../../lib/engine/programs/declare.js'
import { programsOf } from '../../../lib/engine/programs/on-stores.js'
import { overrulePhase, pauseProgram, startProgram } from '../../../lib/engine/programs/steer.js'
import { tickProgram } from '../../../lib/engine/programs/tick.js'
import { flagNamed } from '../../engine/flags/flag-named.js'
import { MOVER, type World } from '../../engine/runs/world.js'
import type { Asked } from './ask.js'

const reason = { reason: 'because' }

/** Commands of lib/commands/operators/programs. */
export const programs: Asked = {
  'start-program': { input: { ...reason, example: 'five-phases', timeScale: 1000 } },
  'list-programs': { before: program },
  'show-program': { before: program },
  'pause-program': { before: program, input: reason },
  'resume-program': { before: paused, input: reason },
  'cancel-program': { before: program, input: reason },
  'retry-phase': { before: turnedBack, input: reason },
  'overrule-phase': { before: program, path: { phase: 'look' }, input: { ...reason, verb: 'skip' } },
  'declare-component': {
    path: { name: 'basket' },
    input: { ...reason, flag: 'checkout' },
    before: async (at) => void (await putNamedFlag(at.context, flagNamed('checkout'), MOVER)),
  },
  'list-components': { before: async (at) => void (await component(at)) },
  'remove-component': { before: component, input: reason },
}

async function component(at: World): Promise<{ name: string }> {
  await putNamedFlag(at.context, flagNamed('checkout'), MOVER)
  await declareComponent(at.context, { name: 'basket', flag: 'checkout', description: 'What is bought' }, MOVER)
  return { name: 'basket' }
}

async function program(at: World): Promise<{ name: string }> {
  await component(at)
  const course = { kind: 'gradual' } as const
  const look = { name: 'look', dependsOn: [], components: ['basket'], course, checks: [], onFail: 'turn-back' } as const
  const whole = { name: 'shop', phases: [look], parallel: 1, timeScale: 1 }
  await startProgram(programsOf(at.context), whole, MOVER)
  return { name: 'shop' }
}

async function paused(at: World): Promise<{ name: string }> {
  const made = await program(at)
  await pauseProgram(programsOf(at.context), made.name, MOVER)
  return made
}

async function turnedBack(at: World): Promise<{ name: string; phase: string }> {
  const { name } = await program(at)
  const programs = programsOf(at.context)
  const turn = () => tickProgram(programs, name, at.clock.now() + 60_000)
  await turn()
  await overrulePhase(programs, name, 'look', 'turn-back', MOVER)
  await turn()
  return { name, phase: 'look' }
}
