import type { Counts } from './reckoned.js'

/** Everything that is compared; `firstUses` aside, which are estimated once and not where they come about. */
export type Amounts = Omit<Counts, 'firstUses'>

/** One piece of a migration: what was estimated of it before anything began, and what was counted. */
export interface Compared {
  kind: 'all' | 'stage changes' | 'back-fill' | 'validation' | 'export' | 'clean-up' | 'traffic' | 'autopilot and watch'
  what: string
  estimated: Amounts
  counted: Amounts
  /** Texts of scripts, which are not among the commands counted. */
  firstUses: number
}

export const NOTHING: Amounts = { commands: 0, messages: 0, bytes: 0, documentReads: 0, documentWrites: 0 }

export function comparedOf(kind: Compared['kind'], what: string, estimated: Amounts, counts: Counts): Compared {
  const { firstUses, ...counted } = counts
  return { kind, what, estimated, counted: { ...counted, commands: counted.commands - firstUses }, firstUses }
}

/** Of what the estimate tells of a step, of an action, or in all. */
export function amountsOf(told: Omit<Amounts, 'bytes'> & { bytesIn: number; bytesOut: number }): Amounts {
  const { commands, messages, bytesIn, bytesOut, documentReads, documentWrites } = told
  return { commands, messages, bytes: bytesIn + bytesOut, documentReads, documentWrites }
}

export function added(one: Amounts, other: Amounts): Amounts {
  return combined(one, other, 1)
}

export function less(one: Amounts, other: Amounts): Amounts {
  return combined(one, other, -1)
}

export function summed(compared: readonly Compared[], of: 'estimated' | 'counted'): Amounts {
  return compared.map((one) => one[of]).reduce(added, NOTHING)
}

function combined(one: Amounts, other: Amounts, factor: 1 | -1): Amounts {
  const names = Object.keys(NOTHING) as (keyof Amounts)[]
  return Object.fromEntries(names.map((name) => [name, one[name] + factor * other[name]])) as unknown as Amounts
}
