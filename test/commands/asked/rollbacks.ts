import type { Asked } from './ask.js'

/** Commands of lib/commands/operators/rollbacks. */
export const rollbacks: Asked = {}
