import { acknowledgeAlert } from './acknowledge-alert.js'
import { armRule } from './arm-rule.js'
import { deleteRule } from './delete-rule.js'
import { disarmRule } from './disarm-rule.js'
import { escalateAlert } from './escalate-alert.js'
import { explainDecision } from './explain-decision.js'
import { listAlerts } from './list-alerts.js'
import { listDecisions } from './list-decisions.js'
import { listDeliveries } from './list-deliveries.js'
import { listRules } from './list-rules.js'
import { putRule } from './put-rule.js'
import { replayRule } from './replay-rule.js'
import { resolveAlert } from './resolve-alert.js'
import { showAlert } from './show-alert.js'
import { showMonitor } from './show-monitor.js'
import { showRule } from './show-rule.js'

export const alertVerbs = [
  listAlerts,
  showAlert,
  acknowledgeAlert,
  escalateAlert,
  resolveAlert,
  listDeliveries,
  listRules,
  showRule,
  putRule,
  deleteRule,
  armRule,
  disarmRule,
  replayRule,
  showMonitor,
  listDecisions,
  explainDecision,
]
