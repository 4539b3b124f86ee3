import type { InBrowser } from '../page/in-browser.js'
import { AuditTrail } from './audit/trail.js'
import { Why } from './audit/why.js'
import { Charts } from './charts/charts.js'

export const browserParts: InBrowser = { Charts, AuditTrail, Why }
