import { listChanges } from './list-changes.js'
import { listState } from './list-state.js'
import { showDashboard } from './show-dashboard.js'
import { showHealth } from './show-health.js'

export const stateVerbs = [showDashboard, showHealth, listState, listChanges]
