import { quantile, type Sketch, sizeOf } from '../metrics/sketch.js'
import { type CheckpointFinding, PERFORMANCE_METRICS, type Rule } from './checkpoint.js'
import { ratioBounds } from './order-statistics.js'

/**
 * Whether the new path is worse than the old one by more than the limit, on requests that have met both. It is a breach
 * only when the whole interval of the ratio lies above the limit, and a pass only when all of it lies within; in
 * between, more requests will tell. Either error has at most the probability 1 - confidence.
 */
export function weighPerformance(
  paths: { over: Sketch; under: Sketch },
  { metric, limitShare, confidence, minPairs }: Extract<Rule, { kind: 'performance' }>,
): CheckpointFinding {
  const pairs = Math.min(sizeOf(paths.over), sizeOf(paths.under))
  const q = PERFORMANCE_METRICS[metric]
  const [overMs, underMs] = [quantile(paths.over, q), quantile(paths.under, q)]
  const { lower, upper } = ratioBounds(paths.over, paths.under, q, 1 - confidence)
  const numbers = {
    pairs,
    metric,
    newPathMs: overMs,
    oldPathMs: underMs,
    ratio: overMs === null || underMs === null ? null : overMs / underMs,
    ratioAtLeast: lower,
    ratioAtMost: upper,
    limit: 1 + limitShare,
    confidence,
    minPairs,
  }
  const limit = 1 + limitShare
  if (pairs < Math.max(1, minPairs))
    return { outcome: 'not-enough-evidence', because: 'too-few-pairs', numbers, examples: [] }
  if (lower > limit) return { outcome: 'breach', because: 'over-limit', numbers, examples: [] }
  if (upper !== null && upper <= limit) return { outcome: 'pass', because: 'within-limit', numbers, examples: [] }
  return { outcome: 'not-enough-evidence', because: 'interval-too-wide', numbers, examples: [] }
}
