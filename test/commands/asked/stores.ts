import type { Asked } from './ask.js'

const reason = { reason: 'because' }

/** Commands of lib/commands/operators/stores. */
export const stores: Asked = {
  'list-breakers': {},
  'force-breaker-open': { path: { store: 'target' }, input: reason },
  'reset-breaker': { path: { store: 'target' }, input: reason },
}
