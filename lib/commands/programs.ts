import * as z from 'zod'
import {
  PHASE_CHECKS_MAX,
  PROGRAM_NAME,
  PROGRAM_PARALLEL_DEFAULT,
  PROGRAM_PHASES_MAX,
} from '../core/program/program.js'
import { programsOf } from '../engine/programs/on-stores.js'
import type { Programs } from '../engine/programs/parts.js'
import { gateShape, stepsShape, waitingShape } from './autopilot.js'
import type { CommandContext } from './context.js'

export function programsFor({ engine }: CommandContext): Programs {
  return programsOf(engine)
}

export const programName = z.strictObject({ name: z.string().regex(PROGRAM_NAME).describe('Name of the program') })
export const phaseInput = programName.extend({ phase: z.string().regex(PROGRAM_NAME).describe('Name of the phase') })

const share = z.number().min(0).max(1)
const count = z.number().int().min(0)

const courseShape = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('week'),
    minCompared: count.optional(),
    minSamples: count.optional(),
    minOperations: count.optional(),
    maxErrorShare: share.optional(),
  }),
  z.strictObject({
    kind: z.literal('gradual'),
    percentages: z.array(z.number().gt(0).max(100)).min(1).max(50).optional().describe('Default 1, 5, 10, 25, 50, 100'),
    soakMs: z.number().min(0).optional().describe('At each share; default an hour'),
    gate: gateShape.optional(),
    minOperations: count.optional(),
    maxErrorShare: share.optional(),
    minWeighed: count.optional().describe("Decisions of the component's rules that each share needs"),
  }),
  z.strictObject({ kind: z.literal('steps'), steps: stepsShape }),
])

/** What is a fault of the whole (a cycle, an unknown name) the program's own check names, with its place and mend. */
export const phasesShape = z
  .array(
    z.strictObject({
      name: z.string().min(1).max(64),
      description: z.string().max(1_000).optional(),
      dependsOn: z.array(z.string()).max(PROGRAM_PHASES_MAX).default([]),
      components: z.array(z.string()).max(64),
      course: courseShape,
      checks: z.array(z.string()).max(PHASE_CHECKS_MAX).default([]),
      onFail: z.enum(['turn-back', 'turn-back-dependents']).default('turn-back'),
    }),
  )
  .min(1)
  .max(PROGRAM_PHASES_MAX)

export const parallelInput = z
  .number()
  .int()
  .min(1)
  .max(PROGRAM_PHASES_MAX)
  .default(PROGRAM_PARALLEL_DEFAULT)
  .describe('Phases that go side by side at most')

const time = z.string().nullable()

export const programShape = z.object({
  name: z.string(),
  status: z.enum(['running', 'paused', 'failed', 'cancelled', 'finished']),
  because: z.string().nullable().describe('Why it stands there'),
  parallel: z.number().int(),
  timeScale: z.number(),
  startedAt: z.string(),
  endedAt: time,
  waiting: waitingShape,
  phases: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      status: z.enum([
        'waiting',
        'running',
        'checking',
        'finished',
        'turning-back',
        'turned-back',
        'failed',
        'skipped',
      ]),
      because: z.string().nullable(),
      dependsOn: z.array(z.string()),
      components: z.array(z.string()),
      course: z.string(),
      checks: z.array(z.string()),
      onFail: z.string(),
      attempt: z.number().int(),
      plan: z.string().nullable().describe('The plan of the latest attempt, for show-plan'),
      step: z
        .object({ name: z.string(), number: z.number().int(), of: z.number().int(), soakLeftMs: z.number() })
        .nullable(),
      waitsFor: z.array(z.string()).describe('In words'),
      next: z.string().describe('What comes next, in words'),
      startedAt: time,
      endedAt: time,
    }),
  ),
  history: z.array(
    z.object({ kind: z.string(), at: z.string(), by: z.string(), phase: z.string().nullable(), reason: z.string() }),
  ),
})

export const declaredShape = z.object({ name: z.string(), flag: z.string(), description: z.string() })
export const componentName = z.strictObject({ name: z.string().min(1).max(64).describe('Name of the component') })
