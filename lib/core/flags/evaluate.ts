import type { Json } from '../json.js'
import { hash32 } from '../slot.js'
import { holds, type Subject } from './condition.js'
import type { Flag, Groups, Rollout, Share } from './definition.js'
import { percentAt } from './schedule.js'

/**
 * What a flag gives a subject. Pure: the same flag, groups, subject and time give the same answer everywhere.
 *
 * - Stable: a subject's bucket comes from the flag's salt and the subject's key alone.
 * - Monotone: raising a percentage only ever adds subjects, and moves nobody between variants.
 * - It never throws. A subject without a key where a hash would have to decide gets the fallback, with reason `ERROR`.
 */
export function evaluate(flag: Evaluable, subject: Subject, now: number): Evaluation {
  const disabled = whyDisabled(flag, now)
  if (disabled !== null) return given(flag, flag.fallback, 'DISABLED', disabled)
  const rule = flag.rules.findIndex(({ when }) => when.every((condition) => holds(condition, subject, flag.groups)))
  const taken = flag.rules[rule]
  if (taken !== undefined) return deal(flag, subject, taken.rollout, taken.rollout.percent, rule)
  return deal(flag, subject, flag.rollout, percentAt(flag, now), null)
}

/** A flag with the groups that its rules speak of. */
export type Evaluable = Flag & { readonly groups: Groups }

export interface Evaluation {
  value: Json
  variant: string
  reason: Reason
  because: Because
  /** Which rule decided, counted from 0. */
  rule: number | null
  /** The subject's bucket where the hash was looked at. */
  bucket: number | null
}

/** In the words of OpenFeature. */
export type Reason = 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED' | 'ERROR'

export const BECAUSE = [
  'killed',
  'off',
  'not-yet', // before `from`
  'over', // at or after `until`
  'everybody', // 100 % of those whom it concerns, one variant
  'nobody', // 0 %
  'rolled-out', // its bucket is below the percentage
  'left-out', // its bucket is not
  'kept', // dealt before, and sticky
  'no-key', // the hash has nothing to go by
] as const
export type Because = (typeof BECAUSE)[number]

/** Buckets of 1/1,000 of a percent. */
export const BUCKETS = 100_000

/** The bucket of a subject, 0..99,999: the 32-bit hash scaled, without the bias of a modulo. */
export function bucketOf(salt: string, key: string): number {
  return Math.floor((hash32(`${salt}\n${key}`) / 2 ** 32) * BUCKETS)
}

function whyDisabled(flag: Flag, now: number): Because | null {
  if (flag.killed !== null) return 'killed'
  if (!flag.on) return 'off'
  if (flag.from !== null && now < flag.from) return 'not-yet'
  return flag.until !== null && now >= flag.until ? 'over' : null
}

function deal(flag: Evaluable, subject: Subject, rollout: Rollout, percent: number, rule: number | null): Evaluation {
  const settled: Reason = rule !== null ? 'TARGETING_MATCH' : flag.rules.length > 0 ? 'DEFAULT' : 'STATIC'
  const [first] = rollout.split
  if (percent <= 0 || first === undefined) return given(flag, flag.fallback, settled, 'nobody', rule)
  if (percent >= 100 && rollout.split.length === 1) return given(flag, first.variant, settled, 'everybody', rule)
  const { key, assigned } = subject
  if (key === null) return given(flag, flag.fallback, 'ERROR', 'no-key', rule)
  const bucket = bucketOf(flag.salt, key)
  if (flag.sticky && rollout.split.some(({ variant }) => variant === assigned))
    return given(flag, assigned ?? flag.fallback, 'SPLIT', 'kept', rule, bucket)
  if (bucket >= Math.round(percent * (BUCKETS / 100)))
    return given(flag, flag.fallback, 'SPLIT', 'left-out', rule, bucket)
  return given(flag, dealt(rollout.split, flag.salt, key), 'SPLIT', 'rolled-out', rule, bucket)
}

/** By a hash of its own: the percentage says who is in, and never who gets what. */
function dealt(split: readonly Share[], salt: string, key: string): string {
  const sum = split.reduce((total, { weight }) => total + weight, 0)
  const at = (hash32(`${salt}\nsplit\n${key}`) / 2 ** 32) * sum
  let reached = 0
  for (const { variant, weight } of split) {
    reached += weight
    if (at < reached) return variant
  }
  return split.at(-1)?.variant ?? ''
}

function given(
  flag: Flag,
  variant: string,
  reason: Reason,
  because: Because,
  rule: number | null = null,
  bucket: number | null = null,
): Evaluation {
  const value = Object.hasOwn(flag.variants, variant) ? (flag.variants[variant] ?? null) : null
  return { value, variant, reason, because, rule, bucket }
}
