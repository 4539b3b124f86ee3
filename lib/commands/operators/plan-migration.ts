import * as z from 'zod'
import { TIME_SCALE_MIN } from '../../core/plan/plan.js'
import { theWeek } from '../../core/plan/the-week.js'
import { collectionStatus } from '../../engine/status.js'
import { command } from '../command.js'
import type { CommandContext } from '../context.js'

export const planMigration = command({
  name: 'plan-migration',
  summary: 'What the default plan would do, step by step, and what could not be rolled back: nothing is started.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/plan' },
  input: z.strictObject({ timeScale: z.number().min(TIME_SCALE_MIN).default(1) }),
  output: z.object({
    records: z.record(z.string(), z.number().nullable()),
    steps: z.array(
      z.object({
        day: z.number(),
        name: z.string(),
        action: z.string(),
        gate: z.array(z.string()),
        soakMs: z.number(),
        rollsBackTo: z.string().nullable(),
      }),
    ),
    noWayBackFrom: z.array(z.string()),
  }),
  run: async ({ engine }: CommandContext, { timeScale }) => {
    const names = engine.collections.map(({ name }) => name)
    const plan = theWeek(names, { timeScale })
    const statuses = await Promise.all(names.map((name) => collectionStatus(engine, name)))
    const steps = plan.steps.map(({ day, name, action, gate, soakMs, rollback }) => ({
      day,
      name,
      action:
        action.kind === 'move'
          ? `move to ${action.to} at ${action.rolloutPercent} %`
          : action.kind === 'run'
            ? action.run
            : action.kind,
      gate: gate.map(({ kind }) => kind),
      soakMs: soakMs / timeScale,
      rollsBackTo: rollback?.to ?? null,
    }))
    return {
      records: Object.fromEntries(statuses.map(({ collection, source }) => [collection, source.records])),
      steps,
      noWayBackFrom: steps
        .filter(({ rollsBackTo, action }) => rollsBackTo === null && action !== 'none')
        .map(({ name }) => name),
    }
  },
})
