import * as z from 'zod'
import { CutoverError } from '../../../core/error.js'
import type { Command } from '../../command.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { listAlerts } from '../alerts/list-alerts.js'
import { allMonitors } from '../alerts/show-monitor.js'
import { listCheckpoints } from '../checkpoints/list-checkpoints.js'
import { listCollections } from '../collections/list-collections.js'
import { listExperiments } from '../experiments/list-experiments.js'
import { listPlans } from '../plans/list-plans.js'
import { listComponents } from '../programs/list-components.js'
import { listPrograms } from '../programs/list-programs.js'
import { listOverrides } from '../rollbacks/list-overrides.js'
import { listRollbacks } from '../rollbacks/list-rollbacks.js'
import { showEmergencyStop } from '../rollbacks/show-emergency-stop.js'
import { listRuns } from '../runs/list-runs.js'
import { listBreakers } from '../stores/list-breakers.js'
import { showHealth } from './show-health.js'

const LATEST = 10

/** Every part is what its own verb answers. */
const OUTPUTS = {
  health: showHealth.output,
  emergencyStop: showEmergencyStop.output,
  overrides: listOverrides.output,
  collections: listCollections.output,
  components: listComponents.output,
  runs: listRuns.output,
  plans: listPlans.output,
  programs: listPrograms.output,
  alerts: listAlerts.output,
  rollbacks: listRollbacks.output,
  checkpoints: listCheckpoints.output,
  experiments: listExperiments.output,
  breakers: listBreakers.output,
  monitor: allMonitors.output,
}

export const showDashboard = command({
  name: 'show-dashboard',
  summary: 'Everything an operator looks at, in one answer; a part that cannot be told now is null, and says why.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/dashboard' },
  input: z.strictObject({
    minutes: z.coerce.number().int().min(1).max(1_440).default(15).describe('How far back operations count'),
  }),
  output: z.object({
    at: z.string().describe('When it was asked for'),
    position: z.string().nullable().describe('Where `list-changes` and the event stream go on'),
    missing: z.array(z.object({ part: z.string(), code: z.string() })),
    ...mayBeMissing(OUTPUTS),
  }),
  run: async (context: CommandContext, { minutes }, caller) => {
    const { clock, ledger } = context.engine
    const missing: { part: string; code: string }[] = []
    async function part<Input extends z.ZodType, Output extends z.ZodType>(
      name: keyof typeof OUTPUTS | 'position',
      { input, run }: Pick<Command<CommandContext, Input, Output>, 'input' | 'output' | 'run'>,
      asked: object = {},
    ): Promise<z.input<Output> | null> {
      try {
        return await run(context, input.parse(asked), caller)
      } catch (error) {
        if (!(error instanceof CutoverError)) throw error
        missing.push({ part: name, code: error.code })
        return null
      }
    }
    const position = await ledger.head().catch(() => null)
    const [health, emergencyStop, overrides, collections, components, runs, plans] = await Promise.all([
      part('health', showHealth),
      part('emergencyStop', showEmergencyStop),
      part('overrides', listOverrides),
      part('collections', listCollections),
      part('components', listComponents, { minutes }),
      part('runs', listRuns, { active: true }),
      part('plans', listPlans),
    ])
    const [programs, alerts, rollbacks, checkpoints, experiments, breakers, monitor] = await Promise.all([
      part('programs', listPrograms),
      part('alerts', listAlerts, { limit: LATEST }),
      part('rollbacks', listRollbacks, { limit: LATEST }),
      part('checkpoints', listCheckpoints, { limit: LATEST }),
      part('experiments', listExperiments),
      part('breakers', listBreakers),
      part('monitor', allMonitors),
    ])
    return {
      at: new Date(clock.now()).toISOString(),
      ...{ position, missing, health, emergencyStop, overrides, collections, components, runs, plans },
      ...{ programs, alerts, rollbacks, checkpoints, experiments, breakers, monitor },
    }
  },
})

function mayBeMissing<Shapes extends { [part: string]: z.ZodType }>(
  shapes: Shapes,
): { [part in keyof Shapes]: z.ZodNullable<Shapes[part]> } {
  const made = Object.entries(shapes).map(([name, shape]) => [name, shape.nullable()])
  return Object.fromEntries(made)
}
