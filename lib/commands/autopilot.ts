import * as z from 'zod'
import { PATHS } from '../core/metrics/measurement.js'
import { PLAN_STEPS_MAX } from '../core/plan/plan.js'
import type { Autopilot } from '../engine/autopilot/actions.js'
import { autopilotOf } from '../engine/autopilot/on-stores.js'
import type { CommandContext } from './context.js'
import { stageShape } from './shapes.js'

export function autopilotFor({ engine }: CommandContext): Autopilot {
  return autopilotOf({ context: engine })
}

export const planName = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .describe('Name of the plan'),
})

const share = z.number().min(0).max(1)
const count = z.number().int().min(0)

const conditionShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('stores-healthy') }),
  z.strictObject({ kind: z.literal('pass-complete') }),
  z.strictObject({ kind: z.literal('validation-clean'), minCompared: count }),
  z.strictObject({ kind: z.literal('comparisons'), minSamples: count, maxMismatchShare: share }),
  z.strictObject({ kind: z.literal('error-rate'), minOperations: count, maxShare: share }),
  z.strictObject({ kind: z.literal('no-dead-letters') }),
  z.strictObject({ kind: z.literal('no-alerts') }),
  z.strictObject({ kind: z.literal('zero-loss') }),
  z.strictObject({ kind: z.literal('no-breach'), minWeighed: count }),
  z.strictObject({ kind: z.literal('checkpoint'), checkpoint: z.string().min(1).max(64) }),
  z.strictObject({
    kind: z.literal('threshold'),
    metric: z.string().min(1).max(64),
    path: z.enum(PATHS),
    relativeTo: z.enum(PATHS).optional().describe('The threshold is a share of what this path has'),
    operator: z.enum(['>', '>=', '<', '<=']),
    threshold: z.number(),
    windowMinutes: z.number().gt(0),
    minSample: count,
  }),
])

export const gateShape = z.array(conditionShape).max(20)

const actionShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('move'), to: stageShape, rolloutPercent: z.number().min(0).max(100) }),
  z.strictObject({ kind: z.literal('rollout'), rolloutPercent: z.number().min(0).max(100) }),
  z.strictObject({ kind: z.literal('run'), run: z.enum(['backfill', 'validate', 'zero-loss']) }),
  z.strictObject({ kind: z.literal('export') }),
  z.strictObject({ kind: z.literal('clean-up') }),
])

const rollbackShape = z.union([
  z.strictObject({ to: stageShape, rolloutPercent: z.number().min(0).max(100).optional() }),
  z.strictObject({ rolloutPercent: z.number().min(0).max(100) }),
])

/** A plan's steps as an operator gives them; legality of the way is checked by the plan itself. */
export const stepsShape = z
  .array(
    z.strictObject({
      name: z.string().min(1).max(64),
      day: z.number().int().min(0),
      action: actionShape,
      gate: gateShape,
      soakMs: z.number().min(0),
      onFail: z.enum(['turn-back', 'wait']),
      rollback: rollbackShape.nullable(),
    }),
  )
  .min(1)
  .max(PLAN_STEPS_MAX)

/** What a plan or a program waits for now, in words. */
export const waitingShape = z
  .object({
    gate: z.string().describe('Kind of the condition, or operator, blocked, roll-back, action-done, soak, phase'),
    about: z.string().nullable().describe('The collection, component or phase; null: the whole'),
    inWords: z.string().describe('For people'),
    since: z.string(),
    more: z.number().int().describe('Further gates that are not passed yet'),
  })
  .nullable()

export const planShape = z.object({
  name: z.string(),
  collections: z.array(z.string()),
  components: z.array(z.string()).describe('Those that a flag switches'),
  program: z.string().nullable().describe('Whose phase it carries out'),
  status: z.enum(['running', 'paused', 'turned-back', 'finished', 'failed']),
  stepNumber: z.number().int(),
  steps: z.number().int(),
  step: z.string(),
  course: z.array(
    z.object({
      name: z.string(),
      day: z.number().int(),
      does: z.string().describe('In words'),
      gate: z.array(z.string()).describe('What must be so before it is left, in words'),
      soakMs: z.number().describe('Of planned time'),
      onFail: z.enum(['turn-back', 'wait']),
      back: z.string().nullable().describe('Where turning back leads; null: there is no way back from here'),
    }),
  ),
  timeScale: z.number().describe('How much faster than planned soak times elapse'),
  soakLeftMs: z.number(),
  /** Why it waits, one line a verdict. */
  waitsFor: z.array(z.string()),
  waiting: waitingShape,
  blocked: z.record(z.string(), z.string()),
  history: z.array(
    z.object({ kind: z.string(), at: z.string(), by: z.string(), step: z.string(), reason: z.string() }),
  ),
})
