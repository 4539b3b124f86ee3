import * as z from 'zod'
import { describeSwitches } from '../../../core/switches.js'
import { collectionStatus } from '../../../engine/status.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { stageShape } from '../../shapes.js'

export const listOverrides = command({
  name: 'list-overrides',
  summary: 'The four variables of the environment: what each is set to, what it forces, and on which collections.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/overrides' },
  input: z.strictObject({}),
  output: z.array(
    z.object({
      variable: z.string(),
      value: z.string().nullable().describe('null: not set'),
      inForce: z.boolean().describe('It forces something'),
      effect: z.string(),
      ceiling: stageShape.nullable().describe('No collection further up than this'),
      against: z.array(z.string()).describe('Collections that stand beyond what it lets stand'),
    }),
  ),
  run: async ({ engine }: CommandContext) => {
    const statuses = await Promise.all(engine.collections.map(({ name }) => collectionStatus(engine, name)))
    return describeSwitches(engine.switches).map((one) => ({
      ...one,
      against: statuses.flatMap(({ collection, overrides }) =>
        overrides.some(({ variable, against }) => against && variable === one.variable) ? [collection] : [],
      ),
    }))
  },
})
