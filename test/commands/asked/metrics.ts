import { nothingMeasured } from '../../../lib/core/metrics/measurement.js'
import { putNamedFlag } from '../../../lib/engine/flags/flags.js'
import { declareComponent } from '../../../lib/engine/programs/declare.js'
import { flagNamed } from '../../engine/flags/flag-named.js'
import { MOVER, type World } from '../../engine/runs/world.js'
import type { Asked } from './ask.js'

/** Commands of lib/commands/operators/metrics. */
export const metrics: Asked = {
  'show-metrics': { before: traffic },
  'list-metrics': { before: traffic },
  'record-metrics': {
    before: declared,
    input: {
      id: 'report-1',
      component: 'checkout',
      measurements: [{ path: 'legacy', operation: 'pay', count: 2, latencies: [{ ms: 12 }, { ms: 15 }] }],
    },
    silent: true,
  },
}

async function traffic(at: World): Promise<undefined> {
  for (const path of ['source', 'target'] as const) {
    const series = { component: 'projects', path, operation: 'read' }
    const one = { ...series, ...nothingMeasured(), count: 2, latencyMs: new Map([[120, 2]]) }
    await at.context.metrics.add(at.clock.time - 60_000, [one])
  }
  return undefined
}

async function declared(at: World): Promise<undefined> {
  await putNamedFlag(at.context, flagNamed('checkout'), MOVER)
  await declareComponent(at.context, { name: 'checkout', flag: 'checkout', description: '' }, MOVER)
  return undefined
}
