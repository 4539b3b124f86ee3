import * as z from 'zod'
import { PROCEDURE_STEPS_MAX, STEP_SECONDS_MAX } from '../core/rollback/check.js'
import { type Procedure, type ProcedureStep, stepInWords } from '../core/rollback/procedure.js'
import { CAUSES, ROLLBACK_STATUSES, type Rollback } from '../core/rollback/rollback.js'
import { STAGES } from '../core/stage.js'

/** Shapes of rollbacks and procedures, as operators give and see them. */
export const stepShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('move'), to: z.enum(STAGES).describe('Down to this stage') }),
  z.strictObject({ kind: z.literal('pass'), when: z.enum(['needed', 'always']).describe('A back-fill to the source') }),
  z.strictObject({ kind: z.literal('validate') }),
  z.strictObject({ kind: z.literal('rollout'), percent: z.number().min(0).max(100).describe('At most this share') }),
  z.strictObject({ kind: z.literal('wait'), seconds: z.number().positive().max(STEP_SECONDS_MAX) }),
  z.strictObject({
    kind: z.literal('checkpoint'),
    checkpoint: z.string().nullable().describe('Kind of checkpoint; null: any'),
    seconds: z.number().positive().max(STEP_SECONDS_MAX).describe('How long it may take to pass'),
  }),
])

export const procedureShape = z.object({
  name: z.string(),
  for: z.enum(['collection', 'flag']).describe('Kind of component'),
  description: z.string(),
  steps: z.array(stepShape),
  component: z.string().optional().describe('Component that it is the default of'),
})

export const procedureInput = z.strictObject({
  name: z.string().min(1).max(64),
  for: z.enum(['collection', 'flag']).describe('Kind of component'),
  description: z.string().max(500).default(''),
  steps: z.array(stepShape).min(1).max(PROCEDURE_STEPS_MAX),
  component: z.string().min(1).max(64).optional().describe('Makes it the default of this component'),
})

export function shownProcedure({
  name,
  for: kind,
  description,
  steps,
  component,
}: Procedure): z.input<typeof procedureShape> {
  const shown = { name, for: kind, description, steps: steps.map((step): ProcedureStep => ({ ...step })) }
  return component === undefined ? shown : { ...shown, component }
}

export const rollbackShape = z.object({
  rollbackId: z.string(),
  component: z.string(),
  procedure: z.string(),
  status: z.enum(ROLLBACK_STATUSES),
  inWords: z.string().describe('How far it is'),
  rehearsal: z.boolean().describe('Nothing was done: this is what would happen'),
  cause: z.object({ kind: z.enum(CAUSES), decision: z.string().optional() }),
  by: z.string(),
  reason: z.string(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  from: z
    .union([z.object({ stage: z.enum(STAGES), targetReadPercent: z.number() }), z.object({ percent: z.number() })])
    .nullable()
    .describe('Where the component stood'),
  steps: z.array(
    z.object({
      number: z.number().int(),
      what: z.string(),
      step: stepShape,
      status: z.enum(['to-do', 'under-way', 'done', 'skipped', 'failed']),
      startedAt: z.string().nullable(),
      endedAt: z.string().nullable(),
      note: z.string().nullable(),
      runId: z.string().nullable(),
      seconds: z.number().nullable().describe('How long it took; in a rehearsal, how long it would take'),
    }),
  ),
  recordsLeft: z.number().nullable().describe('Of the pass that is under way'),
  secondsLeft: z.number().nullable().describe('An estimate; in a rehearsal, of the whole'),
  plansPaused: z.array(z.string()).nullable().describe('Plans that were at work on the component'),
  recorded: z.boolean().describe('false: the ledger did not answer; the rest goes on when it does'),
})

/** A rollback as operators see it. */
export function shownRollback(rollback: Rollback): z.input<typeof rollbackShape> {
  const { id, component, procedure, status, inWords, cause, by, reason, from, recordsLeft, secondsLeft } = rollback
  return {
    rollbackId: id,
    component,
    procedure,
    status,
    inWords,
    rehearsal: rollback.rehearsal === true,
    cause: cause.decision === undefined ? { kind: cause.kind } : { kind: cause.kind, decision: cause.decision },
    by,
    reason,
    startedAt: new Date(rollback.startedAt).toISOString(),
    endedAt: timeOf(rollback.endedAt),
    from,
    steps: rollback.steps.map((state, at) => ({
      number: at + 1,
      what: stepInWords(state.step),
      step: { ...state.step },
      status: state.status,
      startedAt: timeOf(state.startedAt),
      endedAt: timeOf(state.endedAt),
      note: state.note,
      runId: state.runId,
      seconds: rollback.rehearsal === true ? (state.seconds ?? null) : tookSeconds(state),
    })),
    recordsLeft,
    secondsLeft,
    plansPaused: rollback.plansPaused === null ? null : [...rollback.plansPaused],
    recorded: rollback.recorded,
  }
}

function tookSeconds({ startedAt, endedAt }: { startedAt: number | null; endedAt: number | null }): number | null {
  return startedAt === null || endedAt === null ? null : (endedAt - startedAt) / 1000
}

function timeOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
