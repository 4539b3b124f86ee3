import type { Asked } from './ask.js'

/** Commands of lib/commands/operators/stores. */
export const stores: Asked = {}
