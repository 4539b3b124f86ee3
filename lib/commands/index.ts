import type * as z from 'zod'
import type { Command } from './command.js'
import type { CommandContext } from './context.js'
import { alertVerbs } from './operators/alerts/verbs.js'
import { backupVerbs } from './operators/backups/verbs.js'
import { checkpointVerbs } from './operators/checkpoints/verbs.js'
import { collectionVerbs } from './operators/collections/verbs.js'
import { experimentVerbs } from './operators/experiments/verbs.js'
import { finishVerbs } from './operators/finish/verbs.js'
import { flagVerbs } from './operators/flags/verbs.js'
import { metricsVerbs } from './operators/metrics/verbs.js'
import { planVerbs } from './operators/plans/verbs.js'
import { programVerbs } from './operators/programs/verbs.js'
import { rollbackVerbs } from './operators/rollbacks/verbs.js'
import { runVerbs } from './operators/runs/verbs.js'
import { stateVerbs } from './operators/state/verbs.js'
import { storeVerbs } from './operators/stores/verbs.js'

export type AnyCommand = Command<CommandContext, z.ZodType, z.ZodType>

/** What operators do, by what it is about; in the order of their help. */
const AREAS = {
  collections: collectionVerbs,
  runs: runVerbs,
  flags: flagVerbs,
  metrics: metricsVerbs,
  alerts: alertVerbs,
  rollbacks: rollbackVerbs,
  checkpoints: checkpointVerbs,
  plans: planVerbs,
  programs: programVerbs,
  experiments: experimentVerbs,
  stores: storeVerbs,
  backups: backupVerbs,
  state: stateVerbs,
  finish: finishVerbs,
}

/** Every verb of the operators, in the order of their help. */
export const commands: readonly AnyCommand[] = Object.entries(AREAS).flatMap(([area, verbs]) =>
  (verbs as unknown as readonly AnyCommand[]).map((verb) => ({ ...verb, area })),
)
