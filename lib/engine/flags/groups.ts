import { CutoverError } from '../../core/error.js'
import { faultsOfGroup } from '../../core/flags/check.js'
import type { FlagGroup } from '../../core/flags/definition.js'
import type { Json } from '../../core/json.js'
import { auditEntry } from '../audit.js'
import type { EngineContext } from '../context.js'
import type { Mover } from '../stages/move.js'
import { ATTEMPTS_MAX, checkRevision, nextIndex, standBack } from './change.js'
import { groupsIn } from './flags.js'
import { GROUP, INDEX, type KeptGroup, readSnapshot } from './kept.js'

type GroupContext = Pick<EngineContext, 'ledger' | 'clock'>

export async function listGroups({ ledger }: Pick<EngineContext, 'ledger'>): Promise<KeptGroup[]> {
  return [...(await readSnapshot(ledger)).groups.values()]
}

/** Throws `not-found`. */
export async function readGroup({ ledger }: Pick<EngineContext, 'ledger'>, name: string): Promise<KeptGroup> {
  const group = (await readSnapshot(ledger)).groups.get(name)
  if (group === undefined) throw noSuchGroup(name)
  return group
}

/** As `putNamedFlag`: `ifRevision` is the revision it was made from; without one the group must not be there yet. */
export async function putGroup(
  context: GroupContext,
  group: FlagGroup,
  mover: Mover,
  ifRevision: number | null = null,
): Promise<KeptGroup> {
  const faults = faultsOfGroup(group)
  if (faults.length > 0)
    throw new CutoverError('invalid-input', `The group is not accepted. ${faults.join(' ')}`, { details: { faults } })
  const members = [...new Set(group.members)]
  const kept = await commitGroup(context, group.name, { ...group, members }, mover, ifRevision)
  if (kept === null) throw new CutoverError('internal', 'A group that was kept is absent.')
  return kept
}

/** A group that rules speak of is not deleted: `conflict` naming the flags. */
export async function deleteGroup(
  context: GroupContext,
  name: string,
  mover: Mover,
  ifRevision?: number,
): Promise<void> {
  await commitGroup(context, name, null, mover, ifRevision)
}

async function commitGroup(
  { ledger, clock }: GroupContext,
  name: string,
  wanted: FlagGroup | null,
  mover: Mover,
  ifRevision: number | null | undefined,
): Promise<KeptGroup | null> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    // The index first: whatever has changed since stops the commit.
    const index = await ledger.read(INDEX)
    const held = await ledger.read(GROUP + name)
    checkRevision(name, held, ifRevision)
    const before = held === null ? null : (held.value as unknown as KeptGroup)
    if (wanted === null) checkUnused(name, before, [...(await readSnapshot(ledger)).flags.values()])
    const at = clock.now()
    const kept = wanted === null ? null : { ...wanted, changedAt: at, changedBy: mover.by, reason: mover.reason }
    const changes = [
      { key: GROUP + name, ifRevision: held?.revision ?? null, value: (kept ?? undefined) as unknown as Json },
      nextIndex(index, at, 0, Number(kept !== null) - Number(before !== null)),
    ]
    const action = wanted === null ? 'delete-flag-group' : 'put-flag-group'
    const sides = { before: sideOf(name, before, wanted), after: sideOf(name, wanted, before) }
    const entry = auditEntry({ at, ...mover, action, collection: null, ...sides })
    const answer = await ledger.commit(changes, [entry])
    if (answer.kind === 'committed') return kept === null ? null : { ...kept, revision: answer.revisions[0] ?? 0 }
    await standBack(clock, attempt)
  }
  throw new CutoverError('contended', `The group ${name} is changed by too many at once. Try again.`)
}

const AUDITED_MEMBERS_MAX = 100

/** A list may be long: the trail has its size, and the first of those that only this side has. */
function sideOf(name: string, side: FlagGroup | null, other: FlagGroup | null): Json {
  if (side === null) return null
  const others = new Set(other?.members ?? [])
  const only = side.members.filter((member) => !others.has(member))
  return { group: name, members: side.members.length, only: only.slice(0, AUDITED_MEMBERS_MAX) }
}

function checkUnused(name: string, group: KeptGroup | null, flags: Parameters<typeof groupsIn>[0][]): void {
  if (group === null) throw noSuchGroup(name)
  const using = flags.filter((flag) => groupsIn(flag).includes(name)).map((flag) => flag.name)
  if (using.length === 0) return
  const details = { reason: 'in-use', flags: using }
  throw new CutoverError('conflict', `The group ${name} is used by ${using.join(', ')}.`, { details })
}

function noSuchGroup(name: string): CutoverError {
  return new CutoverError('not-found', `There is no group ${JSON.stringify(name.slice(0, 100))}.`)
}
