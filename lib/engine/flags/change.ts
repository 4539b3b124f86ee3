import { CutoverError } from '../../core/error.js'
import type { Flag, FlagDefinition } from '../../core/flags/definition.js'
import { effectivePercent } from '../../core/flags/schedule.js'
import type { Json } from '../../core/json.js'
import type { Change, Entry, Revised } from '../../ports/ledger.js'
import { auditEntry } from '../audit.js'
import { listComponents } from '../components.js'
import type { EngineContext } from '../context.js'
import { refuseWhileStopped } from '../rollback/stopped.js'
import type { Mover } from '../stages/move.js'
import { stateEntry } from '../state/journal.js'
import { FLAG, FLAGS_MAX, type FlagIndex, GROUPS_MAX, INDEX, type KeptFlag } from './kept.js'

/**
 * Every change of a flag goes through here: one commit holds the flag, the index, the entry in the audit trail with the
 * flag before and after, and the entry of each component whose rollout it changes.
 *
 * - Two operators at once: of two changes from one revision one succeeds. The other is told who was first if it had
 *   named the revision it was made from; a change of one member alone (off, a percentage, a kill) is made again on what
 *   it then finds.
 * - A ledger that does not answer: the change may have happened. Asked again, it finds it so, and does no harm.
 */
export async function changeFlag(
  context: FlagContext,
  name: string,
  asked: AskedChange,
  mover: Mover,
): Promise<Changed> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    // The index first: whatever has changed since (a group that a rule speaks of) stops the commit.
    const index = await context.ledger.read(INDEX)
    const held = await context.ledger.read(FLAG + name)
    const before = held === null ? null : (held.value as unknown as KeptFlag)
    checkRevision(name, held, asked.ifRevision)
    const at = context.clock.now()
    const wanted = await asked.to(before, at)
    if (wanted === 'as-it-is') return { before, after: before, revision: held?.revision ?? null }
    const after =
      wanted === null
        ? null
        : { ...wanted, createdAt: before?.createdAt ?? at, changedAt: at, changedBy: mover.by, reason: mover.reason }
    if (isRaised(before, after, at)) await refuseWhileStopped(context)
    const changes = [
      { key: FLAG + name, ifRevision: held?.revision ?? null, value: (after ?? undefined) as unknown as Json },
      nextIndex(index, at, Number(after !== null) - Number(before !== null)),
    ]
    const entries = await entriesOf(context, { name, action: asked.action, before, after, at }, mover)
    const answer = await context.ledger.commit(changes, entries)
    if (answer.kind === 'committed') return { before, after, revision: answer.revisions[0] ?? null }
    await standBack(context.clock, attempt)
  }
  throw new CutoverError('contended', `The flag ${name} is changed by too many at once. Try again.`)
}

export type FlagContext = Pick<EngineContext, 'ledger' | 'clock' | 'collections'>

export interface AskedChange {
  /** The verb, by its name. */
  action: string
  /** What it shall be; `null` deletes. May be asked again. */
  to: (before: KeptFlag | null, now: number) => Wanted | Promise<Wanted>
  /** The revision that the caller has seen; `null`: none, it must be absent. Absent: whatever is found. */
  ifRevision?: number | null | undefined
}

type Wanted = Flag | null | 'as-it-is'

export interface Changed {
  before: KeptFlag | null
  after: KeptFlag | null
  revision: number | null
}

/** All changes move the one index: of many at once each gets its turn. */
export const ATTEMPTS_MAX = 16
const STAND_BACK_MS = 5
const STAND_BACK_MS_MAX = 400

export async function standBack(clock: FlagContext['clock'], attempt: number): Promise<void> {
  await clock.sleep(clock.random() * Math.min(STAND_BACK_MS_MAX, STAND_BACK_MS * 2 ** attempt))
}

/** It gives more than before: what an emergency stop forbids. */
function isRaised(before: KeptFlag | null, after: KeptFlag | null, now: number): boolean {
  if (after === null || after.killed !== null || !after.on) return false
  if (before === null || before.killed !== null || !before.on) return true
  return effectivePercent(after, now) > effectivePercent(before, now)
}

/** Throws `conflict` naming who was there before, and when. */
export function checkRevision(name: string, held: Revised | null, wanted: number | null | undefined): void {
  if (wanted === undefined || (held?.revision ?? null) === wanted) return
  if (held === null) {
    const details = { reason: 'deleted-meanwhile' }
    throw new CutoverError('conflict', `${JSON.stringify(name)} has been deleted, or was never there.`, { details })
  }
  const { changedBy, changedAt } = held.value as unknown as Pick<KeptFlag, 'changedBy' | 'changedAt'>
  const at = new Date(changedAt).toISOString()
  const details = { reason: 'changed-meanwhile', by: changedBy, at, revision: held.revision }
  throw new CutoverError(
    'conflict',
    `${JSON.stringify(name)} was changed by ${changedBy} at ${at}. Read revision ${held.revision}, and change that.`,
    { details },
  )
}

/** The index, moved on: so many flags and groups more than before. */
export function nextIndex(index: Revised | null, at: number, flagsMore: number, groupsMore = 0): Change {
  const held = (index?.value ?? { flags: 0, groups: 0 }) as unknown as FlagIndex
  const [flags, groups] = [held.flags + flagsMore, held.groups + groupsMore]
  if ((flagsMore > 0 && flags > FLAGS_MAX) || (groupsMore > 0 && groups > GROUPS_MAX))
    throw new CutoverError('too-large', `There are at most ${FLAGS_MAX} flags and ${GROUPS_MAX} groups. Delete one.`)
  return { key: INDEX, ifRevision: index?.revision ?? null, value: { flags, groups, at } }
}

interface Told {
  name: string
  action: string
  before: KeptFlag | null
  after: KeptFlag | null
  at: number
}

async function entriesOf(context: FlagContext, told: Told, { by, reason }: Mover): Promise<Entry[]> {
  const { name, action, before, after, at } = told
  const audited = { flag: name, before: definitionOf(before), after: definitionOf(after) }
  const entry = auditEntry({
    at,
    by,
    action,
    collection: null,
    reason,
    before: { flag: name, definition: audited.before },
    after: { flag: name, definition: audited.after },
  })
  const from = before === null ? 0 : effectivePercent(before, at)
  const to = after === null ? 0 : effectivePercent(after, at)
  if (from === to) return [entry]
  const components = (await listComponents(context)).filter((one) => one.kind === 'flag' && one.flag === name)
  const moved = components.map((component) =>
    stateEntry('component', { at, component: component.name, what: 'rollout', flag: name, from, to, by, reason }),
  )
  return [entry, ...moved]
}

function definitionOf(flag: KeptFlag | null): Json {
  if (flag === null) return null
  const { createdAt, changedAt, changedBy, reason, ...definition } = flag
  return definition satisfies FlagDefinition as unknown as Json
}
