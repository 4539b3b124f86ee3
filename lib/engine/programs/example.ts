import { CutoverError } from '../../core/error.js'
import type { FlagDefinition } from '../../core/flags/definition.js'
import { FIVE_COMPONENTS } from '../../core/program/five-phases.js'
import type { EngineContext } from '../context.js'
import { putNamedFlag, readNamedFlag } from '../flags/flags.js'
import type { Mover } from '../stages/move.js'
import { declareComponent } from './declare.js'

/** Makes the flags of the five phases, all off, and declares their components. What is there already stays as it is. */
export async function declareFive(context: EngineContext, mover: Mover): Promise<void> {
  for (const component of FIVE_COMPONENTS) {
    const { flag, description } = component
    if ((await readNamedFlag(context, flag).catch(unlessAbsent)) === null)
      await putNamedFlag(context, flagOf(flag, description), mover).catch(unlessThere)
    await declareComponent(context, component, mover)
  }
}

function flagOf(name: string, description: string): FlagDefinition {
  return {
    ...{ name, description, kind: 'boolean', salt: name },
    ...{ variants: { on: true, off: false }, fallback: 'off', on: false, rules: [] },
    ...{ rollout: { percent: 0, split: [{ variant: 'on', weight: 1 }] }, sticky: false },
    ...{ from: null, until: null, schedule: [] },
  }
}

function unlessAbsent(error: unknown): null {
  if (error instanceof CutoverError && error.code === 'not-found') return null
  throw error
}

/** Somebody else was faster. */
function unlessThere(error: unknown): null {
  if (error instanceof CutoverError && error.code === 'conflict') return null
  throw error
}
