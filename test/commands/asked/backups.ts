import type { Asked } from './ask.js'

/** Commands of lib/commands/operators/backups. */
export const backups: Asked = {}
