import type { Asked } from './ask.js'

/** Commands of lib/commands/operators/flags. */
export const flags: Asked = {}
