import type { Flag, FlagGroup, Groups } from '../../core/flags/definition.js'
import type { Evaluable } from '../../core/flags/evaluate.js'
import type { Json } from '../../core/json.js'
import type { Ledger } from '../../ports/ledger.js'

/**
 * Flags and groups as documents of the ledger, under one index that every change of any of them moves on in the same
 * commit: whoever has read everything at one revision of the index need read no more than the index until it moves.
 */
export interface Snapshot {
  /** Revision of the index; 0: nothing was ever kept. */
  revision: number
  at: number
  flags: ReadonlyMap<string, NamedFlag>
  groups: ReadonlyMap<string, KeptGroup>
}

/** A flag with the groups it may speak of, as `evaluate` takes it. */
export interface NamedFlag extends KeptFlag, Evaluable {
  /** Of its document: the one to change it from. */
  revision: number
}

export interface KeptFlag extends Flag {
  /** Wall-clock milliseconds. */
  createdAt: number
  changedAt: number
  changedBy: string
  reason: string
}

export interface KeptGroup extends FlagGroup {
  revision: number
  changedAt: number
  changedBy: string
  reason: string
}

export interface FlagIndex {
  flags: number
  groups: number
  /** Wall-clock milliseconds of the latest change: a ledger that was removed and begun anew counts from 1 again. */
  at: number
}

export const FLAG = 'flag/'
export const GROUP = 'flag-group/'
export const INDEX = 'flag-index'
export const FLAGS_MAX = 1_000
export const GROUPS_MAX = 200
export const PAGE = 200

const held = new WeakMap<Ledger, Snapshot>()

/**
 * All flags and groups. One access where nothing has changed since this process last asked. A change that is made
 * while this reads may be in it already; the index then says so, and the next call reads again.
 */
export async function readSnapshot(ledger: Ledger): Promise<Snapshot> {
  const index = await ledger.read(INDEX)
  const revision = index?.revision ?? 0
  const known = held.get(ledger)
  const at = (index?.value as unknown as FlagIndex | undefined)?.at ?? 0
  if (known !== undefined && known.revision === revision && known.at === at) return known
  const groups = await readGroups(ledger)
  const memberships: Groups = new Map([...groups].map(([name, { members }]) => [name, new Set(members)]))
  const flags = new Map<string, NamedFlag>()
  for (const { revision: own, value } of await readAll(ledger, FLAG, FLAGS_MAX)) {
    const flag = value as unknown as KeptFlag
    flags.set(flag.name, { ...flag, variants: frozen(flag.variants), revision: own, groups: memberships })
  }
  const snapshot = { revision, at, flags, groups }
  held.set(ledger, snapshot)
  return snapshot
}

async function readGroups(ledger: Ledger): Promise<Map<string, KeptGroup>> {
  const groups = new Map<string, KeptGroup>()
  for (const { revision, value } of await readAll(ledger, GROUP, GROUPS_MAX)) {
    const group = value as unknown as Omit<KeptGroup, 'revision'>
    groups.set(group.name, { ...group, revision })
  }
  return groups
}

/** Documents below a prefix, with their revisions. */
export async function readAll(
  ledger: Ledger,
  prefix: string,
  most: number,
): Promise<{ revision: number; value: Json }[]> {
  const all: { revision: number; value: Json }[] = []
  let after: string | null = null
  for (let page = 0; page <= Math.ceil(most / PAGE) + PAGES_BY_BYTES_MAX; page++) {
    const { items, end } = await ledger.list(prefix, after, PAGE)
    all.push(...items)
    after = items.at(-1)?.key ?? null
    if (end || after === null) break
  }
  return all
}

/** Pages that are shorter than asked for, because an answer holds only so many bytes. */
const PAGES_BY_BYTES_MAX = 100

/** Everybody is given the same value: nobody may change it for the others. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}
