import * as z from 'zod'

/** For what gives the source up; refused as `zero-loss-not-proved` otherwise. */
export const acceptRiskInput = z.strictObject({
  acceptRisk: z
    .literal('zero-loss-not-proved')
    .optional()
    .describe('Go on although no zero-loss check has proved that the target has everything; kept in the audit trail'),
})
