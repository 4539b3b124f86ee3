import { auditEntry } from '../audit.js'
import type { EngineContext } from '../context.js'
import type { Mover } from '../stages/move.js'
import { type Refused, shown } from './define.js'
import { keyOf, readExperiment } from './kept.js'

/**
 * Removes an experiment with the counts and results of its rounds; entries in streams stay for their time. What hangs on
 * it goes first: cut short anywhere, the experiment is still there, and is removed again.
 */
export async function deleteExperiment(
  { ledger, clock }: Pick<EngineContext, 'ledger' | 'clock'>,
  name: string,
  mover: Mover,
): Promise<{ kind: 'deleted'; name: string } | Refused> {
  const { revision, ...experiment } = await readExperiment(ledger, name)
  if (experiment.status === 'running') return { kind: 'refused', reason: 'running' }
  if (experiment.untidied.length > 0) return { kind: 'refused', reason: 'subjects-kept' }
  for (const prefix of [`experiment-sums/${name}/`, `experiment-result/${name}/`]) {
    for (let page = 0; page < PAGES_MAX; page++) {
      const { items, end } = await ledger.list(prefix, null, PAGE)
      const changes = items.map(({ key, revision: at }) => ({ key, ifRevision: at, value: undefined }))
      if (changes.length > 0 && (await ledger.commit(changes)).kind === 'conflict')
        return { kind: 'refused', reason: 'changed-meanwhile' }
      if (end) break
    }
  }
  const audited = { at: clock.now(), ...mover, action: 'delete-experiment', collection: null }
  const entry = auditEntry({ ...audited, before: shown(experiment), after: null })
  const answer = await ledger.commit([{ key: keyOf(name), ifRevision: revision, value: undefined }], [entry])
  return answer.kind === 'committed' ? { kind: 'deleted', name } : { kind: 'refused', reason: 'changed-meanwhile' }
}

const PAGE = 200
const PAGES_MAX = 100
