import type { Asked } from './ask.js'

/** Commands of lib/commands/operators/state. */
export const state: Asked = {}
