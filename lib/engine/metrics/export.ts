import type { Json } from '../../core/json.js'
import { otlpRequest } from '../../core/metrics/otlp.js'
import type { EngineContext } from '../context.js'

/**
 * Tells a collector of every bucket that is complete, once. What the ledger holds is how far it was told (`until`) and
 * what is being told just now (`claimed`), which is taken before it is sent: no bucket is told twice, for what is added
 * up over there would be wrong for ever.
 *
 * What can go wrong, and what comes of it: an answer that does not come, a refusal, or a cron that ends between taking
 * and telling leaves a gap, and so does a collector that was away for more than `BACKLOG` buckets; the cursor counts the
 * milliseconds of gaps (`missedMs`), and the turn tells of them. Two crons at once: one of them finds the cursor taken.
 * What an instance writes later than `lagMs` after it happened is not told. A collector that surely took nothing (it
 * refused the connection, or asked for patience) is told again. Where nothing was measured nothing is written.
 */
export async function exportMetrics(context: EngineContext, deadlineAt: number): Promise<Json> {
  const { telemetry, clock } = context
  if (telemetry === undefined) return { kind: 'off' }
  let buckets = 0
  for (let turn = 0; turn < TURNS_MAX && deadlineAt - clock.now() > MARGIN_MS; turn++) {
    const step = await exportNext(context, telemetry)
    if (step.kind !== 'taken') return { ...step, buckets }
    buckets += step.buckets
  }
  return { kind: 'taken', buckets }
}

/** Requests of one turn, buckets of a request, and how far back is still told, in buckets. */
const TURNS_MAX = 20
const BUCKETS_A_REQUEST = 30
const BACKLOG = 360
const MARGIN_MS = 10_000
/** Longer than telling takes. */
const CLAIM_MS = 60_000

export const EXPORT_KEY = 'metrics-export'

interface Cursor {
  /** Buckets that begin before were told, or never will be. Wall-clock milliseconds. */
  until: number
  claimed: { from: number; at: number } | null
  missedMs: number
}

type Step =
  | { kind: 'taken'; buckets: number; rejected: number }
  | { kind: 'idle' | 'busy' | 'later' | 'refused' | 'unknown' }

async function exportNext(context: EngineContext, telemetry: NonNullable<EngineContext['telemetry']>): Promise<Step> {
  const { metrics, ledger, clock } = context
  const { bucketMs } = metrics
  const now = clock.now()
  const complete = Math.floor((now - telemetry.lagMs) / bucketMs) * bucketMs
  const held = await ledger.read(EXPORT_KEY)
  const first: Cursor = { until: complete - BACKLOG * bucketMs, claimed: null, missedMs: 0 }
  const cursor = held === null ? first : (held.value as unknown as Cursor)
  if (cursor.claimed !== null && now - cursor.claimed.at < CLAIM_MS) return { kind: 'busy' }
  const abandoned = cursor.claimed === null ? 0 : cursor.until - cursor.claimed.from // at most
  const from = Math.max(cursor.until, complete - BACKLOG * bucketMs)
  const found = from < complete ? await metrics.read({ from, to: complete }) : []
  const buckets = found.filter(({ at, widthMs }) => at + widthMs <= complete).slice(0, BUCKETS_A_REQUEST)
  const [begin, last] = [buckets[0], buckets.at(-1)]
  if (begin === undefined || last === undefined) return { kind: 'idle' }
  const to = last.at + last.widthMs
  const tooOld = from > cursor.until ? await metrics.read({ from: cursor.until, to: from }) : []
  const passedOver = Math.min(widthOf(tooOld), from - cursor.until)
  const missedMs = cursor.missedMs + abandoned + passedOver
  const revision = await put(
    context,
    { until: to, claimed: { from: begin.at, at: now }, missedMs },
    held?.revision ?? null,
  )
  if (revision === null) return { kind: 'busy' }
  const pushed = await telemetry.push(otlpRequest(buckets))
  const missed = pushed.kind === 'taken' || pushed.kind === 'later' ? missedMs : missedMs + widthOf(buckets)
  const after = { until: pushed.kind === 'later' ? from : to, claimed: null, missedMs: missed }
  await put(context, after, revision) // where somebody else has taken it meanwhile, they have counted it as a gap
  if (pushed.kind === 'taken') return { kind: 'taken', buckets: buckets.length, rejected: pushed.rejected }
  return { kind: pushed.kind }
}

function widthOf(buckets: readonly { widthMs: number }[]): number {
  return buckets.reduce((sum, { widthMs }) => sum + widthMs, 0)
}

async function put({ ledger }: EngineContext, cursor: Cursor, ifRevision: number | null): Promise<number | null> {
  const answer = await ledger.commit([{ key: EXPORT_KEY, ifRevision, value: cursor as unknown as Json }])
  return answer.kind === 'committed' ? (answer.revisions[0] ?? null) : null
}
