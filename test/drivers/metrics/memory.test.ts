import { memoryMetrics } from '../../../lib/drivers/metrics/memory.js'
import { describeMetrics } from '../../contract/metrics.js'

describeMetrics('The memory store', async () => ({ metrics: memoryMetrics({ bucketMs: 10_000 }) }))
