import * as z from 'zod'
import { listPhaseChecks as listOf } from '../../../engine/checkpoints/named.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { phaseCheckShape, shownPhaseCheck } from '../../phase-check-shape.js'

export const listPhaseChecks = command({
  name: 'list-phase-checks',
  summary: 'The named lists of checkpoints, by name, with their rules.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/phase-checks' },
  input: z.strictObject({}),
  output: z.array(phaseCheckShape),
  run: async ({ engine }: CommandContext) => (await listOf(engine)).map(shownPhaseCheck),
})
