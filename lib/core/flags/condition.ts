import type { Json } from '../json.js'
import type { AttributeCondition, Condition, Groups, Scalar } from './definition.js'

/** Who asks, and what is known of them. */
export interface Subject {
  /** What hashes and groups go by; `null`: not given. */
  key: string | null
  /** What the caller says of itself: claims, which nobody has checked. */
  attributes: { readonly [name: string]: Json }
  /** Where the caller runs (`production`, ...); `null`: not known. */
  environment: string | null
  /** The variant that it was dealt before. */
  assigned?: string
}

/**
 * Whether a condition holds. What is not known satisfies neither a condition nor its negation, so that nobody is
 * targeted for want of an attribute:
 *
 * - an attribute that is missing, `null`, an object, or of a type that the operator does not take (`greater` and `less`
 *   take numbers; `starts-with` texts; `contains` texts and lists; `equals` and `in` texts, numbers and booleans);
 * - the environment, where none is given;
 * - the group, of a subject that has neither a key nor an attribute `groups`.
 *
 * Texts are compared exactly, and a number never equals a text. Attributes are the context's own members, not nested
 * ones; `targetingKey` is the key.
 */
export function holds(condition: Condition, subject: Subject, groups: Groups): boolean {
  return outcomeOf(condition, subject, groups) === 'holds'
}

export const OUTCOMES = ['holds', 'does-not-hold', 'not-known'] as const
export type ConditionOutcome = (typeof OUTCOMES)[number]

/** Of the condition as it stands, `not` and all. */
export function outcomeOf(condition: Condition, subject: Subject, groups: Groups): ConditionOutcome {
  const known = knownOf(condition, subject, groups)
  if (known === null) return 'not-known'
  return known === (condition.not ?? false) ? 'does-not-hold' : 'holds'
}

function knownOf(condition: Condition, subject: Subject, groups: Groups): boolean | null {
  switch (condition.on) {
    case 'attribute':
      return compare(condition, attributeOf(subject, condition.attribute))
    case 'environment':
      return subject.environment === null ? null : condition.environments.includes(subject.environment)
    case 'group':
      return isMember(condition.group, subject, groups)
  }
}

/** In the list of that name by its key, or by its own word in the attribute `groups`. */
function isMember(group: string, subject: Subject, groups: Groups): boolean | null {
  const claimed = attributeOf(subject, 'groups')
  if (Array.isArray(claimed) && claimed.includes(group)) return true
  if (claimed === group) return true
  if (subject.key !== null) return groups.get(group)?.has(subject.key) ?? false
  return claimed === undefined ? null : false
}

function compare({ operator, value }: AttributeCondition, found: Json | undefined): boolean | null {
  switch (operator) {
    case 'equals':
      return isScalar(found) ? found === value : null
    case 'in':
      return isScalar(found) && Array.isArray(value) ? value.includes(found) : null
    case 'contains':
      if (Array.isArray(found)) return found.some((one) => one === value)
      return typeof found === 'string' && typeof value === 'string' ? found.includes(value) : null
    case 'starts-with':
      return typeof found === 'string' && typeof value === 'string' ? found.startsWith(value) : null
    case 'greater':
      return typeof found === 'number' && typeof value === 'number' ? found > value : null
    case 'less':
      return typeof found === 'number' && typeof value === 'number' ? found < value : null
  }
}

function attributeOf({ key, attributes }: Subject, name: string): Json | undefined {
  if (name === 'targetingKey') return key ?? undefined
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined
}

function isScalar(value: Json | undefined): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
