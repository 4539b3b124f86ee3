import * as z from 'zod'
import {
  CHECKPOINT_KINDS,
  CHECKPOINT_OUTCOMES,
  type Check,
  type Checkpoint,
  type CheckpointEntry,
  PERFORMANCE_METRICS,
} from '../core/checkpoint/checkpoint.js'
import { ruleOf, SAMPLE_MAX, type Wish } from '../core/checkpoint/rule.js'
import { says } from '../core/checkpoint/says.js'

const confidence = z.number().min(0.5).max(0.9999)

/** What checkpoints can be asked for; each kind reads what is its own. */
export const wishShape = z.strictObject({
  sampleSize: z.number().int().min(1).max(SAMPLE_MAX).optional().describe('Records of the sample; default 300'),
  boundPercent: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe(
      'Pass only if at most so many percent of all records can differ; the sample is made as large as that takes',
    ),
  confidence: confidence.optional().describe('Of bounds and intervals; default 0.95'),
  minCompared: z.number().int().min(0).optional().describe('full-consistency: fewest records; default 1'),
  recordedMax: z.number().int().min(0).max(500).optional().describe('Recorded requests asked at most; default 200'),
  builtIn: z.boolean().optional().describe('Also ask requests that need no traffic; default true'),
  minRequests: z.number().int().min(1).optional().describe('Fewest requests that show a record; default 20'),
  metric: z
    .enum(Object.keys(PERFORMANCE_METRICS) as [string, ...string[]])
    .optional()
    .describe('performance; default p95'),
  limitPercent: z
    .number()
    .min(0)
    .max(1_000)
    .optional()
    .describe('performance: how much worse the new path may be; default 20'),
  minPairs: z.number().int().min(1).optional().describe('performance: fewest requests; default 100'),
  minutes: z
    .number()
    .min(1)
    .max(7 * 24 * 60)
    .optional()
    .describe('How far back measurements (default 60) and recorded requests (default 2880) count'),
})

export const kindShape = z.enum(CHECKPOINT_KINDS)
export const outcomeShape = z.enum(CHECKPOINT_OUTCOMES)

export function wishOf(kind: Wish['kind'], { boundPercent, limitPercent, ...wish }: z.output<typeof wishShape>) {
  return ruleOf({
    kind,
    ...wish,
    ...(boundPercent === undefined ? {} : { boundShare: boundPercent / 100 }),
    ...(limitPercent === undefined ? {} : { limitShare: limitPercent / 100 }),
  })
}

const findingShape = {
  kind: kindShape,
  outcome: outcomeShape.nullable().describe('null: not settled yet'),
  because: z.string().nullable().describe('Why, as a literal'),
  says: z.string().describe('The same in a sentence'),
  numbers: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  examples: z.array(z.unknown()).describe('Of what was found, without values'),
  rule: z.looseObject({ kind: kindShape }).describe('By what it was judged'),
}

export const checkpointShape = z.object({ id: z.string(), ...findingShape, settledAt: z.string().nullable() })

export const checkShape = z.object({
  checkId: z.string(),
  runId: z.string().nullable().describe('The run that works on it; null: none was needed'),
  component: z.string(),
  phase: z.string().nullable(),
  name: z.string().nullable().describe('The phase check that was asked'),
  outcome: outcomeShape.nullable().describe('Of all its checkpoints; null: not settled yet'),
  askedBy: z.string(),
  askedFor: z.string(),
  askedAt: z.string(),
  settledAt: z.string().nullable(),
  checkpoints: z.array(checkpointShape),
})

export const entryShape = z.object({
  id: z.string(),
  checkId: z.string(),
  at: z.string(),
  component: z.string(),
  phase: z.string().nullable(),
  name: z.string().nullable(),
  ...findingShape,
  runId: z.string().nullable(),
  by: z.string(),
  reason: z.string(),
})

export function shownCheck(check: Check): z.input<typeof checkShape> {
  const { id, runId, component, phase, name, outcome, by, reason, askedAt, settledAt, checkpoints } = check
  return {
    checkId: id,
    ...{ runId, component, phase, name, outcome },
    askedBy: by,
    askedFor: reason,
    askedAt: timeOf(askedAt),
    settledAt: settledAt === null ? null : timeOf(settledAt),
    checkpoints: checkpoints.map(shownCheckpoint),
  }
}

function shownCheckpoint({ id, kind, rule, finding, settledAt }: Checkpoint): z.input<typeof checkpointShape> {
  return {
    ...{ id, kind, rule },
    outcome: finding?.outcome ?? null,
    because: finding?.because ?? null,
    says: says(rule, finding),
    numbers: finding?.numbers ?? {},
    examples: finding?.examples ?? [],
    settledAt: settledAt === null ? null : timeOf(settledAt),
  }
}

export function shownEntry(entry: CheckpointEntry): z.input<typeof entryShape> {
  const { at, id, checkId, component, phase, name, kind, outcome, because, numbers, examples, rule } = entry
  const { runId, by, reason } = entry
  return {
    ...{ id, checkId, component, phase, name, kind, outcome, because, numbers, examples, rule, runId, by, reason },
    at: timeOf(at),
    says: says(rule, entry),
  }
}

export function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
