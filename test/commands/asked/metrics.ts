import type { Asked } from './ask.js'

/** Commands of lib/commands/operators/metrics. */
export const metrics: Asked = {}
