import type { Json } from '../../core/json.js'
import { auditEntry } from '../audit.js'
import type { EngineContext } from '../context.js'
import type { Mover } from '../stages/move.js'
import { stateEntry } from '../state/journal.js'
import { type Put, shown } from './define.js'
import { type Experiment, keyOf, readExperiment } from './kept.js'
import { study, toStore } from './study.js'

const ATTEMPTS_MAX = 5

/**
 * Ends a round: its last analysis, the reason and what was recommended are kept as its conclusion, in one commit. No
 * event counts afterwards but of batches that were already on their way; of those the conclusion may lack some.
 */
export async function stopExperiment(context: EngineContext, name: string, mover: Mover): Promise<Put> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const { revision, ...before } = await readExperiment(context.ledger, name)
    if (before.status !== 'running') return { kind: 'refused', reason: 'not-running' }
    const studied = await study(context, before, true)
    const at = context.clock.now()
    const recommendations = studied?.recommendations ?? []
    const conclusion = { ...mover, recommendations }
    const value: Experiment = {
      ...before,
      status: 'stopped',
      stoppedAt: at,
      untidied: [...before.untidied, before.round],
      conclusion,
      changedAt: at,
      changedBy: mover.by,
    }
    const stored = studied === null ? null : toStore(before, studied)
    const { component, round } = before
    const entries = [
      auditEntry({
        at,
        ...mover,
        action: 'stop-experiment',
        collection: null,
        before: shown(before),
        after: shown(value),
      }),
      stateEntry('experiment-cohort', {
        at,
        component,
        experiment: name,
        round,
        what: 'stopped',
        counts: studied?.counts,
      }),
    ]
    const changes = [{ key: keyOf(name), ifRevision: revision, value: value as unknown as Json }]
    const answer =
      stored === null
        ? await context.ledger.commit(changes, entries)
        : await context.ledger.commit([...changes, stored.change], [...entries, stored.entry])
    if (answer.kind === 'committed')
      return { kind: 'put', experiment: { ...value, revision: answer.revisions[0] ?? 0 } }
  }
  return { kind: 'refused', reason: 'changed-meanwhile' }
}
