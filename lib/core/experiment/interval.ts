import { isNearNormal, type Pair } from './hypothesis.js'
import { boundaryOf, type Look } from './judge.js'
import { sequenceRadius } from './statistics/confidence-sequence.js'
import { welchRadius } from './statistics/welch.js'
import { contrastOfMetric } from './summary.js'

/** Where the difference lies, in the metric's unit, but for the probability `alpha`. */
export interface Interval {
  low: number
  high: number
  level: number
  /** Which looks it holds at, all together. */
  holds: 'at-every-look' | 'at-planned-looks' | 'once'
}

/** treatment - control of one metric. `null`: too few subjects, no spread, or no look is due. */
export function intervalOf(pair: Pair, look: Look): Interval | null {
  const { alpha, method, shares } = look
  const contrast = contrastOfMetric(pair.metric, pair.control, pair.treatment, 1)
  if (contrast === null) return null
  const { estimate, standardError, n } = contrast
  const about = (radius: number, holds: Interval['holds']): Interval => {
    return { low: estimate - radius, high: estimate + radius, level: 1 - alpha, holds }
  }
  if (method.kind === 'always-valid')
    return isNearNormal(pair) ? about(sequenceRadius(n, pair.rho, alpha) * standardError, 'at-every-look') : null
  if (shares === null) return null
  if (method.kind === 'fixed') return about(welchRadius(contrast, alpha), 'once')
  // An interval of a group-sequential test (Jennison and Turnbull, chapter 9): the boundary times the standard error.
  return about(boundaryOf(look, shares, alpha, method.spending, 2) * standardError, 'at-planned-looks')
}
