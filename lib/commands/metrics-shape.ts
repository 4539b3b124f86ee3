import * as z from 'zod'
import { PATHS } from '../core/metrics/measurement.js'
import type { Window } from '../engine/metrics/shown.js'

/** Shapes that the verbs of the metrics share. */
export const windowInput = z.strictObject({
  component: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('A collection, or a part that a flag switches; otherwise all of them'),
  path: z.enum(PATHS).optional().describe('Only what went this way'),
  operation: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('Only this operation: read, list, write, compare, runtime...'),
  windowMinutes: z
    .number()
    .min(1 / 60)
    .max(43_200)
    .default(60)
    .describe('How far back, in minutes; thirty days at most'),
  at: z.iso.datetime({ offset: true }).optional().describe('Where the window ends (ISO 8601); otherwise now'),
})

export function windowOf({ at, ...rest }: z.output<typeof windowInput>): Window {
  return { ...rest, ...(at === undefined ? {} : { at: Date.parse(at) }) }
}

export function shownTime(ms: number): string {
  return new Date(ms).toISOString()
}

const share = z.number().nullable()

export const figuresShape = z.object({
  path: z.enum(PATHS).nullable(),
  count: z.number(),
  errors: z.number().describe('Failed by no fault of the caller'),
  errorRate: share.describe('0 to 1; null: there were no operations'),
  p50Ms: share,
  p95Ms: share,
  p99Ms: share,
  sums: z.record(z.string(), z.number()),
  peaks: z.record(z.string(), z.number()),
})

export const differenceShape = z
  .object({ from: z.enum(PATHS), to: z.enum(PATHS), errorRate: share, p50: share, p95: share, p99: share })
  .describe('By how much the second path is above the first, as a share of the first; null: nothing to compare with')
