import { play } from './play.js'
import { addTo, failureText, mishapsIn, noTotals, type Totals } from './report.js'
import { scenarioOf } from './scenario.js'
import { played, shrink } from './shrink.js'

/**
 * The histories of a normal test run, halved between two files so that two workers share them. The count is the promise;
 * how long they take is not. `SEED=n` plays one and prints its trace, `SEEDS=from-until` a range, each in the file that
 * has the seed.
 */
export function seedsOf(half: 'even' | 'odd', environment: { SEED?: string; SEEDS?: string }): number[] {
  const range = rangeOf(environment)
  const seeds = Array.from({ length: Math.max(0, range.until - range.from) }, (_, at) => range.from + at)
  return seeds.filter((seed) => (seed % 2 === 0) === (half === 'even'))
}

export const HISTORIES = 800

function rangeOf({ SEED, SEEDS }: { SEED?: string; SEEDS?: string }): { from: number; until: number } {
  if (SEED !== undefined) return { from: Number(SEED), until: Number(SEED) + 1 }
  if (SEEDS === undefined) return { from: 1, until: HISTORIES + 1 }
  const [, from, until] = /^(\d+)-(\d+)$/.exec(SEEDS) ?? []
  if (from === undefined || until === undefined) throw new Error(`SEEDS is from-until, not ${JSON.stringify(SEEDS)}.`)
  return { from: Number(from), until: Number(until) }
}

/** Plays them all; throws at the first that fails, with the smallest history that fails as it does. */
export async function playAll(seeds: readonly number[], traced: boolean): Promise<Totals> {
  const totals = noTotals()
  for (const seed of seeds) {
    const scenario = scenarioOf(seed)
    const outcome = await played(play, scenario, traced)
    if (traced) console.log([JSON.stringify(scenario), ...outcome.trace, ...outcome.faults].join('\n'))
    if (outcome.faults.length > 0)
      throw new Error(failureText(seed, await shrink(scenario, play, { seconds: SHRINK_SECONDS })))
    addTo(totals, outcome)
  }
  console.log(`${totals.histories} histories, ${totals.operations} operations, ${mishapsIn(totals)} faults injected`)
  return totals
}

const SHRINK_SECONDS = 20
