import type { RunState } from '../state.js'
import { shownCount, shownCounted } from './format.js'
import type { Tone } from './panel.js'

/** `Back-fill of projects`. */
export function titleOfRun({ kind, collection }: Pick<RunState, 'kind' | 'collection'>): string {
  return `${KINDS[kind]} of ${collection}`
}

const KINDS: { readonly [kind in RunState['kind']]: string } = {
  backfill: 'Back-fill',
  validate: 'Validation',
  'clean-up': 'Clean-up',
  'back-up': 'Back-up',
  'check-backup': 'Check of a back-up',
  restore: 'Restore',
  checkpoint: 'Checkpoint',
}

/** What a run that has ended came to. What is not certainly good is not called so. */
export function outcomeOf(run: RunState): { tone: Tone; word: string; inWords: string | null } {
  const { status, reason, kind } = run
  if (status === 'cancelled') return { tone: 'quiet', word: 'cancelled', inWords: reason }
  const found = kind === 'validate' ? compared(run) : kind === 'backfill' ? copied(run) : null
  // A validation fails by what it finds, too; then it has come to its end.
  if (status === 'failed' && isDiffering(run)) return { tone: 'bad', word: 'differences', inWords: found ?? reason }
  if (status === 'failed') return { tone: 'bad', word: 'failed', inWords: reason ?? found }
  if (status !== 'succeeded') return { tone: 'warn', word: status, inWords: reason }
  const { tone, word } = ended(run)
  return { tone, word, inWords: found ?? reason }
}

/** Records that were set aside after their attempts, and are still to be looked at. */
export function setAside({ counters }: RunState): number {
  return counters.deadLetters ?? 0
}

function ended(run: RunState): { tone: Tone; word: string } {
  const { compared: all = 0, mismatched = 0, inconclusive = 0 } = run.counters
  if (setAside(run) > 0) return { tone: 'warn', word: 'done in part' }
  if (run.kind !== 'validate') return { tone: 'good', word: 'done' }
  if (isDiffering(run)) return { tone: 'bad', word: 'differences' }
  if (all === 0 || inconclusive > 0) return { tone: 'quiet', word: 'not enough evidence' }
  return mismatched > 0 ? { tone: 'quiet', word: 'repaired' } : { tone: 'good', word: 'alike' }
}

function isDiffering({ kind, counters, result }: RunState): boolean {
  const { mismatched = 0, repaired = 0 } = counters
  return kind === 'validate' && result !== null && mismatched > repaired
}

function compared({ counters }: RunState): string | null {
  const { compared: all = 0, mismatched = 0, repaired = 0, inconclusive = 0 } = counters
  if (all === 0) return 'No record was compared.'
  const unknown = inconclusive === 0 ? '' : `, ${shownCount(inconclusive)} could not be judged`
  if (mismatched === 0)
    return inconclusive === 0
      ? `${all === 1 ? 'The one record agrees' : `All ${shownCount(all)} records agree`}.`
      : `None of ${shownCounted(all, 'record')} differs${unknown}.`
  return `${shownCount(mismatched)} of ${shownCounted(all, 'record')} differed, ${shownCount(repaired)} repaired${unknown}.`
}

function copied({ counters }: RunState): string | null {
  const { read = 0, copied: toTarget = 0, returned = 0, same = 0 } = counters
  if (read === 0 && toTarget === 0 && returned === 0) return 'There was no record to copy.'
  if (toTarget === 0 && returned === 0 && same === read)
    return same === 1 ? 'The one record was there already.' : `All ${shownCount(same)} records were there already.`
  const parts = [
    ...(toTarget === 0 ? [] : [`${shownCounted(toTarget, 'record')} copied to the target`]),
    ...(returned === 0 ? [] : [`${shownCounted(returned, 'record')} brought back to the source`]),
    ...(same === 0 ? [] : [`${shownCount(same)} there already`]),
  ]
  return parts.length === 0 ? null : `${parts.join(', ')}.`
}
