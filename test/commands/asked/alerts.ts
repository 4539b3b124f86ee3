import type { Asked } from './ask.js'

/** Commands of lib/commands/operators/alerts. */
export const alerts: Asked = {}
