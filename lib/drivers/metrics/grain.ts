/**
 * How wide buckets are and how long they are kept, all by the width of the fine ones: 720 of those (two hours of ten
 * seconds each), and 8,640 coarse ones of thirty times the width (thirty days of five minutes). So a store holds the
 * same at most whatever the width.
 */
export interface Grain {
  fineMs: number
  coarseMs: number
  fineKeptMs: number
  coarseKeptMs: number
}

export function grainOf(fineMs: number): Grain {
  const coarseMs = fineMs * FINE_IN_COARSE
  return { fineMs, coarseMs, fineKeptMs: fineMs * FINE_KEPT, coarseKeptMs: coarseMs * COARSE_KEPT }
}

const FINE_IN_COARSE = 30
const FINE_KEPT = 720
const COARSE_KEPT = 8_640

/** Buckets of one width, the first at `first`. */
export interface Stretch {
  kind: 'fine' | 'coarse'
  first: number
  widthMs: number
  count: number
}

/**
 * Which buckets answer a window. One that lies within what is kept fine is told by fine ones; any other by coarse ones
 * up to the last that is whole, and by fine ones from there. What would be of the future is left out.
 */
export function stretchesOf({ from, to }: { from: number; to: number }, now: number, grain: Grain): Stretch[] {
  const { fineMs, coarseMs, fineKeptMs, coarseKeptMs } = grain
  const until = Math.min(to, now + coarseMs)
  if (from >= now - fineKeptMs) return nonEmpty(stretch('fine', from, until, fineMs))
  const begun = Math.max(from, now - coarseKeptMs)
  const whole = Math.floor(Math.min(until, now) / coarseMs) * coarseMs
  const coarse = stretch('coarse', begun, whole, coarseMs)
  const fineFrom = Math.max(whole, now - fineKeptMs)
  const tail = whole >= now - fineKeptMs ? nonEmpty(stretch('fine', Math.max(fineFrom, from), until, fineMs)) : []
  return [...nonEmpty(coarse), ...tail]
}

/** Those that begin at `from` or later and before `until`. */
function stretch(kind: Stretch['kind'], from: number, until: number, widthMs: number): Stretch {
  const first = Math.max(0, Math.ceil(from / widthMs) * widthMs)
  return { kind, first, widthMs, count: Math.max(0, Math.ceil((until - first) / widthMs)) }
}

function nonEmpty(one: Stretch): Stretch[] {
  return one.count > 0 ? [one] : []
}
