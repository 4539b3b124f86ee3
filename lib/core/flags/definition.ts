import type { Json } from '../json.js'

/**
 * A named flag as operators define it. What it gives a subject is decided by `evaluate`, from this and nothing else.
 *
 * In order: a kill, being off and being outside `from`..`until` give `fallback` to everybody; then the first rule whose
 * conditions all hold decides; a subject that no rule takes is in or out by `rollout`.
 */
export interface FlagDefinition {
  name: string
  description: string
  kind: FlagKind
  /** What the flag may give, by name; every value is of the flag's kind. */
  variants: { readonly [variant: string]: Json }
  /** The variant for whoever is not in. */
  fallback: string
  on: boolean
  rules: readonly Rule[]
  rollout: Rollout
  /** What its hashes are salted with: flags of different salts fall independently. Another salt deals anew. */
  salt: string
  /** Whoever was dealt a variant keeps it when percentages and weights change. */
  sticky: boolean
  /** Wall-clock milliseconds: the fallback before the one, and at and after the other. */
  from: number | null
  until: number | null
  /** The percentage of `rollout` from a time on, in the order of time; before the first, it is that of `rollout`. */
  schedule: readonly ScheduledPercent[]
}

/** A flag as it is kept: the definition, and what is over it. */
export interface Flag extends FlagDefinition {
  /** Gives the fallback to everybody whatever else is said, until it is lifted by name. */
  killed: { at: number; by: string; reason: string } | null
}

export const FLAG_KINDS = ['boolean', 'string', 'number', 'json'] as const
export type FlagKind = (typeof FLAG_KINDS)[number]

/** A share of the subjects, and what they are dealt. */
export interface Rollout {
  /** 0 to 100, in steps of 0.001: the subjects whose bucket lies below it are in. */
  percent: number
  /** Variants of those who are in, by weight; dealt by a second hash, so that the percentage moves nobody between them. */
  split: readonly Share[]
}

export interface Share {
  variant: string
  /** A whole number above 0, relative to the sum of all. */
  weight: number
}

export interface Rule {
  /** All must hold. */
  when: readonly Condition[]
  rollout: Rollout
}

/** `not`: the condition must be known not to hold. What is not known (a missing attribute) satisfies neither. */
export type Condition = (AttributeCondition | EnvironmentCondition | GroupCondition) & { not?: boolean }

export interface AttributeCondition {
  on: 'attribute'
  attribute: string
  operator: Operator
  /** `in` takes a list; `greater` and `less` numbers; `contains` and `starts-with` texts (`contains` any, in a list). */
  value: Scalar | readonly Scalar[]
}

export interface EnvironmentCondition {
  on: 'environment'
  environments: readonly string[]
}

export interface GroupCondition {
  on: 'group'
  group: string
}

export const OPERATORS = ['equals', 'in', 'contains', 'starts-with', 'greater', 'less'] as const
export type Operator = (typeof OPERATORS)[number]
export type Scalar = boolean | number | string

export interface ScheduledPercent {
  /** Wall-clock milliseconds. */
  at: number
  percent: number
}

/** A named list of subjects. */
export interface FlagGroup {
  name: string
  description: string
  /** Targeting keys. */
  members: readonly string[]
}

/** Members of every group, by its name. */
export type Groups = ReadonlyMap<string, ReadonlySet<string>>

export const FLAG_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/

/** Names that belong to the views on collections' stages, of whatever collections there are. */
export function isViewName(name: string): boolean {
  return /^redis_(read|write)_/.test(name) || name === 'redis_mcp_tools' || name === 'migration_mode'
}
