import * as z from 'zod'
import type { Analysis } from '../core/experiment/analyse.js'

const testShape = z
  .object({
    shown: z.boolean(),
    p: z.number().nullable(),
    evidence: z.number().nullable().describe('What a fair bet against it has made of 1'),
    bound: z.number().nullable(),
  })
  .nullable()

const armShape = z.object({
  subjects: z.number(),
  measured: z.number(),
  mean: z.number().nullable(),
  deviation: z.number().nullable(),
})

/** What the numbers of a round come to. */
export const analysisShape = z.object({
  at: z.string(),
  subjects: z.number(),
  sampleRatio: z.array(
    z.object({
      of: z.enum(['subjects', 'key-space']),
      counts: z.array(z.number()),
      shares: z.array(z.number()),
      p: z.number().nullable(),
      evidence: z.number(),
      bound: z.number(),
      mismatch: z.boolean(),
    }),
  ),
  comparisons: z.array(
    z.object({
      metric: z.string(),
      kind: z.string(),
      role: z.enum(['goal', 'guardrail']),
      better: z.enum(['lower', 'higher']),
      treatment: z.string(),
      control: armShape,
      treated: armShape,
      difference: z.number().nullable(),
      relative: z.number().nullable(),
      interval: z
        .object({
          low: z.number(),
          high: z.number(),
          level: z.number(),
          holds: z.enum(['at-every-look', 'at-planned-looks', 'once']),
        })
        .nullable(),
      different: testShape,
      inferior: testShape,
      safe: testShape,
      finding: z.enum(['better', 'worse', 'inferior', 'safe', 'not-shown']),
    }),
  ),
})

export function shownAnalysis({ at, subjects, sampleRatio, comparisons }: Analysis): z.input<typeof analysisShape> {
  return { at: new Date(at).toISOString(), subjects, sampleRatio, comparisons }
}
