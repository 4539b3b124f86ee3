import * as z from 'zod'
import { COHORTS_MAX, LOOKS_MAX, METRIC_KINDS, METRICS_MAX } from '../core/experiment/experiment.js'
import type { Refused } from '../engine/experiments/define.js'
import type { Experiment } from '../engine/experiments/kept.js'

/** Shapes that the verbs of experiments share. */
export const experimentName = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,63}$/)
    .describe('Name of the experiment'),
})

const cohortShape = z.strictObject({
  name: z.string().describe('A variant of the flag, or a path of the component'),
  share: z.number().nullable().default(null).describe('Of all subjects; null: as the flag or the rollout deals'),
})

const metricShape = z.strictObject({
  name: z.string(),
  kind: z.enum(METRIC_KINDS),
  better: z.enum(['lower', 'higher']),
  role: z.enum(['goal', 'guardrail']),
  margin: z
    .strictObject({ kind: z.enum(['relative', 'absolute']), value: z.number() })
    .nullable()
    .default(null)
    .describe('Of guardrails: how much worse is accepted'),
})

const methodShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('always-valid') }),
  z.strictObject({
    kind: z.literal('group-sequential'),
    spending: z.enum(['obrien-fleming', 'pocock']).default('obrien-fleming'),
    looks: z.number().int().min(1).max(LOOKS_MAX),
  }),
  z.strictObject({
    kind: z.literal('fixed'),
    falseDiscovery: z.enum(['benjamini-hochberg', 'benjamini-yekutieli']).default('benjamini-hochberg'),
  }),
])

export const definitionMembers = {
  component: z.string().min(1).describe('What is tried: a collection, or a component that a flag switches'),
  description: z.string().max(500).default(''),
  assignment: z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('flag'), flag: z.string().min(1) }),
    z.strictObject({ by: z.literal('path') }),
  ]),
  cohorts: z.array(cohortShape).min(2).max(COHORTS_MAX).describe('The first is the control'),
  metrics: z.array(metricShape).min(1).max(METRICS_MAX),
  alpha: z.number().default(0.05).describe('Accepted probability of a false alarm'),
  method: methodShape.default({ kind: 'always-valid' }),
  plannedSubjects: z.number().default(2_000).describe('Of all cohorts together'),
  minSubjects: z.number().default(100).describe('In each cohort, before anything is promoted'),
  minRunMs: z.number().default(3_600_000).describe('Before anything is promoted'),
}

export const recommendationShape = z.object({
  treatment: z.string(),
  recommendation: z.enum(['promote', 'hold', 'roll-back', 'not-enough-evidence']),
  because: z.string().describe('A literal'),
  metrics: z.array(z.string()),
  numbers: z.record(z.string(), z.number()),
  missing: z.array(z.string()).describe('In words'),
})

export const experimentShape = z.object({
  kind: z.literal('experiment'),
  name: z.string(),
  component: z.string(),
  description: z.string(),
  status: z.enum(['draft', 'running', 'stopped']),
  revision: z.number().int().describe('To change it from'),
  round: z.number().int().describe('Counts the starts'),
  assignment: definitionMembers.assignment,
  cohorts: z.array(cohortShape),
  metrics: z.array(metricShape),
  alpha: z.number(),
  method: methodShape,
  plannedSubjects: z.number(),
  minSubjects: z.number(),
  minRunMs: z.number(),
  startedAt: z.string().nullable(),
  stoppedAt: z.string().nullable(),
  changedAt: z.string(),
  changedBy: z.string(),
  conclusion: z
    .object({ by: z.string(), reason: z.string(), recommendations: z.array(recommendationShape) })
    .nullable(),
})

export const refusedShape = z.object({
  kind: z.literal('refused'),
  reason: z.string().describe('Why not, as a literal'),
})
export const changedShape = z.discriminatedUnion('kind', [experimentShape, refusedShape])

export function shownExperiment(experiment: Experiment & { revision: number }): z.input<typeof experimentShape> {
  const { salt, allocation, untidied, startedAt, stoppedAt, changedAt, cohorts, metrics, ...rest } = experiment
  return {
    kind: 'experiment',
    ...rest,
    cohorts: cohorts.map((cohort, at) => ({ ...cohort, share: allocation?.cohorts[at] ?? cohort.share })),
    metrics: [...metrics],
    startedAt: timeOf(startedAt),
    stoppedAt: timeOf(stoppedAt),
    changedAt: new Date(changedAt).toISOString(),
  }
}

export function shownChange(
  put: { kind: 'put'; experiment: Experiment & { revision: number } } | Refused,
): z.input<typeof changedShape> {
  return put.kind === 'put' ? shownExperiment(put.experiment) : put
}

function timeOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
