import { CutoverError } from '../../core/error.js'
import { type Allocation, sameAllocation } from '../../core/experiment/allocation.js'
import { type Analysis, type AnalysisInputs, analyse } from '../../core/experiment/analyse.js'
import { type Counts, subjectsOf } from '../../core/experiment/counts.js'
import type { Recommendation } from '../../core/experiment/recommend.js'
import type { Json } from '../../core/json.js'
import type { Change, Entry } from '../../ports/ledger.js'
import type { EngineContext } from '../context.js'
import { stateEntry } from '../state/journal.js'
import { comparedPairs, withCompared } from './compared.js'
import { dealtNow } from './dealt.js'
import { type Experiment, type Result, readCounts, readResult, resultKey } from './kept.js'

/** What one sees of a round: the numbers as they are, and what was stored of them. Changes nothing. */
export interface Study {
  counts: Counts
  now: Analysis
  stored: Result | null
  /** What is to be gone by: of planned looks the newest that decided, unless the numbers forbid any conclusion. */
  recommendations: Recommendation[]
  inputs: AnalysisInputs
  /** For whoever stores it. */
  made: { ifRevision: number | null; of: string }
}

/** `null` before the first round. */
export async function study(context: EngineContext, experiment: Experiment, mayLook = false): Promise<Study | null> {
  const { allocation, startedAt } = experiment
  if (allocation === null || startedAt === null) return null
  const at = experiment.stoppedAt ?? context.clock.now()
  const [{ counts: kept, of: revisions }, compared, { revision, result }, allocationChanged] = await Promise.all([
    readCounts(context.ledger, experiment),
    comparedPairs(context, experiment, startedAt, at),
    readResult(context.ledger, experiment),
    hasChanged(context, experiment, allocation),
  ])
  const counts = withCompared(experiment, kept, compared)
  const of = `${revisions} ${compared?.n ?? 0}`
  const looks = mayLook ? looksWith(experiment, counts, result?.looks ?? []) : null
  const { name, component, description, assignment, cohorts, metrics, alpha, method } = experiment
  const { plannedSubjects, minSubjects, minRunMs } = experiment
  const definition = {
    name,
    component,
    description,
    assignment,
    cohorts,
    metrics,
    alpha,
    method,
    plannedSubjects,
    minSubjects,
    minRunMs,
  }
  const inputs: AnalysisInputs = { definition, allocation, allocationChanged, counts, startedAt, at, looks }
  const now = analyse(inputs)
  const made = { ifRevision: revision, of }
  return { counts, now, stored: result, recommendations: standing(now, result?.atLook ?? null), inputs, made }
}

/**
 * Analyses and stores what it found with all that it was made from, if there is anything new; a planned look that is due
 * is taken by that. `null`: nothing is new, or somebody else stored first.
 *
 * Two crons at once: both analyse, one commits; a look is taken once. A crash before the commit leaves nothing, a crash
 * after it nothing to mend. A ledger that does not answer may have committed; the next turn then finds nothing new.
 */
export async function analyseExperiment(context: EngineContext, experiment: Experiment): Promise<Analysis | null> {
  const studied = await study(context, experiment, true)
  if (studied === null) return null
  const stored = toStore(experiment, studied)
  if (stored === null) return null
  const answer = await context.ledger.commit([stored.change], [stored.entry])
  return answer.kind === 'committed' ? studied.now : null
}

/** The result's document and the entry that tells of it; `null`: this was stored already. */
export function toStore(
  experiment: Experiment,
  { now, stored, inputs, made }: Study,
): { change: Change; entry: Entry } | null {
  const looked = inputs.looks !== null
  if (stored !== null && stored.of === made.of && !looked && sameVerdicts(stored.analysis, now)) return null
  const result: Result = {
    looks: inputs.looks ?? stored?.looks ?? [],
    analysis: now,
    atLook: looked ? now : (stored?.atLook ?? null),
    of: made.of,
  }
  const { name, round, component } = experiment
  const entry = stateEntry('statistical-result', {
    at: now.at,
    component,
    experiment: name,
    round,
    inputs,
    analysis: now,
  })
  return {
    change: { key: resultKey(experiment), ifRevision: made.ifRevision, value: result as unknown as Json },
    entry,
  }
}

/** Time alone may change a verdict: the least run time passes, a flag is set back. */
function sameVerdicts(a: Analysis, b: Analysis): boolean {
  const verdicts = ({ recommendations }: Analysis) => JSON.stringify(recommendations.map(({ because }) => because))
  return verdicts(a) === verdicts(b)
}

/** Shares at the planned looks with this one; `null`: none is due. */
function looksWith(experiment: Experiment, counts: Counts, taken: readonly number[]): number[] | null {
  const { method, plannedSubjects } = experiment
  if (method.kind === 'always-valid') return null
  const planned = method.kind === 'fixed' ? 1 : method.looks
  const subjects = subjectsOf(experiment, counts)
  const share = Math.min(1, subjects / plannedSubjects)
  const last = taken.at(-1) ?? 0
  // Looks are due at k/planned; where several fell together, one is taken for them.
  const next = (Math.floor(last * planned + ROUNDING) + 1) / planned
  return last < 1 && share >= Math.min(1, next) - ROUNDING ? [...taken, share] : null
}

const ROUNDING = 1e-9

async function hasChanged(context: EngineContext, experiment: Experiment, from: Allocation): Promise<boolean> {
  if (experiment.status !== 'running') return false
  const now = await dealtNow(context, experiment).catch((error: unknown) => {
    if (error instanceof CutoverError && error.code === 'not-found') return null
    throw error
  })
  return now === null || !sameAllocation(from, now)
}

/** What is to be gone by: see `Study`. */
export function standing(now: Analysis, atLook: Analysis | null): Recommendation[] {
  return now.recommendations.map((current) => {
    const { because, treatment } = current
    if (because === 'sample-ratio-mismatch' || because === 'allocation-changed') return current
    const decided = atLook?.recommendations.find((one) => one.treatment === treatment)
    return decided === undefined || decided.recommendation === 'not-enough-evidence' ? current : decided
  })
}
