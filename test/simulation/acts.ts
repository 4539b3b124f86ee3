import { strandOf } from './random.js'
import type { Scenario } from './scenario.js'
import type { World } from './world.js'

/**
 * One operation of a client or one turn of an operator, by its name: it has chance of its own, so that it stays what it
 * is when acts before it are left out. The pause before it stays even then.
 */
export interface ActOnStage {
  world: World
  skipped: boolean
}

export function actOnStage({ seed, skip }: Pick<Scenario, 'seed' | 'skip'>, world: World, name: string): ActOnStage {
  return { world: { ...world, random: strandOf(seed, name) }, skipped: skip?.includes(name) ?? false }
}

/** The names of all acts that a scenario has. */
export function actsOf({ clients, operationsEach, operators, turns }: Scenario): string[] {
  const named = (actors: number, each: number, name: (actor: number, at: number) => string): string[] =>
    Array.from({ length: actors }, (_, actor) => Array.from({ length: each }, (_, at) => name(actor, at))).flat()
  return [
    ...named(clients, operationsEach, (actor, at) => `c${actor}-${at}`),
    ...named(operators, turns, (actor, at) => `o${actor}/turn${at}`),
  ]
}
