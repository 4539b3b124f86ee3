import fc from 'fast-check'
import { vi } from 'vitest'

/**
 * Runs of each law come from here, so that one setting makes all of them longer.
 *
 * - `FUZZ_RUNS=20` runs every law twenty times as long as in the normal test run, each time with a new seed.
 * - `FUZZ_SEED=7` sets the seed; a failure prints seed and path, and this replays it.
 *
 * The normal run has one fixed seed: what it finds, it finds on every machine.
 */
export function parameters(runs: number): fc.Parameters<unknown> {
  const { FUZZ_RUNS: times, FUZZ_SEED: given } = process.env
  const seed = given !== undefined ? { seed: Number(given) } : times === undefined ? { seed: SEED } : {}
  return { numRuns: Math.ceil(runs * TIMES), ...seed }
}

/** How often the usual runs are done; their time goes with it. A machine that does much else gets time as well. */
const TIMES = Number(process.env.FUZZ_RUNS ?? 1)
const LAW_MS_MAX = 60_000
vi.setConfig({ testTimeout: LAW_MS_MAX * Math.max(1, TIMES) })

const SEED = 20_260_728

/** The law over everything that `arbitrary` makes. */
export function holds<T>(arbitrary: fc.Arbitrary<T>, runs: number, law: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, law), parameters(runs) as fc.Parameters<[T]>)
}

/** The same for a law that has to wait. */
export async function holdsAsync<T>(
  arbitrary: fc.Arbitrary<T>,
  runs: number,
  law: (value: T) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(arbitrary, law), parameters(runs) as fc.Parameters<[T]>)
}
