import * as z from 'zod'
import { CutoverError } from '../../../core/error.js'
import type { Json } from '../../../core/json.js'
import { recordComparisons } from '../../../engine/checkpoints/comparisons.js'
import { componentOf } from '../../../engine/components.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

const answer = z.strictObject({
  status: z.number().int().min(100).max(599),
  etag: z.string().max(800).nullable().optional(),
  body: z.json().optional().describe('Compared, and not kept'),
})

export const recordApiComparison = command({
  name: 'record-api-comparison',
  summary:
    'Tells how the legacy and the new system answered the same requests; for a part that a flag switches. Bodies are compared and not kept.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/validation/{component}/comparisons' },
  input: z.strictObject({
    component: z.string().min(1),
    pairs: z
      .array(
        z.strictObject({
          request: z.strictObject({ method: z.string().min(1).max(20), path: z.string().min(1).max(800) }),
          legacy: answer,
          new: answer,
        }),
      )
      .min(1)
      .max(100),
  }),
  output: z.object({
    compared: z.number().int(),
    different: z.number().int(),
    differences: z.record(z.string(), z.number()).describe('How many differ in what'),
  }),
  run: async ({ engine }: CommandContext, { component, pairs }) => {
    const { kind } = await componentOf(engine, component)
    if (kind === 'collection') {
      throw new CutoverError('invalid-input', 'A collection is asked by cutover itself: use validate-component.')
    }
    const told = pairs.map(({ request, ...sides }) => {
      return { request, legacy: sided(sides.legacy), new: sided(sides.new) }
    })
    const found = await recordComparisons(engine.ledger, component, told, engine.clock.now())
    return { compared: found.compared, different: found.different, differences: { ...found.differences } }
  },
})

function sided({ status, etag, body }: z.output<typeof answer>) {
  return { status, etag, body: body as Json | undefined }
}
