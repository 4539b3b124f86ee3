import type { Asked } from './ask.js'

/** Commands of lib/commands/operators/experiments. */
export const experiments: Asked = {}
