import * as z from 'zod'
import { KEY_CHARS_MAX } from '../../../core/flags/check.js'
import { OUTCOMES } from '../../../core/flags/condition.js'
import { explainServed } from '../../../engine/flags/explain.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { attributesOf, flagNameInput } from '../../shown-flag.js'

export const evaluateFlag = command({
  name: 'evaluate-flag',
  summary: 'What a flag gives a subject, and why. Deals nothing.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/feature-flags/{name}/evaluation', also: ['/flags/{name}/evaluation'] },
  input: flagNameInput.extend({
    key: z.string().min(1).max(KEY_CHARS_MAX).optional().describe('Targeting key; of a view, the id of a record'),
    attributes: z.string().max(100_000).optional().describe('A JSON object: what else is known of the subject'),
    environment: z.string().optional().describe('Default: the attribute of that name, or where this runs'),
  }),
  output: z.object({
    name: z.string(),
    value: z.unknown(),
    variant: z.string().nullable(),
    reason: z.string().describe('As OpenFeature names it'),
    because: z.string().describe('Why, as a literal'),
    rule: z.number().int().nullable().describe('The rule that decided, counted from 0'),
    bucket: z.number().int().nullable().describe('Of 100,000'),
    percent: z.number().describe('Of the rollout, at this time'),
    dealt: z.string().nullable().describe('The variant that the subject was dealt before, of a sticky flag'),
    rules: z.array(
      z.object({
        reached: z.boolean(),
        matches: z.boolean(),
        conditions: z.array(z.object({ condition: z.unknown(), outcome: z.enum(OUTCOMES) })),
      }),
    ),
    stages: z.array(z.object({ collection: z.string(), stage: z.string(), rolloutPercent: z.number() })),
  }),
  run: ({ engine }: CommandContext, { name, key = null, attributes, environment }) => {
    const known = attributes === undefined ? {} : attributesOf(attributes)
    return explainServed(engine, name, { key, attributes: known, environment: environment ?? null })
  },
})
