import { listChanges } from './list-changes.js'
import { listState } from './list-state.js'
import { showHealth } from './show-health.js'

export const stateVerbs = [showHealth, listState, listChanges]
