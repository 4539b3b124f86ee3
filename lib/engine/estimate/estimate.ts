import { ASSUMED_PER_SECOND, TELLING_RECORDS } from '../../core/estimate/batches.js'
import { byHand } from '../../core/estimate/course.js'
import { type Billed, beyondFree, type Money, moneyOf } from '../../core/estimate/money.js'
import { type NoWayBack, noWayBackOfSteps } from '../../core/estimate/no-way-back.js'
import { estimatePlan, onceUsage, type StepEstimate } from '../../core/estimate/plan.js'
import type { Prices } from '../../core/estimate/prices.js'
import type { PlannedCollection } from '../../core/estimate/setting.js'
import { type Storage, storageOf } from '../../core/estimate/sizes.js'
import { isInUse, type Traffic } from '../../core/estimate/traffic.js'
import { sum, times, type Usage } from '../../core/estimate/usage.js'
import { HOURLY, RULES_WEIGHED, tickUsage, watchUsage } from '../../core/estimate/watching.js'
import type { PlanStep } from '../../core/plan/plan.js'
import { theWeek } from '../../core/plan/the-week.js'
import { progressOf } from '../../core/run.js'
import type { Collection } from '../collection.js'
import { collectionOf, type EngineContext } from '../context.js'
import { QUIET_MS } from '../finish/clean-up.js'
import { trafficSince } from '../metrics/traffic.js'
import { latestRun } from '../runs/store.js'
import { type Measured, measure } from './measure.js'

/** What a migration would be, before anything is started. Reads; writes nothing. */
export interface EstimateRequest {
  course: 'week' | 'by-hand'
  collections: readonly string[]
  timeScale: number
  tickSeconds: number
  quietMs?: number | undefined
  recordsPerSecond?: number | undefined
  readsPerDay?: number | undefined
  writesPerDay?: number | undefined
  compareShare: number
  /** Runs slow down while clients use the application. */
  throttle: boolean
  readRegions: number
  /** The documents are in a store that bills operations. */
  blob: boolean
  prices: Prices
  /** For reading all sources, in milliseconds; default: well within a function's time. */
  measureMs?: number
}

export interface Estimate {
  collections: EstimatedCollection[]
  plan: readonly PlanStep[]
  steps: StepEstimate[]
  /** Over all steps, with what is needed once; the callers' traffic aside, which is `traffic`. */
  own: Usage
  traffic: Usage
  storedBytes: { highest: number; afterwards: number }
  seconds: number
  money: Money
  beyondFree: string[]
  /** A day of the cron, while collections are on their way and after they were cleaned up. */
  standing: { usage: Usage; afterwards: Usage; ofEachDocument: Usage }
  noWayBack: NoWayBack[]
}

export interface EstimatedCollection extends Measured, PlannedCollection {
  storage: Storage
  rateFrom: 'request' | 'last-run' | 'assumed'
  trafficFrom: 'request' | 'counted' | 'unknown'
}

export async function estimate(context: EngineContext, request: EstimateRequest): Promise<Estimate> {
  const { course, timeScale, tickSeconds, throttle, quietMs = QUIET_MS, measureMs = MEASURE_MS } = request
  const collections: EstimatedCollection[] = []
  for (const name of request.collections)
    collections.push(
      await lookAt(context, collectionOf(context, name), request, measureMs / request.collections.length),
    )
  const plan = course === 'week' ? theWeek(request.collections, { timeScale }).steps : byHand()
  const driver = course === 'week' ? ('autopilot' as const) : ('operator' as const)
  const others = context.collections.filter(({ name }) => !request.collections.includes(name))
  const bystanders = others.map(({ source }) => source.partitions.length)
  const shared = { timeScale, tickSeconds, throttle, quietMs, collections, bystanders }
  const steps = estimatePlan({ ...shared, steps: plan, driver })
  const own = sum(
    onceUsage({ driver, collections }),
    ...steps.flatMap(({ actions, autopilot, watch }) => [...actions.map(({ usage }) => usage), autopilot, watch]),
  )
  const traffic = sum(...steps.map((step) => step.traffic))
  const stored = collections.map(({ storage }) => storage)
  const highest = stored.reduce(
    (all, { application, versions, operations }) => all + application + versions + operations,
    0,
  )
  const seconds = steps.reduce((all, step) => all + step.seconds, 0)
  const billed: Billed = {
    usage: sum(own, traffic),
    storedBytes: highest,
    days: seconds / 86_400,
    readRegions: request.readRegions,
    blob: request.blob,
  }
  return {
    collections,
    plan,
    steps,
    own,
    traffic,
    storedBytes: { highest, afterwards: stored.reduce((all, { application }) => all + application, 0) },
    seconds,
    money: moneyOf(billed, request.prices),
    beyondFree: beyondFree(billed),
    standing: standingOf(collections, bystanders, tickSeconds),
    noWayBack: [...collections.flatMap(({ problems }) => problems), ...noWayBackOfSteps(plan)],
  }
}

