import { listMetrics } from './list-metrics.js'
import { recordMetrics } from './record-metrics.js'
import { showMetrics } from './show-metrics.js'

export const metricsVerbs = [showMetrics, listMetrics, recordMetrics] as const
