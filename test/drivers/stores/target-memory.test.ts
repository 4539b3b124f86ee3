import { memoryTarget } from '../../../lib/drivers/stores/memory/target.js'
import { realClock } from '../../contract/stores.js'
import { describeTarget } from '../../contract/target.js'

describeTarget('A target in memory', async () => {
  const fixed = { collection: 'items', partitions: 2, clock: realClock }
  const target = memoryTarget(fixed)
  return { target, another: () => target, fresh: (latenessMs) => memoryTarget({ ...fixed, latenessMs }), way: null }
})
