import * as z from 'zod'
import { overridesOf } from '../../../core/switches.js'
import { unattendedAlerts } from '../../../engine/alerts/list.js'
import { listFlags } from '../../../engine/flags/stages.js'
import { readStopped } from '../../../engine/rollback/stopped.js'
import { listRuns } from '../../../engine/runs/store.js'
import { collectionStatus } from '../../../engine/status.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { runShape, shownRun, statusShape } from '../../shapes.js'
import { shownStopped, stoppedShape } from '../../stopped-shape.js'

export const migrationStatus = command({
  name: 'migration-status',
  summary: 'The whole migration at a glance: collections, flags, runs under way, open alerts.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/status' },
  input: z.strictObject({}),
  output: z.object({
    collections: z.array(statusShape),
    flags: z.record(z.string(), z.union([z.boolean(), z.number(), z.string()])),
    runs: z.array(runShape),
    alerts: z.number().int().describe('Alerts that nobody has acknowledged'),
    overrides: z.array(z.string()).describe('What the environment forces, as VARIABLE=value'),
    stopped: stoppedShape.nullable().describe('An emergency stop that stands: the state is failed, and why'),
  }),
  run: async ({ engine }: CommandContext) => {
    const [collections, flags, runs, alerts, stopped] = await Promise.all([
      Promise.all(engine.collections.map(({ name }) => collectionStatus(engine, name))),
      listFlags(engine),
      listRuns(engine.ledger, { active: true, limit: 50 }),
      unattendedAlerts(engine, 200),
      readStopped(engine),
    ])
    return {
      collections,
      flags: Object.fromEntries(flags.map(({ name, value }) => [name, value])),
      runs: runs.map(shownRun),
      alerts: alerts.length,
      overrides: overridesOf(engine.switches).map(({ variable, value }) => `${variable}=${value}`),
      stopped: stopped === null ? null : shownStopped(stopped),
    }
  },
})
