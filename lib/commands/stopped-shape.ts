import * as z from 'zod'
import { ROLLBACK_STATUSES } from '../core/rollback/rollback.js'
import { STOP_PARTS, type Stopped } from '../core/rollback/stopped.js'
import { STAGES } from '../core/stage.js'

/** An emergency stop that stands, as operators see it. */
export const stoppedShape = z.object({
  kind: z.literal('stopped'),
  stopId: z.string(),
  state: z.literal('failed'),
  since: z.string(),
  by: z.string(),
  reason: z.string(),
  again: z.array(z.object({ at: z.string(), by: z.string(), reason: z.string() })).describe('Further calls since'),
  open: z.array(z.enum(STOP_PARTS)).describe('What is not done yet; the tick does it'),
})

export const stopReportShape = stoppedShape.extend({
  recorded: z.boolean().describe('false: the ledger did not answer; the rest goes on when it does'),
  rehearsal: z.boolean().describe('Nothing was done: this is what would be'),
  flagsOff: z.array(z.string()),
  rollbacks: z.array(
    z.object({
      component: z.string(),
      rollbackId: z.string(),
      status: z.enum(ROLLBACK_STATUSES),
      inWords: z.string(),
      from: z.enum(STAGES).nullable().describe('Where it stood, if that could be told'),
      secondsLeft: z.number().nullable().describe('Until it is back, an estimate; in a rehearsal, of the whole'),
      steps: z.array(z.string()).describe('What came of each step, or would'),
    }),
  ),
  runsCancelled: z.array(z.string()),
  runsKept: z.array(z.string()).describe('Passes that the way back needs'),
  plansFailed: z.array(z.string()),
  programsFailed: z.array(z.string()),
  timersCleared: z.number().int(),
  underWay: z.array(z.object({ part: z.string(), because: z.string() })),
})

export function shownStopped({ id, state, at, by, reason, again, open }: Stopped): z.input<typeof stoppedShape> {
  return {
    kind: 'stopped',
    stopId: id,
    state,
    since: new Date(at).toISOString(),
    by,
    reason,
    again: again.map((one) => ({ ...one, at: new Date(one.at).toISOString() })),
    open: [...open],
  }
}
