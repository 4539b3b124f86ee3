import type { EngineContext } from '../context.js'
import { type Experiment, keyOf, subjectsPrefix } from './kept.js'

/**
 * Removes the documents of the subjects of a round that is over: counts, results and entries stay. Not before batches
 * that were on their way have come to their end, since one that finds no document of its subject would count it again.
 * Cut short anywhere, the next turn goes on; two at once remove the same, and the slower one finds it done.
 */
export async function tidyExperiment(
  { ledger, clock }: Pick<EngineContext, 'ledger' | 'clock'>,
  { revision, ...experiment }: Experiment & { revision: number },
  deadlineAt: number,
): Promise<boolean> {
  const [round, ...untidied] = experiment.untidied
  if (round === undefined || clock.now() - experiment.changedAt < GRACE_MS) return false
  for (let page = 0; page < PAGES_MAX && clock.now() < deadlineAt; page++) {
    const { items, end } = await ledger.list(subjectsPrefix({ name: experiment.name, round }), null, PAGE)
    const changes = items.map(({ key, revision: at }) => ({ key, ifRevision: at, value: undefined }))
    if (changes.length > 0 && (await ledger.commit(changes)).kind === 'conflict') return false
    if (!end) continue
    const value = JSON.parse(JSON.stringify({ ...experiment, untidied }))
    const answer = await ledger.commit([{ key: keyOf(experiment.name), ifRevision: revision, value }])
    return answer.kind === 'committed'
  }
  return false
}

/** Far beyond the life of any function. */
const GRACE_MS = 60 * 60_000
const PAGE = 200
const PAGES_MAX = 100