const MEASURE_MS = 12_000
const DAY_MS = 86_400_000

async function lookAt(
  context: EngineContext,
  collection: Collection,
  request: EstimateRequest,
  budgetMs: number,
): Promise<EstimatedCollection> {
  const measured = await measure(collection, context.clock, budgetMs)
  const rate = await rateOf(context, collection.name, request.recordsPerSecond)
  const traffic = await trafficOf(context, collection.name, request)
  const storage = storageOf(measured.sizes, traffic.traffic.writesPerDay)
  return { ...measured, ...rate, ...traffic, storage }
}

async function rateOf(
  { ledger }: EngineContext,
  name: string,
  asked: number | undefined,
): Promise<Pick<EstimatedCollection, 'recordsPerSecond' | 'rateFrom'>> {
  if (asked !== undefined) return { recordsPerSecond: asked, rateFrom: 'request' }
  const last = await latestRun(ledger, name, 'backfill')
  const rate = last === null || last.done < TELLING_RECORDS ? null : progressOf(last).perSecond
  if (rate === null || rate <= 0) return { recordsPerSecond: ASSUMED_PER_SECOND, rateFrom: 'assumed' }
  return { recordsPerSecond: rate, rateFrom: 'last-run' }
}

/** What the request says, or what instances have counted in the last day; a request for one of the two counts for both. */
async function trafficOf(
  { metrics, clock }: EngineContext,
  name: string,
  { readsPerDay, writesPerDay, compareShare }: EstimateRequest,
): Promise<{ traffic: Traffic; trafficFrom: EstimatedCollection['trafficFrom'] }> {
  if (readsPerDay !== undefined || writesPerDay !== undefined) {
    const traffic = { readsPerDay: readsPerDay ?? 0, writesPerDay: writesPerDay ?? 0, compareShare }
    return { traffic, trafficFrom: 'request' }
  }
  const counted = await trafficSince(metrics, name, clock.now() - DAY_MS, clock.now())
  const { reads = 0, writes = 0 } = counted ?? {}
  const traffic = { readsPerDay: reads, writesPerDay: writes, compareShare }
  return { traffic, trafficFrom: counted === null ? 'unknown' : 'counted' }
}

function standingOf(
  collections: readonly EstimatedCollection[],
  bystanders: readonly number[],
  tickSeconds: number,
): Estimate['standing'] {
  const partitions = collections[0]?.sizes.copies.length ?? 1
  const of = (cleanedUp: boolean): Usage =>
    sum(
      tickUsage({ runs: 0, partitions, plans: 0, collections: collections.length + bystanders.length }),
      times(collections.filter(({ traffic }) => isInUse(traffic)).length, RULES_WEIGHED),
      times(tickSeconds / 3_600, HOURLY),
      ...collections.map(({ sizes }) => watchUsage(sizes.copies.length, 'live', cleanedUp)),
      ...bystanders.map((others) => watchUsage(others, 'off')),
    )
  const ticks = DAY_MS / 1000 / tickSeconds
  const ofEachDocument = sum(watchUsage(2, 'live'), times(-1, watchUsage(1, 'live')))
  return {
    usage: times(ticks, of(false)),
    afterwards: times(ticks, of(true)),
    ofEachDocument: times(ticks, ofEachDocument),
  }
}
