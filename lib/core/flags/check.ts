import type { Json } from '../json.js'
import { faultIn } from '../json-value.js'
import {
  type AttributeCondition,
  type Condition,
  FLAG_KINDS,
  FLAG_NAME,
  type FlagDefinition,
  type FlagGroup,
  type FlagKind,
  isViewName,
  OPERATORS,
  type Rollout,
} from './definition.js'

/** What bounds a flag, so that it can be evaluated in microseconds and all of them fit into memory. */
export const FLAG_BYTES_MAX = 32_768
export const RULES_MAX = 50
export const CONDITIONS_MAX = 20
export const VARIANTS_MAX = 20
export const STEPS_MAX = 50
export const LIST_VALUES_MAX = 500
export const MEMBERS_MAX = 5_000
/** Characters of a targeting key. */
export const KEY_CHARS_MAX = 256

/** Everything that is wrong with a definition, as sentences. What passes is evaluated without any further check. */
export function faultsOfFlag(flag: FlagDefinition): string[] {
  const faults: string[] = []
  if (!FLAG_NAME.test(flag.name)) faults.push('The name is a letter, then up to 63 letters, digits, "_", "." or "-".')
  if (isViewName(flag.name)) faults.push(`The name ${flag.name} belongs to the views on collections' stages.`)
  if (!/^[\x21-\x7e]{1,64}$/.test(flag.salt)) faults.push('The salt is 1 to 64 visible ASCII characters.')
  if (!FLAG_KINDS.includes(flag.kind)) faults.push(`The kind is one of ${FLAG_KINDS.join(', ')}.`)
  faults.push(...variantFaults(flag), ...rolloutFaults(flag, flag.rollout, 'The rollout'))
  if (flag.rules.length > RULES_MAX) faults.push(`There are more than ${RULES_MAX} rules.`)
  for (const [number, { when, rollout }] of flag.rules.entries()) {
    const place = `Rule ${number}`
    if (when.length === 0) faults.push(`${place} has no condition.`)
    if (when.length > CONDITIONS_MAX) faults.push(`${place} has more than ${CONDITIONS_MAX} conditions.`)
    faults.push(...rolloutFaults(flag, rollout, place), ...when.flatMap((one) => conditionFaults(one, place)))
  }
  faults.push(...timeFaults(flag))
  if (faults.length === 0 && bytesOf(flag) > FLAG_BYTES_MAX) faults.push(`It is larger than ${FLAG_BYTES_MAX} bytes.`)
  return faults
}

export function faultsOfGroup({ name, members }: FlagGroup): string[] {
  const faults: string[] = []
  if (!FLAG_NAME.test(name)) faults.push('The name is a letter, then up to 63 letters, digits, "_", "." or "-".')
  if (members.length > MEMBERS_MAX) faults.push(`There are more than ${MEMBERS_MAX} members.`)
  if (members.some((member) => !isKey(member))) faults.push(`Members are texts of 1 to ${KEY_CHARS_MAX} characters.`)
  return faults
}

export function isKey(key: unknown): key is string {
  return typeof key === 'string' && key.length >= 1 && key.length <= KEY_CHARS_MAX && key.isWellFormed()
}

export function isOfKind(kind: FlagKind, value: Json): boolean {
  if (kind === 'json') return typeof value === 'object' && value !== null
  return typeof value === kind
}

function variantFaults({ kind, variants, fallback }: FlagDefinition): string[] {
  const faults: string[] = []
  const names = Object.keys(variants)
  if (names.length === 0 || names.length > VARIANTS_MAX) faults.push(`There are 1 to ${VARIANTS_MAX} variants.`)
  for (const name of names) {
    const value = variants[name] ?? null
    if (!FLAG_NAME.test(name)) faults.push(`The variant ${JSON.stringify(name)} is not named as flags are.`)
    if (!isOfKind(kind, value)) faults.push(`The variant ${JSON.stringify(name)} is not ${WANTED[kind]}.`)
    if (faultIn(value) !== null) faults.push(`The variant ${JSON.stringify(name)} is not plain JSON.`)
  }
  if (!Object.hasOwn(variants, fallback))
    faults.push(`The fallback ${JSON.stringify(fallback)} is none of the variants.`)
  return faults
}

