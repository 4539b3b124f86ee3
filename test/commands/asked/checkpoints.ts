import type { Asked } from './ask.js'

/** Commands of lib/commands/operators/checkpoints. */
export const checkpoints: Asked = {}
