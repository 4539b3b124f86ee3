import { forceOpen } from '../../../engine/failing/orders.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { orderShape, storeInput } from './list-breakers.js'

export const forceBreakerOpen = command({
  name: 'force-breaker-open',
  summary: 'Has the application leave a store alone until reset-breaker; what needs that store fails at once.',
  role: 'operator',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/breakers/{store}/force-open' },
  input: storeInput.extend(reasonInput.shape),
  output: orderShape,
  run: ({ engine }: CommandContext, { store, reason }, caller) => forceOpen(engine, store, { by: caller.name, reason }),
})
