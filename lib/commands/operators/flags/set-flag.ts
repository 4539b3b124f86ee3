import * as z from 'zod'
import { setFlag as applyFlag } from '../../../engine/flags/stages.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { movedShape, reasonInput } from '../../shapes.js'

export const setFlag = command({
  name: 'set-flag',
  summary: 'Sets a switch, which moves the stages behind it.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'PUT', path: '/flags/{name}' },
  input: z.strictObject({
    name: z.string().min(1),
    value: z.union([z.boolean(), z.number(), z.string()]).describe('true, false, a percentage, or a mode'),
    ...reasonInput.shape,
  }),
  output: z.object({
    kind: z.enum(['set', 'refused']),
    reason: z.string().nullable(),
    moves: z.array(z.object({ collection: z.string(), result: movedShape })),
  }),
  run: async ({ engine }: CommandContext, { name, value, reason }, caller) => {
    const moves = await applyFlag(engine, name, value, { by: caller.name, reason })
    const refused = moves.find(({ result }) => result.kind === 'refused' && result.reason !== 'already-there')
    const why = refused?.result.kind === 'refused' ? refused.result.reason : null
    return { kind: why === null ? ('set' as const) : ('refused' as const), reason: why, moves }
  },
})
