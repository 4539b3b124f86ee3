import { CutoverError } from '../../core/error.js'
import { faultsOfFlag, isPercent, PERCENT } from '../../core/flags/check.js'
import type { Flag, FlagDefinition } from '../../core/flags/definition.js'
import { effectivePercent } from '../../core/flags/schedule.js'
import type { EngineContext } from '../context.js'
import type { Mover } from '../stages/move.js'
import { type Changed, changeFlag, type FlagContext } from './change.js'
import { forgetCohorts } from './cohorts.js'
import { type KeptFlag, type NamedFlag, readSnapshot } from './kept.js'

/** Every named flag, by name. The views on stages are no named flags. */
export async function listNamedFlags({ ledger }: Pick<EngineContext, 'ledger'>): Promise<NamedFlag[]> {
  return [...(await readSnapshot(ledger)).flags.values()]
}

/** Throws `not-found`. */
export async function readNamedFlag({ ledger }: Pick<EngineContext, 'ledger'>, name: string): Promise<NamedFlag> {
  const flag = (await readSnapshot(ledger)).flags.get(name)
  if (flag === undefined) throw noSuchFlag(name)
  return flag
}

/**
 * Keeps a definition. `ifRevision` is the revision it was made from; without one the flag must not be there yet. A kill
 * that lies over the flag stays. Throws `invalid-input` naming every fault, `conflict` naming who was there before.
 */
export async function putNamedFlag(
  context: FlagContext,
  definition: FlagDefinition,
  mover: Mover,
  ifRevision: number | null = null,
): Promise<Changed> {
  refuse(faultsOfFlag(definition))
  const to = async (before: KeptFlag | null): Promise<Flag> => {
    const { groups } = await readSnapshot(context.ledger)
    refuse(groupsIn(definition).flatMap((group) => (groups.has(group) ? [] : [`There is no group ${group}.`])))
    return { ...definition, killed: before?.killed ?? null }
  }
  return changeFlag(context, definition.name, { action: 'put-flag', to, ifRevision }, mover)
}

/**
 * Sends a share of the subjects to what the flag rolls out: 0 switches it off, and everybody gets the fallback; more
 * switches it on. Steps of the schedule are dropped, so that nothing undoes this later. Answers the percentages that
 * took and take effect. A flag that was killed is not raised: `conflict`.
 */
export async function setRollout(
  context: FlagContext,
  name: string,
  percent: number,
  mover: Mover,
): Promise<{ before: number; after: number }> {
  const { before, after } = await setNamedFlag(context, name, percent, mover)
  const now = context.clock.now()
  return { before: percentOf(before, now), after: percentOf(after, now) }
}

/** On as it is defined, off, or on with a percentage; see `setRollout`. */
export async function setNamedFlag(
  context: FlagContext,
  name: string,
  value: boolean | number | string,
  mover: Mover,
  ifRevision?: number,
): Promise<Changed> {
  if (typeof value === 'string' || (typeof value === 'number' && !isPercent(value)))
    throw new CutoverError('invalid-input', `A named flag is set to true, false, or a percentage: ${PERCENT}.`)
  const to = (before: KeptFlag | null): Flag | 'as-it-is' => {
    const flag = existing(name, before)
    const on = typeof value === 'boolean' ? value : value > 0
    if (on) checkAlive(flag)
    if (typeof value === 'boolean') return flag.on === on ? 'as-it-is' : { ...flag, on }
    const same = flag.on === on && flag.rollout.percent === value && flag.schedule.length === 0
    return same ? 'as-it-is' : { ...flag, on, rollout: { ...flag.rollout, percent: value }, schedule: [] }
  }
  return changeFlag(context, name, { action: 'set-flag', to, ifRevision }, mover)
}

/** Gives everybody the fallback, over everything else, until the kill is lifted. */
export async function killFlag(context: FlagContext, name: string, mover: Mover): Promise<Changed> {
  const to = (before: KeptFlag | null, at: number): Flag | 'as-it-is' => {
    const flag = existing(name, before)
    return flag.killed === null ? { ...flag, killed: { at, by: mover.by, reason: mover.reason } } : 'as-it-is'
  }
  return changeFlag(context, name, { action: 'kill-flag', to }, mover)
}

/** What was under the kill is in effect again. */
export async function reviveFlag(context: FlagContext, name: string, mover: Mover): Promise<Changed> {
  const to = (before: KeptFlag | null): Flag | 'as-it-is' => {
    const flag = existing(name, before)
    return flag.killed === null ? 'as-it-is' : { ...flag, killed: null }
  }
  return changeFlag(context, name, { action: 'revive-flag', to }, mover)
}

/** With what its subjects were dealt. A flag made again under the name deals anew. */
export async function deleteFlag(
  context: FlagContext,
  name: string,
  mover: Mover,
  ifRevision?: number,
): Promise<Changed> {
  const to = (before: KeptFlag | null): null => {
    existing(name, before)
    return null
  }
  const deleted = await changeFlag(context, name, { action: 'delete-flag', to, ifRevision }, mover)
  await forgetCohorts(context.ledger, name)
  return deleted
}

export function groupsIn({ rules }: FlagDefinition): string[] {
  return rules.flatMap(({ when }) => when.flatMap((one) => (one.on === 'group' ? [one.group] : [])))
}

export function noSuchFlag(name: string): CutoverError {
  return new CutoverError('not-found', `There is no flag ${JSON.stringify(name.slice(0, 100))}.`)
}

function existing(name: string, flag: KeptFlag | null): KeptFlag {
  if (flag === null) throw noSuchFlag(name)
  return flag
}

function checkAlive({ name, killed }: KeptFlag): void {
  if (killed === null) return
  const at = new Date(killed.at).toISOString()
  const details = { reason: 'killed', by: killed.by, at }
  throw new CutoverError('conflict', `${killed.by} killed the flag ${name} at ${at}. Lift that first.`, { details })
}

function percentOf(flag: KeptFlag | null, now: number): number {
  return flag === null ? 0 : effectivePercent(flag, now)
}

function refuse(faults: string[]): void {
  if (faults.length === 0) return
  throw new CutoverError('invalid-input', `The flag is not accepted. ${faults.join(' ')}`, { details: { faults } })
}
