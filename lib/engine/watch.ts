import { CutoverError } from '../core/error.js'
import { notSentReason } from '../core/failing/not-sent.js'
import { reach } from '../core/fence.js'
import { isStrict, stageIndex } from '../core/stage.js'
import type { Source, Target } from '../ports/store.js'
import type { Collection } from './collection.js'
import type { EngineContext } from './context.js'
import { followUp, recover } from './recover.js'
import { republishStalled } from './runs/watch.js'
import { sideBySide } from './side-by-side.js'
import { enterMissedDecisions } from './stages/audited.js'
import { endHolds } from './stages/degrade.js'
import { beat } from './stages/heartbeat.js'
import { leaveBehind } from './stages/leave-behind.js'
import { pairsOf } from './stages/move.js'
import { reconcile, type Standing } from './stages/reconcile.js'

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
  /** The look itself failed, such as at a damaged document: somebody has to see to it. */
  | 'failed'

const BY = 'watch'

export async function watch(context: EngineContext): Promise<WatchReport> {
  const report: WatchReport = { republished: [], collections: {} }
  const found = await Promise.all(
    context.collections.map((collection) =>
      quietly<WatchFinding>('failed', () => watchCollection(context, collection)),
    ),
  )
  for (const [number, { name }] of context.collections.entries()) report.collections[name] = found[number] ?? 'failed'
  report.republished = await quietly([], () => republishStalled(context))
  return report
}

export async function watchCollection(context: EngineContext, collection: Collection): Promise<WatchFinding> {
  const [sourceUp, targetUp] = await Promise.all([
    answers(context, () => probeAll(collection, 'source')),
    answers(context, () => probeAll(collection, 'target')),
  ])
  if (!sourceUp && !targetUp) return 'both-unreachable'
  if (!targetUp) return goOnWithout(context, collection, 'target')
  if (!sourceUp) return goOnWithout(context, collection, 'source')
  const { lost, finished, standings } = await lookAtPairs(collection)
  if (finished) return 'finished'
  const held = await endHolds(collection, context, standings)
  if (lost.size > 0) {
    const mover = { by: BY, reason: 'the target has lost acknowledged data' }
    const { partitions } = await recover(context, collection, mover, lost)
    if (partitions.length > 0) return 'target-recovered'
  }
  // What was seen a moment ago, unless something has been changed since.
  const seen = standings.filter((standing) => standing !== undefined).map(({ source }) => source)
  const all = !held && lost.size === 0 && seen.length === collection.source.partitions.length ? seen : undefined
  await quietly(0, () => enterMissedDecisions(context, collection.name, all))
  await quietly(undefined, () => followUp(context, collection, all))
  return 'well'
}

/** Finishes decisions, counts the heartbeat, and finds partitions whose target has lost data (with their epoch). */
async function lookAtPairs(collection: Collection): Promise<Looked> {
  const standings: (Standing | undefined)[] = collection.source.partitions.map(() => undefined)
  const lost = new Map<number, number>()
  let finished = true
  const look = async ([source, target]: [Source, Target], number: number): Promise<void> => {
    const { fence } = await source.control()
    if (fence.plain) return
    finished = false
    const usesTarget = stageIndex(reach(fence).stage) >= stageIndex('shadow')
    const gone = usesTarget && (await target.control()).fence === null
    if (usesTarget && (gone || (await beat(source, target)).kind === 'set-back')) lost.set(number, fence.epoch)
    else standings[number] = await reconcile(source, target)
  }
  // A tick has to come to the plans while it has time.
  await sideBySide(pairsOf(collection), look)
  return { lost, finished, standings }
}

interface Looked {
  lost: Map<number, number>
  finished: boolean
  /** Of each partition that is not over and has lost nothing. */
  standings: readonly (Standing | undefined)[]
}

async function goOnWithout(
  context: EngineContext,
  collection: Collection,
  lost: 'source' | 'target',
): Promise<WatchFinding> {
  const unreachable: WatchFinding = lost === 'target' ? 'target-unreachable' : 'source-unreachable'
  if (collection.leaseMs === null || !(await waitsFor(collection, lost))) return unreachable
  const result = await leaveBehind(context, collection, lost, { by: BY, reason: `the ${lost} does not answer` })
  if (result.kind === 'refused') return unreachable
  return lost === 'target' ? 'left-target-behind' : 'left-source-behind'
}

/** Asked of the survivor: some slot needs both stores, or a hold was left behind. */
async function waitsFor(collection: Collection, lost: 'source' | 'target'): Promise<boolean> {
  for (const [source, target] of pairsOf(collection)) {
    const { fence, hold } = lost === 'target' ? await source.control() : await target.control()
    if (hold || fence?.ranges.some(({ stage }) => isStrict(stage))) return true
  }
  return false
}

const PROBES = 3
const PROBE_PAUSE_MS = 250

/** Unreachable is a store that did not answer several times in a row; one that was not even asked may be well. */
async function answers({ clock }: EngineContext, probe: () => Promise<void>): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await probe()
      return true
    } catch (error) {
      if (!(error instanceof CutoverError) || error.code !== 'unavailable' || notSentReason(error) !== null) throw error
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

/** The ledger may be out of reach while the stores are looked after, and one collection while others are. */
async function quietly<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CutoverError) return otherwise
    throw error
  }
}
