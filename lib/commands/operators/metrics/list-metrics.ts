import * as z from 'zod'
import { listPoints, POINTS_MAX } from '../../../engine/metrics/points.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { figuresShape, shownTime, windowInput, windowOf } from '../../metrics-shape.js'

export const listMetrics = command({
  name: 'list-metrics',
  summary: 'What was measured of a component, over time: one point for each stretch of the window.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/metrics/series' },
  input: windowInput.extend({
    points: z.number().int().min(1).max(POINTS_MAX).default(120).describe('At most so many'),
  }),
  output: z.object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    stepMs: z.number(),
    points: z.array(
      z.object({
        at: z.iso.datetime(),
        widthMs: z.number(),
        series: z.array(figuresShape.extend({ component: z.string(), operation: z.string() })),
      }),
    ),
  }),
  async run({ engine }: CommandContext, { points, ...input }) {
    const found = await listPoints(engine, { ...windowOf(input), points })
    return {
      ...found,
      from: shownTime(found.from),
      to: shownTime(found.to),
      points: found.points.map((point) => ({ ...point, at: shownTime(point.at) })),
    }
  },
})
