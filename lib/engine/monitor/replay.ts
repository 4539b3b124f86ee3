import { CutoverError } from '../../core/error.js'
import { rulesOf } from '../../core/monitor/apply.js'
import { checkRule } from '../../core/monitor/check-rule.js'
import { REPLAY_WEIGHINGS_MAX, type Replay, replay } from '../../core/monitor/replay.js'
import { MINUTE_MS, type Rule, reachOf } from '../../core/monitor/rule.js'
import { componentOf } from '../components.js'
import type { EngineContext } from '../context.js'

export interface ReplayRequest {
  rule: Rule
  component: string
  /** Wall-clock milliseconds. */
  from: number
  to: number
  /** Default: a fifth of a window, or more where that would be too many. */
  stepMinutes?: number | undefined
}

/** Thirty days, which is as long as metrics are kept. */
const SPAN_MS_MAX = 30 * 86_400_000

/** What a rule would have decided of a component, with no effect: by what was recorded, in one read of it. */
export async function replayRule(
  context: Pick<EngineContext, 'metrics' | 'collections' | 'ledger'>,
  { rule, component, from, to, stepMinutes }: ReplayRequest,
): Promise<Replay & { stepMinutes: number }> {
  const of = await componentOf(context, component)
  const [own = checkRule(rule)] = rulesOf(of, [checkRule({ ...rule, component })], [])
  const span = to - from
  if (!(span > 0 && span <= SPAN_MS_MAX)) throw invalid('`to` is after `from`, by at most thirty days.')
  const asked = stepMinutes === undefined ? own.windowMinutes / 5 : stepMinutes
  const least = span / (REPLAY_WEIGHINGS_MAX - 1) / MINUTE_MS
  if (stepMinutes !== undefined && stepMinutes < least)
    throw invalid(`That would be more than ${REPLAY_WEIGHINGS_MAX} weighings: take a longer step, or less time.`)
  const step = Math.max(asked, least)
  const buckets = await context.metrics.read({ from: from - reachOf(own), to, of: { component } })
  return { ...replay(own, component, buckets, { from, to, stepMs: step * MINUTE_MS }), stepMinutes: step }
}

function invalid(message: string): CutoverError {
  return new CutoverError('invalid-input', message)
}
