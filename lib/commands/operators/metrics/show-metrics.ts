import * as z from 'zod'
import { showMetrics as showMetricsOf } from '../../../engine/metrics/shown.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { differenceShape, figuresShape, shownTime, windowInput, windowOf } from '../../metrics-shape.js'

export const showMetrics = command({
  name: 'show-metrics',
  summary: 'What was measured of a component: counts, error rate and latencies of its paths, side by side.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/metrics' },
  input: windowInput,
  output: z.object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    bucketMs: z.number(),
    components: z.array(
      z.object({
        component: z.string(),
        operations: z.array(
          z.object({ operation: z.string(), paths: z.array(figuresShape), difference: differenceShape.nullable() }),
        ),
      }),
    ),
  }),
  async run({ engine }: CommandContext, input) {
    const { from, to, ...shown } = await showMetricsOf(engine, windowOf(input))
    return { from: shownTime(from), to: shownTime(to), ...shown }
  },
})
