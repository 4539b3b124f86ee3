import type { Metered } from '../../core/estimate/metered.js'
import type { Money } from '../../core/estimate/money.js'
import type { Json } from '../../core/json.js'
import type { Ledger } from '../../ports/ledger.js'

/** What was said of the cost before anything was started, kept so that it can be held against what it came to. */
export interface KeptEstimate {
  form: 1
  /** Wall-clock milliseconds. */
  madeAt: number
  /** The verb that began the migration. */
  madeFor: string
  course: 'week' | 'by-hand'
  collections: readonly string[]
  commands: number
  messages: number
  seconds: number
  /** US dollars. */
  money: Money
  /** What had been metered by then; `null`: nothing. */
  before: Metered | null
}

export const ESTIMATE_KEY = 'estimate/first'

/** `null`: none was kept, or it cannot be read as one. */
export async function readEstimate(ledger: Ledger): Promise<KeptEstimate | null> {
  const held = await ledger.read(ESTIMATE_KEY)
  const value = held?.value as unknown as KeptEstimate | undefined
  return value?.form === 1 ? value : null
}

/** Kept once: whoever comes later finds it there. */
export async function keepEstimate(ledger: Ledger, estimate: KeptEstimate): Promise<boolean> {
  const change = { key: ESTIMATE_KEY, ifRevision: null, value: estimate as unknown as Json }
  return (await ledger.commit([change])).kind === 'committed'
}
