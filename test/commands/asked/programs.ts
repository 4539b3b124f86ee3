import type { Asked } from './ask.js'

/** Commands of lib/commands/operators/programs. */
export const programs: Asked = {}
