import { acknowledgeAlert } from './acknowledge-alert.js'
import { listAlerts } from './list-alerts.js'

export const alertVerbs = [listAlerts, acknowledgeAlert]
