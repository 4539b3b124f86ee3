import * as z from 'zod'
import { CutoverError } from '../../../core/error.js'
import { OFTEN_SHOWN } from '../../../core/often-shown.js'
import { foreseenOfDashboard } from '../../../engine/foreseen-of-dashboard.js'
import { oneLook } from '../../../engine/one-look.js'
import { type Caller, type Command, command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { listAlerts } from '../alerts/list-alerts.js'
import { allMonitors } from '../alerts/show-monitor.js'
import { listCheckpoints } from '../checkpoints/list-checkpoints.js'
import { listAudit } from '../collections/list-audit.js'
import { listCollections } from '../collections/list-collections.js'
import { showCost } from '../collections/show-cost.js'
import { listExperiments } from '../experiments/list-experiments.js'
import { listPlans } from '../plans/list-plans.js'
import { listComponents } from '../programs/list-components.js'
import { listPrograms } from '../programs/list-programs.js'
import { listOverrides } from '../rollbacks/list-overrides.js'
import { listRollbacks } from '../rollbacks/list-rollbacks.js'
import { showEmergencyStop } from '../rollbacks/show-emergency-stop.js'
import { listRuns } from '../runs/list-runs.js'
import { showConsistency } from '../runs/show-consistency.js'
import { listBreakers } from '../stores/list-breakers.js'
import { showHealth } from './show-health.js'

const LATEST = 10
/** All that somebody may have to act on; more than these nobody reads. */
const ALERTS_MAX = 50
const AUDIT_LATEST = 20

/** Every part is what its own verb answers. What a look costs is in `docs/state.md`, and counted in a test. */
const PARTS = {
  health: part(showHealth),
  emergencyStop: part(showEmergencyStop),
  overrides: part(listOverrides),
  collections: part(listCollections),
  components: part(listComponents, ({ minutes }) => ({ minutes })),
  runs: part(listRuns, () => ({ active: true })),
  latestRuns: part(listRuns, () => ({ settled: true, limit: LATEST })),
  plans: part(listPlans),
  programs: part(listPrograms),
  alerts: part(listAlerts, () => ({ status: 'unresolved', limit: ALERTS_MAX })),
  rollbacks: part(listRollbacks, () => ({ limit: LATEST })),
  checkpoints: part(listCheckpoints, () => ({ limit: LATEST })),
  experiments: part(listExperiments, () => ({ found: true })),
  breakers: part(listBreakers),
  audit: part(listAudit, () => ({ limit: AUDIT_LATEST })),
  cost: part(showCost),
  monitor: part(allMonitors),
  consistency: part(showConsistency, ({ minutes }) => ({ minutes })),
}

type PartName = keyof typeof PARTS
const OFTEN: readonly PartName[] = OFTEN_SHOWN
const PART_NAMES = Object.keys(PARTS) as PartName[]

interface Asked {
  minutes: number
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
    parts: z
      .string()
      .max(500)
      .transform((text) => text.split(','))
      .pipe(z.array(z.enum(PART_NAMES)).min(1))
      .optional()
      .describe('Only these, separated by commas: the others are null and are not under "asked"; default: all'),
  }),
  output: z.object({
    at: z.string().describe('When it was asked for'),
    position: z.string().nullable().describe('Where `list-changes` and the event stream go on'),
    asked: z.array(z.enum(PART_NAMES)).describe('The parts that this answer is about'),
    missing: z.array(z.object({ part: z.string(), code: z.string() })).describe('Parts that cannot be told now'),
    ...mayBeMissing(PARTS),
  }),
  run: async (context: CommandContext, { minutes, parts = PART_NAMES }, caller) => {
    const all = parts.some((name) => !OFTEN.includes(name))
    const engine = oneLook(context.engine, foreseenOfDashboard(context.engine, all))
    const look = { ...context, engine }
    const asked = PART_NAMES.filter((name) => parts.includes(name))
    const missing: { part: string; code: string }[] = []
    async function answer<Name extends PartName>(name: Name): Promise<Answer<Name> | null> {
      if (!parts.includes(name)) return null
      try {
        return (await PARTS[name].ask(look, { minutes }, caller)) as Answer<Name>
      } catch (error) {
        // Not even a fault of ours in one part takes the others from somebody who has to decide now.
        const known = error instanceof CutoverError
        if (!known) context.fault?.(`show-dashboard: ${name}`, error)
        missing.push({ part: name, code: known ? error.code : 'internal' })
        return null
      }
    }
    const at = new Date(engine.clock.now()).toISOString()
    const position = await engine.ledger.head().catch(() => null)
    const answers = await Promise.all(PART_NAMES.map(async (name) => [name, await answer(name)] as const))
    return { at, position, asked, missing, ...(Object.fromEntries(answers) as Answers) }
  },
})

type Answer<Name extends PartName> = z.input<(typeof PARTS)[Name]['output']>
type Answers = { [name in PartName]: Answer<name> | null }

interface Part<Output extends z.ZodType> {
  output: Output
  ask(context: CommandContext, asked: Asked, caller: Caller): Promise<z.input<Output>>
}

function part<Input extends z.ZodType, Output extends z.ZodType>(
  { input, output, run }: Pick<Command<CommandContext, Input, Output>, 'input' | 'output' | 'run'>,
  inputOf: (asked: Asked) => object = () => ({}),
): Part<Output> {
  return { output, ask: (context, asked, caller) => run(context, input.parse(inputOf(asked)), caller) }
}

function mayBeMissing<Parts extends { [name: string]: Part<z.ZodType> }>(
  parts: Parts,
): { [name in keyof Parts]: z.ZodNullable<Parts[name]['output']> } {
  const made = Object.entries(parts).map(([name, { output }]) => [name, output.nullable()])
  return Object.fromEntries(made)
}
