import { PRICES } from '../core/estimate/prices.js'
import { keepEstimate } from '../engine/estimate/kept.js'
import type { CommandContext } from './context.js'

/**
 * Keeps what `plan-migration` would say now, with what it takes where nothing else is asked. The act has happened by then,
 * and its answer says so whatever is the matter here.
 */
export async function keepFirstEstimate(
  { engine, fault }: Pick<CommandContext, 'engine' | 'fault'>,
  asked: { course: 'week' | 'by-hand'; collections: readonly string[]; timeScale?: number },
  madeFor: string,
): Promise<void> {
  const blob = engine.documents.label.startsWith('blob')
  const defaults = { timeScale: 1, tickSeconds: 60, compareShare: 0.01, throttle: true, readRegions: 0 }
  try {
    await keepEstimate(engine, { ...defaults, ...asked, blob, prices: PRICES }, madeFor)
  } catch (error) {
    fault?.('keep-estimate', error)
  }
}
