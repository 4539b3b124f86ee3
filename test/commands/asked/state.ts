import type { Asked } from './ask.js'

/** Commands of lib/commands/operators/state. */
export const state: Asked = {
  'show-dashboard': {},
  'show-health': {},
  'list-state': { path: { kind: 'alert-event' } },
  'list-changes': {},
}
