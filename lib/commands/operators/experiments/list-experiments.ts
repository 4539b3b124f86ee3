import * as z from 'zod'
import { listExperiments as list } from '../../../engine/experiments/kept.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { experimentShape, shownExperiment } from '../../experiments.js'

export const listExperiments = command({
  name: 'list-experiments',
  summary: 'Every experiment and where it stands.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/experiments' },
  input: z.strictObject({
    component: z.string().optional(),
    status: z.enum(['draft', 'running', 'stopped']).optional(),
  }),
  output: z.array(experimentShape),
  run: async ({ engine }: CommandContext, { component, status }) => {
    const all = await list(engine.ledger)
    const wanted = all.filter(
      (one) => one.component === (component ?? one.component) && one.status === (status ?? one.status),
    )
    return wanted.map(shownExperiment)
  },
})
