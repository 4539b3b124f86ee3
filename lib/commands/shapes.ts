import * as z from 'zod'
import type { Json, JsonObject } from '../core/json.js'
import { COMMANDS_MIN, PACE_MIN, progressOf, RUN_KINDS, type Run } from '../core/run.js'
import { shardsOf } from '../core/shards.js'
import { STAGES } from '../core/stage.js'
import { servingShape } from './serving-shape.js'

/** Shapes that several verbs share. */
export const collectionInput = z.strictObject({ collection: z.string().min(1).describe('Name of the collection') })
export const runInput = z.strictObject({ runId: z.string().min(1).describe('Id of the run') })
export const reasonInput = z.strictObject({
  reason: z.string().trim().min(1).max(500).describe('Why; kept in the audit trail'),
})
/** What bounds the load and the cost of a run. */
export const limitsInput = z.strictObject({
  recordsPerSecondMax: z.number().min(PACE_MIN).optional().describe('Pace limit'),
  commandsPerSecondMax: z
    .number()
    .min(COMMANDS_MIN)
    .optional()
    .describe('Limit of Redis commands a second on average, what the run itself sends'),
  throttle: z
    .boolean()
    .optional()
    .describe('Slow down while the application is in use and would notice (the default); false: as fast as it goes'),
})
/** Between which moments something happened. */
export const periodInput = z.strictObject({
  since: z.iso.datetime({ offset: true }).optional().describe('From this moment (ISO 8601)'),
  until: z.iso.datetime({ offset: true }).optional().describe('Before this moment (ISO 8601)'),
})

/** The same in wall-clock milliseconds. */
export function periodOf({ since, until }: z.output<typeof periodInput>): { from?: number; to?: number } {
  return {
    ...(since === undefined ? {} : { from: Date.parse(since) }),
    ...(until === undefined ? {} : { to: Date.parse(until) }),
  }
}

/** What was given, without what was left out. */
export function stated(input: { [name: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(
    Object.entries(input).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

const shardShape = z.object({
  partition: z
    .number()
    .int()
    .nullable()
    .describe('Number of the partition; null: the run goes over all of them at once'),
  label: z.string(),
  status: z.enum(['waiting', 'running', 'finishing', 'done', 'stopped', 'unknown']),
  done: z.number().nullable(),
  total: z.number().nullable(),
  perSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
})

export const stageShape = z.enum(STAGES)

const runStatus = z.enum(['running', 'paused', 'succeeded', 'failed', 'cancelled'])
const progressShape = z.object({
  done: z.number(),
  total: z.number().nullable(),
  perSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
})

export const runShape = z.object({
  runId: z.string(),
  id: z.string(),
  kind: z.enum(RUN_KINDS),
  collection: z.string(),
  status: runStatus,
  reason: z.string().nullable().describe('Why it stands where it stands'),
  startedBy: z.string(),
  startedFor: z.string(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
  step: z.number().int(),
  progress: progressShape,
  shards: z.array(shardShape).describe('The same for each part that it works through; one where there is one'),
  batchSize: z.number().int(),
  counters: z.record(z.string(), z.number()),
  result: z.unknown(),
})

/** A run as operators see it. */
export function shownRun(run: Run): z.input<typeof runShape> {
  const { id, kind, collection, status, note, by, reason, createdAt, endedAt, step, batchSize, counters, result } = run
  return {
    runId: id,
    id,
    kind,
    collection,
    status,
    reason: note,
    startedBy: by,
    startedFor: reason,
    createdAt: new Date(createdAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    step,
    progress: progressOf(run),
    shards: shardsOf(run),
    batchSize,
    counters: Object.fromEntries(Object.entries(counters).filter(([name]) => !/Digest(High|Low)$/.test(name))),
    result,
  }
}

const refusals = z.string().describe('Why not, as a literal')

export const sentence = z.string().describe('The reason in a sentence that names the fault and the mend')

export const refusedMoveShape = z.object({
  kind: z.literal('refused'),
  reason: refusals,
  inWords: sentence.optional(),
  from: stageShape,
  to: stageShape,
  details: z
    .record(z.string(), z.union([z.string(), z.number(), z.null()]))
    .optional()
    .describe('What stands against it where it is not the stores: a variable, a stop, a rollback, another decision'),
})

export const ifEpochInput = z.strictObject({
  ifEpoch: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      'Only if the collection still stands at this epoch; otherwise refused as epoch-moved, and nothing is done',
    ),
})

export const movedShape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('moved'),
    from: stageShape,
    to: stageShape,
    epoch: z.number().int(),
    rolloutPercent: z.number(),
    pending: z
      .object({ to: stageShape, reason: refusals, inWords: sentence.optional() })
      .nullable()
      .describe('What must be done before the rest of the way'),
  }),
  refusedMoveShape,
])

const inWords = z.string().describe('For people: instant, or 1,204 records, about 8 s')

/** How far away the way back is. */
export const readinessShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('instant'), because: z.string(), inWords }),
  z.object({
    kind: z.literal('after-pass'),
    records: z.number().nullable(),
    seconds: z.number().nullable(),
    inWords,
  }),
  z.object({ kind: z.literal('impossible'), because: z.string(), inWords }),
])

export const statusShape = z.object({
  collection: z.string(),
  stage: stageShape,
  epoch: z.number().int(),
  rolloutPercent: z.number().describe('Share of slots at the stage'),
  targetReadPercent: z.number(),
  source: z.object({ label: z.string(), records: z.number().nullable(), reachable: z.boolean() }),
  target: z.object({
    label: z.string(),
    records: z.number().nullable(),
    reachable: z.boolean(),
    open: z.number().nullable(),
  }),
  serving: servingShape,
  partitions: z
    .array(
      z.object({
        source: z.string(),
        target: z.string(),
        records: z.number().nullable(),
        stage: stageShape,
        rolloutPercent: z.number(),
        epoch: z.number().int(),
      }),
    )
    .describe('One document of the source each'),
  full: z.boolean().describe('Both stores are known to hold everything'),
  settling: z.boolean(),
  cleanedUp: z.boolean(),
  progress: progressShape
    .extend({ runId: z.string(), kind: z.enum(RUN_KINDS), status: runStatus })
    .nullable()
    .describe('Of the latest run; null: there was none'),
  rollbackReadiness: readinessShape,
  overrides: z
    .array(
      z.object({
        variable: z.string(),
        value: z.string(),
        effect: z.string(),
        ceiling: stageShape.nullable().describe('No further up than this'),
        against: z.boolean().describe('It stands against the present stage'),
      }),
    )
    .describe('What the environment forces'),
})

export const deadLetterShape = z.object({
  collection: z.string(),
  id: z.string(),
  runId: z.string(),
  code: z.string(),
  error: z.string(),
  attempts: z.number().int(),
  at: z.number(),
})

export const flagShape = z.object({
  name: z.string(),
  value: z.union([z.boolean(), z.number(), z.string()]),
  because: z.array(
    z.object({
      collection: z.string(),
      stage: z.string(),
      rolloutPercent: z.number(),
      overrides: z.array(z.string()).optional().describe('What the environment forces of it, as VARIABLE=value'),
    }),
  ),
})

export const verdictShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('match') }),
  z.object({
    kind: z.literal('mismatch'),
    reason: z.string(),
    differences: z.array(
      z.object({
        path: z.string(),
        kind: z.enum(['changed', 'only-source', 'only-target']),
        source: z.unknown().optional(),
        target: z.unknown().optional(),
      }),
    ),
    more: z.boolean().describe('There are more differences than are listed'),
  }),
  z.object({ kind: z.literal('inconclusive'), reason: z.string() }),
])
