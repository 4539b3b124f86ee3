import * as z from 'zod'
import { walkStages } from '../../engine/stages/walk.js'
import { command } from '../command.js'
import type { CommandContext } from '../context.js'
import { movedShape, reasonInput } from '../shapes.js'

export const emergencyRollback = command({
  name: 'emergency-rollback',
  summary: 'Every collection back as far as is safe at once.',
  role: 'operator',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/emergency-rollback' },
  input: reasonInput,
  output: z.object({ moves: z.array(z.object({ collection: z.string(), result: movedShape })) }),
  run: async ({ engine }: CommandContext, { reason }, caller) => {
    const moves = []
    for (const { name } of engine.collections) {
      const walk = {
        collection: name,
        direction: 'down' as const,
        to: 'dualwrite' as const,
        action: 'emergency-rollback',
      }
      moves.push({ collection: name, result: await walkStages(engine, walk, { by: caller.name, reason }) })
    }
    return { moves }
  },
})
