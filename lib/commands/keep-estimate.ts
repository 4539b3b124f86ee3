import { PRICES } from '../core/estimate/prices.js'
import type { EngineContext } from '../engine/context.js'
import { keepEstimate } from '../engine/estimate/kept.js'

/** Keeps what `plan-migration` would say now, with what it takes where nothing else is asked. */
export function keepFirstEstimate(
  engine: EngineContext,
  asked: { course: 'week' | 'by-hand'; collections: readonly string[]; timeScale?: number },
  madeFor: string,
): Promise<void> {
  const blob = engine.documents.label.startsWith('blob')
  const defaults = { timeScale: 1, tickSeconds: 60, compareShare: 0.01, throttle: true, readRegions: 0 }
  return keepEstimate(engine, { ...defaults, ...asked, blob, prices: PRICES }, madeFor)
}
