import { CutoverError } from '../../core/error.js'
import type { Allocation } from '../../core/experiment/allocation.js'
import type { Analysis } from '../../core/experiment/analyse.js'
import { addCounts, type Counts, noCounts } from '../../core/experiment/counts.js'
import type { ExperimentDefinition } from '../../core/experiment/experiment.js'
import type { Ledger } from '../../ports/ledger.js'

/**
 * Where experiments are kept in the ledger.
 *
 * | document                                  | holds                                                              |
 * |-------------------------------------------|--------------------------------------------------------------------|
 * | `experiment/<name>`                       | the definition and where it stands                                 |
 * | `experiment-sums/<name>/<round>/<shard>`  | counts; their sum over the shards is all that an analysis reads    |
 * | `experiment-subject/<name>/<round>/<hash>`| one subject: its cohort, which events counted, its sums per metric |
 * | `experiment-result/<name>/<round>`        | planned looks so far, and the newest analysis                      |
 */
export interface Experiment extends ExperimentDefinition {
  status: 'draft' | 'running' | 'stopped'
  /** Counts the starts; every round begins with nothing. */
  round: number
  /** Key of the subjects' hashes; shown to nobody. */
  salt: string
  /** As it was when the round began; `null` before the first. */
  allocation: Allocation | null
  startedAt: number | null
  stoppedAt: number | null
  conclusion: { by: string; reason: string; recommendations: Analysis['recommendations'] } | null
  /** Rounds that are over, and of which what belonged to single subjects is still kept. */
  untidied: number[]
  changedAt: number
  changedBy: string
}

export interface Subject {
  /** `null`: outside of the experiment. */
  cohort: string | null
  /** Hashes of the events that have counted. */
  seen: string[]
  metrics: { [metric: string]: { n: number; sum: number; beyond: number } }
}

export interface Result {
  /** Planned looks: share of the planned subjects at each. */
  looks: number[]
  analysis: Analysis
  /** The newest planned look. */
  atLook: Analysis | null
  /** Revisions of the counts that it was made from. */
  of: string
}

export const EXPERIMENTS_MAX = 100
/** More than there may be: two that were made at once may both have found room. */
export const LIST_MAX = 200
export const EXPERIMENTS = 'experiment/'
export const SHARDS = 8

export const keyOf = (name: string): string => `experiment/${name}`
export const resultKey = ({ name, round }: Pick<Experiment, 'name' | 'round'>): string =>
  `experiment-result/${name}/${round}`
export const sumsPrefix = ({ name, round }: Experiment): string => `experiment-sums/${name}/${round}/`
export const subjectsPrefix = ({ name, round }: Pick<Experiment, 'name' | 'round'>): string =>
  `experiment-subject/${name}/${round}/`

/** Throws `not-found`. */
export async function readExperiment(ledger: Ledger, name: string): Promise<Experiment & { revision: number }> {
  const held = await ledger.read(keyOf(name))
  if (held === null) throw new CutoverError('not-found', `There is no experiment ${JSON.stringify(name)}.`)
  return { ...(held.value as unknown as Experiment), revision: held.revision }
}

export async function listExperiments(ledger: Ledger): Promise<(Experiment & { revision: number })[]> {
  const { items } = await ledger.list(EXPERIMENTS, null, LIST_MAX)
  return items.map(({ value, revision }) => ({ ...(value as unknown as Experiment), revision }))
}

/** All shards in one access, hence as they were at one time, and by which revisions one knows them again. */
export async function readCounts(ledger: Ledger, experiment: Experiment): Promise<{ counts: Counts; of: string }> {
  const { items, end } = await ledger.list(sumsPrefix(experiment), null, SHARDS)
  if (!end) throw new CutoverError('internal', `The experiment ${experiment.name} has more shards than it should.`)
  const counts = items.reduce((sum, { value }) => addCounts(sum, value as unknown as Counts), noCounts())
  return { counts, of: items.map(({ revision }) => revision).join(',') }
}

export async function readResult(
  ledger: Ledger,
  experiment: Experiment,
): Promise<{ revision: number | null; result: Result | null }> {
  const held = await ledger.read(resultKey(experiment))
  return { revision: held?.revision ?? null, result: held === null ? null : (held.value as unknown as Result) }
}
