import { CutoverError } from '../../core/error.js'
import type { Subject } from '../../core/flags/condition.js'
import { type Evaluation, evaluate } from '../../core/flags/evaluate.js'
import type { Json } from '../../core/json.js'
import { hash32 } from '../../core/slot.js'
import type { Ledger, Revised } from '../../ports/ledger.js'
import type { EngineContext } from '../context.js'
import { stateEntry } from '../state/journal.js'
import { standBack } from './change.js'
import type { NamedFlag } from './kept.js'

/**
 * What the subjects of a sticky flag were dealt. Kept from the first time that the hash decided for them and they were
 * in; whoever was left out is not kept, and comes in when the percentage reaches it.
 *
 * - Sticky: the variant, through changes of percentages and weights, for as long as the split still names it.
 * - Not sticky: a kill, off, `from` and `until`, a rollout of 0, and rules that give one variant to everybody they take.
 * - Two at once for one subject: the one that commits first decides, the other gives what it then finds.
 * - A commit that got no answer may have happened; the subject is then dealt what is kept, or the same by the hash.
 * - Full (`SHARDS` x `SUBJECTS_MAX` subjects, by hash): further subjects are dealt by the hash alone, which keeps giving
 *   them the same until percentages or weights change.
 */
export async function assignCohort(context: CohortContext, flag: NamedFlag, subject: Subject): Promise<Evaluation> {
  const now = context.clock.now()
  const dealt = evaluate(flag, subject, now)
  if (!flag.sticky || subject.key === null || dealt.reason !== 'SPLIT') return dealt
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const key = shardKey(flag.name, subject.key)
    const held = await context.ledger.read(key)
    const subjects = subjectsOf(held, flag)
    const assigned = subjects.find(([name]) => name === subject.key)?.[1]
    if (assigned !== undefined) return evaluate(flag, { ...subject, assigned }, now)
    if (dealt.because !== 'rolled-out' || subjects.length >= SUBJECTS_MAX) return dealt
    const value = { made: flag.createdAt, subjects: [...subjects, [subject.key, dealt.variant]] } as unknown as Json
    const told = { at: now, component: null, flag: flag.name, subject: subject.key, variant: dealt.variant }
    const entries = [stateEntry('experiment-cohort', told)]
    const answer = await context.ledger.commit([{ key, ifRevision: held?.revision ?? null, value }], entries)
    if (answer.kind === 'committed') return dealt
    await standBack(context.clock, attempt)
  }
  throw new CutoverError('contended', `Too many subjects of the flag ${flag.name} are dealt at once. Try again.`)
}

export type CohortContext = Pick<EngineContext, 'ledger' | 'clock'>

/** What a subject was dealt, if it was. Changes nothing. */
export async function cohortOf({ ledger }: Pick<EngineContext, 'ledger'>, flag: NamedFlag, key: string) {
  if (!flag.sticky) return null
  const subjects = subjectsOf(await ledger.read(shardKey(flag.name, key)), flag)
  return subjects.find(([name]) => name === key)?.[1] ?? null
}

/** Removes what was kept of a flag. What a crash leaves behind is of no flag that is made later. */
export async function forgetCohorts(ledger: Ledger, name: string): Promise<void> {
  for (let turn = 0; turn < FORGET_TURNS_MAX; turn++) {
    const { items, end } = await ledger.list(`${KEPT}${name}/`, null, FORGET_AT_ONCE)
    if (items.length === 0) return
    await ledger.commit(items.map(({ key, revision }) => ({ key, ifRevision: revision, value: undefined })))
    if (end) return
  }
}

const KEPT = 'flag-cohort/'
export const SHARDS = 256
export const SUBJECTS_MAX = 400
const ATTEMPTS_MAX = 8
const FORGET_AT_ONCE = 100
const FORGET_TURNS_MAX = 50

function shardKey(flag: string, key: string): string {
  return `${KEPT}${flag}/${Math.floor((hash32(`cohort\n${flag}\n${key}`) / 2 ** 32) * SHARDS)}`
}

/** Pairs, not members: a subject may be called as it likes. What an earlier flag of the name has dealt counts no more. */
function subjectsOf(held: Revised | null, { createdAt }: NamedFlag): [key: string, variant: string][] {
  const kept = held?.value as unknown as { made: number; subjects: [string, string][] } | undefined
  return kept === undefined || kept.made !== createdAt ? [] : kept.subjects
}
