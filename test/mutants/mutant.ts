import type { ProfileName } from './profiles.js'

/**
 * The production source with one guard taken out of its text. If every promise that the guard keeps is watched, some
 * test must fail on it; a mutant that survives names a hole in the tests, or a guard that is not needed.
 */
export interface Mutant {
  /** The guard as `test/protocol/README.md` lists it; each has at least one mutant. */
  guard: string
  /** What was taken out: unique, the name under which the mutant is pinned. */
  name: string
  /** Applied together, in memory, while the source is loaded. */
  edits: readonly Edit[]
  /** Where it is looked for, in this order: profiles of the simulation, or another hunter's own words. */
  hunt: readonly Ground[]
  /** Why nothing can find it, where that is so: then its fellow or a pair with it is a mutant of its own. */
  redundant?: string
}

export interface Edit {
  /** Path from the root of the repository. */
  file: string
  /** Text that must occur exactly once in the file. */
  find: string
  replace: string
}

/** `contract`: the suites that every store runs. `model`: the exhaustive search. `by-hand`: the tests
 * that play each guard's story, where nothing else finds it out. Else a profile of the simulation. */
export type Ground = ProfileName | 'contract' | 'model' | 'by-hand'

/** Where a mutant was found out. */
export interface Catch {
  ground: Ground
  /** Of the history; of the model the name of its chain. */
  seed: number | string
  /** How long the failing run is: operations of the history, steps of the model's path, failing clauses. */
  steps: number
  fault: string
}

export interface Budget {
  /** Seeds tried per ground at most, beside the one that is pinned; 0: that alone. */
  seeds: number
}

/** A way to find mutants out. `null`: not on any of the mutant's grounds that this hunter knows, within the budget. */
export type Hunter = (mutant: Mutant, budget: Budget) => Promise<Catch | null>

/** A mutant of one edit. */
export function without(
  guard: string,
  name: string,
  file: string,
  change: readonly [find: string, replace: string],
  hunt: readonly Ground[],
): Mutant {
  return { guard, name, edits: [{ file, find: change[0], replace: change[1] }], hunt }
}
