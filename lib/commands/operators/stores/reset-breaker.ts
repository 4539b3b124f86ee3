import * as z from 'zod'
import { resetBreaker as reset } from '../../../engine/failing/orders.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { storeInput } from './list-breakers.js'

export const resetBreaker = command({
  name: 'reset-breaker',
  summary: 'Has a store asked again: ends an order to leave it alone, and closes its breaker.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/breakers/{store}/reset' },
  input: storeInput.extend(reasonInput.shape),
  output: z.object({ told: z.boolean().describe('The other instances hear of it') }),
  run: ({ engine }: CommandContext, { store, reason }, caller) => reset(engine, store, { by: caller.name, reason }),
})
