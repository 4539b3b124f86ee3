import type { CheckpointKind, CheckpointOutcome } from '../../core/checkpoint/checkpoint.js'
import type { EngineContext } from '../context.js'
import { checkpointEntries } from './entries.js'

/** A settled checkpoint, as plans and programs weigh it. */
export interface CheckpointEvidence {
  kind: CheckpointKind
  outcome: CheckpointOutcome
  id: string
  /** Wall-clock milliseconds at which it was settled. */
  at: number
}

/** Checkpoints of a component that were settled at `since` or later, newest first; at most the newest 500. */
export async function checkpointEvidence(
  { ledger }: Pick<EngineContext, 'ledger'>,
  component: string,
  since: number,
): Promise<CheckpointEvidence[]> {
  const { items } = await checkpointEntries(ledger, { component, since, limit: ENTRIES_MAX })
  return items.map(({ kind, outcome, id, at }) => ({ kind, outcome, id, at }))
}

const ENTRIES_MAX = 500
