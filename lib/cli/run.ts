import * as z from 'zod'

/** A run as the server shows it; what is more is kept. */
export const runSchema = z.looseObject({
  id: z.string(),
  kind: z.string(),
  collection: z.string(),
  status: z.enum(['running', 'paused', 'succeeded', 'failed', 'cancelled']),
  progress: z.object({
    done: z.number(),
    total: z.number().nullable(),
    perSecond: z.number().nullable(),
    secondsLeft: z.number().nullable(),
  }),
  counters: z.record(z.string(), z.number()),
  reason: z.string().nullable(),
})

export type Run = z.output<typeof runSchema>

export function isOver(run: Run): boolean {
  return run.status !== 'running' && run.status !== 'paused'
}
