import { CutoverError } from '../core/error.js'
import { reach } from '../core/fence.js'
import { isStrict, stageIndex } from '../core/stage.js'
import { raiseAlert } from './alerts.js'
import type { Collection } from './collection.js'
import type { EngineContext } from './context.js'
import { startRun } from './runs/start.js'
import { republishStalled } from './runs/watch.js'
import { degrade } from './stages/degrade.js'
import { beat, resetHeartbeat } from './stages/heartbeat.js'
import { pairsOf } from './stages/move.js'
import { reconcile } from './stages/reconcile.js'
import { recoverTarget } from './stages/recover-target.js'
import { enterMissedDecision } from './stages/walk.js'

/**
 * What has to be looked after whether or not anybody looks: called by the cron, and by the data plane when a store
 * stops answering or shows a loss. Every part may run at any time, twice, or beside itself.
 */
export interface WatchReport {
  republished: string[]
  collections: { [name: string]: WatchFinding }
}

export type WatchFinding =
  | 'well'
  | 'left-source-behind'
  | 'left-target-behind'
  | 'source-unreachable'
  | 'target-unreachable'
  | 'both-unreachable'
  | 'target-recovered'
  | 'finished'

const BY = 'watch'

export async function watch(context: EngineContext): Promise<WatchReport> {
  const report: WatchReport = { republished: [], collections: {} }
  for (const collection of context.collections)
    report.collections[collection.name] = await watchCollection(context, collection)
  report.republished = await quietly([], () => republishStalled(context))
  return report
}

export async function watchCollection(context: EngineContext, collection: Collection): Promise<WatchFinding> {
  const sourceUp = await answers(context, () => probeAll(collection, 'source'))
  const targetUp = await answers(context, () => probeAll(collection, 'target'))
  if (!sourceUp && !targetUp) return 'both-unreachable'
  if (!targetUp) return leaveBehind(context, collection, 'target')
  if (!sourceUp) return leaveBehind(context, collection, 'source')
  const lost: number[] = []
  let finished = true
  for (const [number, [source, target]] of pairsOf(collection).entries()) {
    const { fence } = await source.control()
    if (fence.plain) continue
    finished = false
    const usesTarget = stageIndex(reach(fence).stage) >= stageIndex('shadow')
    const gone = usesTarget && (await target.control()).fence === null
    if (usesTarget && (gone || (await beat(source, target)).kind === 'set-back')) lost.push(number)
    else await reconcile(source, target)
  }
  await quietly(false, () => enterMissedDecision(context, collection.name))
  if (lost.length > 0) return recover(context, collection, lost)
  return finished ? 'finished' : 'well'
}

/** The target lost acknowledged data: shadow under a new era, and a pass to fill the target again. */
export async function recover(
  context: EngineContext,
  collection: Collection,
  partitions: number[],
): Promise<WatchFinding> {
  const mover = { by: BY, reason: 'the target has lost acknowledged data' }
  const { epoch } = await recoverTarget(collection, mover, context, partitions)
  for (const number of partitions) {
    const [source, target] = pairsOf(collection)[number] ?? []
    if (source !== undefined && target !== undefined) await resetHeartbeat(source, target)
  }
  await quietly('known' as const, () =>
    raiseAlert(context, {
      id: `target-lost-data-${collection.name}-${epoch}`,
      at: context.clock.now(),
      severity: 'critical',
      kind: 'target-lost-data',
      collection: collection.name,
      message: `The target of ${collection.name} has lost acknowledged data. Strict slots went to shadow at epoch ${epoch}; the source has everything, and a back-fill brings it back.`,
      acknowledgedBy: null,
    }),
  )
  await quietly(null, () =>
    startRun(context, { kind: 'backfill', collection: collection.name, input: {}, by: BY, reason: mover.reason }),
  )
  return 'target-recovered'
}

async function leaveBehind(
  context: EngineContext,
  collection: Collection,
  lost: 'source' | 'target',
): Promise<WatchFinding> {
  const unreachable: WatchFinding = lost === 'target' ? 'target-unreachable' : 'source-unreachable'
  if (collection.leaseMs === null || !(await isStrictAnywhere(collection, lost))) return unreachable
  const mover = { by: BY, reason: `the ${lost} does not answer` }
  const result = await degrade(collection, lost, mover, context)
  if (result.kind === 'refused') return unreachable
  return lost === 'target' ? 'left-target-behind' : 'left-source-behind'
}

/** Asked of the survivor. */
async function isStrictAnywhere(collection: Collection, lost: 'source' | 'target'): Promise<boolean> {
  for (const [source, target] of pairsOf(collection)) {
    const fence = lost === 'target' ? (await source.control()).fence : (await target.control()).fence
    if (fence?.ranges.some(({ stage }) => isStrict(stage))) return true
  }
  return false
}

const PROBES = 3
const PROBE_PAUSE_MS = 250

/** Unreachable is a store that did not answer several times in a row. */
async function answers({ clock }: EngineContext, probe: () => Promise<void>): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await probe()
      return true
    } catch (error) {
      if (!(error instanceof CutoverError) || error.code !== 'unavailable') throw error
      if (attempt === PROBES) return false
      await clock.sleep(PROBE_PAUSE_MS)
    }
  }
}

async function probeAll(collection: Collection, store: 'source' | 'target'): Promise<void> {
  for (const [source, target] of pairsOf(collection)) {
    if (store === 'source') await source.control()
    else await target.control()
  }
}

/** The ledger may be out of reach while the stores are looked after; nothing here depends on it. */
async function quietly<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CutoverError) return otherwise
    throw error
  }
}
