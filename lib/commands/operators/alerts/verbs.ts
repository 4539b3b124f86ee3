import { acknowledgeAlert } from './acknowledge-alert.js'
import { escalateAlert } from './escalate-alert.js'
import { listAlerts } from './list-alerts.js'
import { listDeliveries } from './list-deliveries.js'
import { resolveAlert } from './resolve-alert.js'
import { showAlert } from './show-alert.js'

export const alertVerbs = [listAlerts, showAlert, acknowledgeAlert, escalateAlert, resolveAlert, listDeliveries]
