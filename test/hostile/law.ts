import fc from 'fast-check'

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
  return { numRuns: Math.ceil(runs * Number(times ?? 1)), ...seed }
}

/** How long one law may take, in milliseconds: the default of the normal run, more for a longer one. */
export function lawMs(usual = 20_000): number {
  return usual * Math.max(1, Number(process.env.FUZZ_RUNS ?? 1))
}

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
