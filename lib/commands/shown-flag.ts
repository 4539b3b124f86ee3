import * as z from 'zod'
import { CutoverError } from '../core/error.js'
import { KEY_CHARS_MAX, LIST_VALUES_MAX } from '../core/flags/check.js'
import { FLAG_KINDS, type FlagDefinition, OPERATORS } from '../core/flags/definition.js'
import { effectivePercent } from '../core/flags/schedule.js'
import { isJsonObject, type Json, type JsonObject } from '../core/json.js'
import { parseJsonText } from '../core/json-text.js'
import type { KeptFlag, KeptGroup, NamedFlag } from '../engine/flags/kept.js'
import type { Flag as View } from '../engine/flags/stages.js'
import { flagShape } from './shapes.js'

/** Flags and groups as operators write and see them: times as texts, what has a usual value left out if it is that. */
export const flagNameInput = z.strictObject({ name: z.string().min(1).max(100).describe('Name of the flag') })

export const revisionInput = z.strictObject({
  revision: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('The revision that this was decided on; refused with who was there before if another is kept by now'),
})

const time = z.iso.datetime({ offset: true })
const percent = z.number().min(0).max(100).describe('0 to 100 in steps of 0.001')
const split = z
  .array(z.strictObject({ variant: z.string(), weight: z.number().int().min(1).default(1) }))
  .min(1)
  .describe('Variants of those who are in, by weight')
const not = z.boolean().optional().describe('It must be known not to hold')
const scalar = z.union([z.boolean(), z.number(), z.string().max(KEY_CHARS_MAX)])

const condition = z.discriminatedUnion('on', [
  z.strictObject({
    on: z.literal('attribute'),
    attribute: z.string().min(1),
    operator: z.enum(OPERATORS),
    value: z.union([scalar, z.array(scalar).max(LIST_VALUES_MAX)]),
    not,
  }),
  z.strictObject({ on: z.literal('environment'), environments: z.array(z.string().min(1)), not }),
  z.strictObject({ on: z.literal('group'), group: z.string().min(1), not }),
])

const usualSplit = [{ variant: 'on', weight: 1 }]

export const definitionShape = z.strictObject({
  description: z.string().max(1_000).default(''),
  kind: z.enum(FLAG_KINDS).default('boolean'),
  variants: z.record(z.string(), z.json()).default({ on: true, off: false }).describe('What it may give, by name'),
  fallback: z.string().default('off').describe('The variant of whoever is not in'),
  on: z.boolean().default(true),
  rules: z
    .array(
      z.strictObject({
        when: z.array(condition).min(1),
        rollout: z.strictObject({ percent: percent.default(100), split }),
      }),
    )
    .default([])
    .describe('The first whose conditions all hold decides'),
  rollout: z
    .strictObject({ percent, split: split.default(usualSplit) })
    .default({ percent: 0, split: usualSplit })
    .describe('For whoever no rule takes'),
  salt: z.string().optional().describe('Of its hashes. Default: its name'),
  sticky: z.boolean().default(false).describe('Whoever was dealt a variant keeps it'),
  from: time.nullable().default(null),
  until: time.nullable().default(null),
  schedule: z
    .array(z.strictObject({ at: time, percent }))
    .default([])
    .describe('Percentages from times on'),
})

export function definitionOf(name: string, shown: z.output<typeof definitionShape>): FlagDefinition {
  const { salt = name, from, until, schedule, rules, variants, ...rest } = shown
  return {
    ...rest,
    name,
    salt,
    variants: variants as FlagDefinition['variants'],
    rules: rules as FlagDefinition['rules'],
    from: from === null ? null : Date.parse(from),
    until: until === null ? null : Date.parse(until),
    schedule: schedule.map(({ at, percent: to }) => ({ at: Date.parse(at), percent: to })),
  }
}

/** What `put-flag` takes again. */
export function shownDefinition(flag: FlagDefinition): z.input<typeof definitionShape> {
  const { description, kind, variants, fallback, on, rules, rollout, salt, sticky, from, until, schedule } = flag
  return {
    description,
    kind,
    variants: variants as { [name: string]: Json },
    fallback,
    on,
    rules: structuredClone(rules) as z.input<typeof definitionShape>['rules'],
    rollout: { percent: rollout.percent, split: [...rollout.split] },
    salt,
    sticky,
    from: orIso(from),
    until: orIso(until),
    schedule: schedule.map(({ at, percent: to }) => ({ at: isoOf(at), percent: to })),
  }
}

const killShape = z.object({ at: z.string(), by: z.string(), reason: z.string() }).nullable()

export const listedFlagShape = flagShape.extend({
  view: z.boolean().describe("A view on collections' stages"),
  killed: killShape.describe('The fallback for everybody, over everything else'),
  revision: z.number().int().nullable().describe('What to change it from; null for a view'),
  definition: definitionShape.nullable().describe('null for a view'),
  changedAt: z.string().nullable(),
  changedBy: z.string().nullable(),
})

export function shownView(view: View): z.input<typeof listedFlagShape> {
  return { ...view, view: true, killed: null, revision: null, definition: null, changedAt: null, changedBy: null }
}

/** Its value is false, true, or the percentage that is in between. */
export function shownFlag(flag: NamedFlag, now: number): z.input<typeof listedFlagShape> {
  return {
    name: flag.name,
    value: shareOf(flag, now),
    because: [],
    view: false,
    killed: shownKill(flag),
    revision: flag.revision,
    definition: shownDefinition(flag),
    changedAt: isoOf(flag.changedAt),
    changedBy: flag.changedBy,
  }
}

export const changedFlagShape = z.object({
  name: z.string(),
  revision: z.number().int().nullable().describe('null: there is none any more'),
  killed: killShape,
  percent: z.object({ before: z.number(), after: z.number() }).describe('What took and takes effect'),
})

export function shownChange(
  name: string,
  { before, after, revision }: { before: KeptFlag | null; after: KeptFlag | null; revision: number | null },
  now: number,
): z.input<typeof changedFlagShape> {
  const share = (flag: KeptFlag | null): number => (flag === null ? 0 : effectivePercent(flag, now))
  const killed = after === null ? null : shownKill(after)
  return { name, revision, killed, percent: { before: share(before), after: share(after) } }
}

export const groupShape = z.object({
  name: z.string(),
  description: z.string(),
  members: z.array(z.string()),
  revision: z.number().int(),
  changedAt: z.string(),
  changedBy: z.string(),
})

export function shownGroup(group: KeptGroup): z.input<typeof groupShape> {
  const { name, description, members, revision, changedAt, changedBy } = group
  return { name, description, members: [...members], revision, changedAt: isoOf(changedAt), changedBy }
}

function shareOf(flag: KeptFlag, now: number): boolean | number {
  const share = effectivePercent(flag, now)
  return share === 0 ? false : share === 100 ? true : share
}

function shownKill({ killed }: KeptFlag): z.input<typeof killShape> {
  return killed === null ? null : { ...killed, at: isoOf(killed.at) }
}

function isoOf(at: number): string {
  return new Date(at).toISOString()
}

function orIso(at: number | null): string | null {
  return at === null ? null : isoOf(at)
}

/** What is known of a subject, from a text: queries carry nothing else. */
export function attributesOf(text: string): JsonObject {
  const parsed = parseJsonText(text, 'attributes')
  if (isJsonObject(parsed)) return parsed
  throw new CutoverError('invalid-input', 'The attributes are not a JSON object.')
}