const WANTED: { readonly [kind in FlagKind]: string } = {
  boolean: 'true or false',
  string: 'a text',
  number: 'a number',
  json: 'an object or a list',
}

function rolloutFaults({ variants }: FlagDefinition, { percent, split }: Rollout, place: string): string[] {
  const faults: string[] = []
  if (!isPercent(percent)) faults.push(`${place} has a percentage that is not ${PERCENT}.`)
  if (split.length === 0 || split.length > VARIANTS_MAX) faults.push(`${place} splits among 1 to ${VARIANTS_MAX}.`)
  for (const { variant, weight } of split) {
    if (!Object.hasOwn(variants, variant))
      faults.push(`${place} gives ${JSON.stringify(variant)}, which is no variant.`)
    if (!Number.isInteger(weight) || weight < 1 || weight > WEIGHT_MAX)
      faults.push(`${place} has a weight that is not a whole number from 1 to ${WEIGHT_MAX}.`)
  }
  if (new Set(split.map(({ variant }) => variant)).size < split.length) faults.push(`${place} names a variant twice.`)
  return faults
}

const WEIGHT_MAX = 1_000_000
export const PERCENT = '0 to 100 in steps of 0.001'

export function isPercent(percent: number): boolean {
  const steps = percent * 1_000
  return percent >= 0 && percent <= 100 && Math.abs(steps - Math.round(steps)) < 1e-6
}

function conditionFaults(condition: Condition, place: string): string[] {
  if (condition.on === 'environment')
    return condition.environments.length >= 1 && condition.environments.length <= LIST_VALUES_MAX
      ? []
      : [`${place} names 1 to ${LIST_VALUES_MAX} environments.`]
  if (condition.on === 'group') return FLAG_NAME.test(condition.group) ? [] : [`${place} names no group.`]
  return attributeFaults(condition, place)
}

function attributeFaults({ attribute, operator, value }: AttributeCondition, place: string): string[] {
  const faults = attribute === '' || attribute.length > KEY_CHARS_MAX ? [`${place} names no attribute.`] : []
  const fits = {
    equals: !Array.isArray(value),
    in: Array.isArray(value) && value.length >= 1 && value.length <= LIST_VALUES_MAX,
    contains: !Array.isArray(value),
    'starts-with': typeof value === 'string',
    greater: typeof value === 'number',
    less: typeof value === 'number',
  }
  if (!OPERATORS.includes(operator)) return [...faults, `${place} has an operator that is none.`]
  return fits[operator] ? faults : [...faults, `${place} compares "${operator}" with what it does not take.`]
}

function timeFaults({ from, until, schedule }: FlagDefinition): string[] {
  const faults: string[] = []
  const isTime = (at: number | null) => at === null || (Number.isSafeInteger(at) && at >= 0)
  if (!isTime(from) || !isTime(until) || !schedule.every(({ at }) => isTime(at)))
    faults.push('Times are whole milliseconds since 1970.')
  if (from !== null && until !== null && from >= until) faults.push('It begins no earlier than it ends.')
  if (schedule.length > STEPS_MAX) faults.push(`The schedule has more than ${STEPS_MAX} steps.`)
  if (!schedule.every(({ percent }) => isPercent(percent)))
    faults.push(`A step has a percentage that is not ${PERCENT}.`)
  if (schedule.some(({ at }, number) => at <= (schedule[number - 1]?.at ?? Number.NEGATIVE_INFINITY)))
    faults.push('The steps of the schedule are not in the order of their times.')
  return faults
}

function bytesOf(flag: FlagDefinition): number {
  return new TextEncoder().encode(JSON.stringify(flag)).length
}
