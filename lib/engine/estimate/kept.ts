import { CutoverError } from '../../core/error.js'
import {
  type Metered,
  meteredTogether,
  OWN_COMPONENT,
  type Spent,
  type SpentFor,
  spentFor,
} from '../../core/estimate/metered.js'
import type { Money } from '../../core/estimate/money.js'
import { commandsOf, sum, times, type Usage } from '../../core/estimate/usage.js'
import type { Json } from '../../core/json.js'
import type { Ledger } from '../../ports/ledger.js'
import type { EngineContext } from '../context.js'
import { type Estimate, type EstimateRequest, estimate } from './estimate.js'

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
  /** Of the estimate, what it was for; absent: it was made before this was told apart. */
  parts?: Parts
}

/** `null`: nothing was said of it. Looks at pages are in no estimate. */
export interface Parts {
  moving: Spent
  watching: Spent | null
  traffic: Spent | null
  before: SpentFor
}

export const ESTIMATES = 'estimate/'
export const ESTIMATES_MAX = 100

/** Those that were kept, each of collections of its own; the first of each collection. */
export async function keptEstimates(ledger: Ledger): Promise<KeptEstimate[]> {
  const { items } = await ledger.list(ESTIMATES, null, ESTIMATES_MAX)
  return items.map(({ value }) => value as unknown as KeptEstimate).filter(({ form }) => form === 1)
}

/**
 * Keeps what the migration that has just begun was to cost, unless that was said before of any of its collections. It
 * comes after the act and is given little time: whatever it fails by, nothing is kept, and the act has happened.
 */
export async function keepEstimate(
  context: EngineContext,
  request: Omit<EstimateRequest, 'measureMs'>,
  madeFor: string,
): Promise<void> {
  try {
    const { ledger, metrics, clock } = context
    const { course, collections } = request
    const known = new Set((await keptEstimates(ledger)).flatMap((kept) => kept.collections))
    const [first] = collections
    if (first === undefined || collections.some((name) => known.has(name))) return
    const found = await estimate(context, { ...request, measureMs: MEASURE_MS })
    const all = sum(found.own, found.traffic)
    const totals = await metrics.totals()
    const names = [...context.collections.map(({ name }) => name), OWN_COMPONENT]
    const kept: KeptEstimate = {
      ...{ form: 1, madeAt: clock.now(), madeFor, course, collections },
      commands: Math.round(commandsOf(all)),
      messages: Math.round(all.messages),
      seconds: found.seconds,
      money: found.money,
      before: meteredTogether(totals.measurements),
    }
    kept.parts = partsOf(found, request, spentFor(totals.measurements, names))
    const value = JSON.parse(JSON.stringify(kept)) as Json
    await ledger.commit([{ key: ESTIMATES + first, ifRevision: null, value }])
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error
  }
}

/** For reading the sources, in milliseconds: an operator waits for the answer meanwhile. */
const MEASURE_MS = 1_500

/** By what the same work is metered as: an autopilot moves stages in ticks, an operator by a verb. */
function partsOf(found: Estimate, { course }: Pick<EstimateRequest, 'course'>, before: SpentFor): Parts {
  if (course === 'by-hand') return { moving: spentOf(found.own), watching: null, traffic: null, before }
  const moves = found.steps.filter((_, number) => found.plan[number]?.action.kind === 'move')
  const watching = sum(
    ...found.steps.flatMap(({ autopilot, watch }) => [autopilot, watch]),
    ...moves.flatMap(({ actions }) => actions.map(({ usage }) => usage)),
  )
  const moving = sum(found.own, times(-1, watching))
  return { moving: spentOf(moving), watching: spentOf(watching), traffic: spentOf(found.traffic), before }
}

function spentOf(usage: Usage): Spent {
  return { commands: Math.round(commandsOf(usage)), messages: Math.round(usage.messages) }
}
