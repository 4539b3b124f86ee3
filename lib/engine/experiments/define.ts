import { pathsOf } from '../../core/component.js'
import { CutoverError } from '../../core/error.js'
import { sameAllocation } from '../../core/experiment/allocation.js'
import { type ExperimentDefinition, faultsOfExperiment } from '../../core/experiment/experiment.js'
import type { Json } from '../../core/json.js'
import { auditEntry } from '../audit.js'
import { componentOf } from '../components.js'
import type { EngineContext } from '../context.js'
import type { Mover } from '../stages/move.js'
import { stateEntry } from '../state/journal.js'
import { dealtNow, statedShares } from './dealt.js'
import { EXPERIMENTS_MAX, type Experiment, keyOf, listExperiments, readExperiment } from './kept.js'

/**
 * Definitions are documents with revisions; a change names the revision that it was made from. One that runs is not
 * changed: it is stopped first, and what it then begins is a new round with nothing in it.
 *
 * - Two operators at once: of two changes from one revision one succeeds, the other is refused.
 * - A ledger that does not answer: the change may have happened; asked again, it is refused as made already.
 */
export async function putExperiment(
  context: EngineContext,
  definition: ExperimentDefinition,
  ifRevision: number | null,
  mover: Mover,
): Promise<Put> {
  const paths = pathsOf(await componentOf(context, definition.component))
  const faults = faultsOfExperiment(definition, paths)
  if (faults.length > 0)
    throw new CutoverError('invalid-input', `The experiment is not accepted. ${faults.join(' ')}`, {
      details: { faults },
    })
  const held = await context.ledger.read(keyOf(definition.name))
  if ((held?.revision ?? null) !== ifRevision) return { kind: 'refused', reason: 'changed-meanwhile' }
  const before = held === null ? null : (held.value as unknown as Experiment)
  if (before?.status === 'running') return { kind: 'refused', reason: 'running' }
  if (before === null && (await listExperiments(context.ledger)).length >= EXPERIMENTS_MAX)
    return { kind: 'refused', reason: 'too-many-experiments' }
  const { round = 0, salt = context.clock.id(), untidied = [] } = before ?? {}
  const fresh = { status: 'draft' as const, round, salt, allocation: null, startedAt: null, stoppedAt: null }
  const at = context.clock.now()
  const value: Experiment = { ...definition, ...fresh, conclusion: null, untidied, changedAt: at, changedBy: mover.by }
  return change(context, value, ifRevision, before, 'put-experiment', mover)
}

export type Refused = {
  kind: 'refused'
  reason:
    | 'changed-meanwhile' // somebody else's change came first; read it, and decide again
    | 'running'
    | 'not-running'
    | 'too-many-experiments'
    | 'subjects-kept' // documents of subjects are removed an hour after the stop; then it can be deleted
    | 'cohort-gets-nobody' // by the flag's rollout, or the collection's stage
    | 'shares-differ' // from those that the flag deals
}
export type Put = { kind: 'put'; experiment: Experiment & { revision: number } } | Refused

/** Begins a round: shares are as they are now, counts are nothing. */
export async function startExperiment(context: EngineContext, name: string, mover: Mover): Promise<Put> {
  const { revision, ...before } = await readExperiment(context.ledger, name)
  if (before.status === 'running') return { kind: 'refused', reason: 'running' }
  const allocation = await dealtNow(context, before)
  if (allocation === null) return { kind: 'refused', reason: 'cohort-gets-nobody' }
  const stated = statedShares(before)
  if (stated !== null && !sameAllocation({ ...allocation, cohorts: stated }, allocation))
    return { kind: 'refused', reason: 'shares-differ' }
  const at = context.clock.now()
  const value: Experiment = {
    ...before,
    status: 'running',
    round: before.round + 1,
    allocation,
    startedAt: at,
    stoppedAt: null,
    conclusion: null,
    changedAt: at,
    changedBy: mover.by,
  }
  return change(context, value, revision, before, 'start-experiment', mover)
}

async function change(
  context: EngineContext,
  value: Experiment,
  ifRevision: number | null,
  before: Experiment | null,
  action: string,
  { by, reason }: Mover,
): Promise<Put> {
  const at = value.changedAt
  const told = { at, by, action, collection: null, reason, before: shown(before), after: shown(value) }
  const cohorts = value.cohorts.map(({ name }) => name)
  const began = { at, component: value.component, experiment: value.name, round: value.round, what: 'started', cohorts }
  const entries = [
    auditEntry(told),
    ...(value.status === 'running'
      ? [stateEntry('experiment-cohort', { ...began, shares: value.allocation?.cohorts })]
      : []),
  ]
  const changes = [{ key: keyOf(value.name), ifRevision, value: value as unknown as Json }]
  const answer = await context.ledger.commit(changes, entries)
  if (answer.kind === 'conflict') return { kind: 'refused', reason: 'changed-meanwhile' }
  return { kind: 'put', experiment: { ...value, revision: answer.revisions[0] ?? 0 } }
}

/** Without the key of the subjects' hashes. */
export function shown(experiment: Experiment | null): Json {
  if (experiment === null) return null
  const { salt, ...rest } = experiment
  return rest as unknown as Json
}
