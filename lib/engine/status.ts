import { type Fence, reach, targetReadPercent } from '../core/fence.js'
import { type RollbackReadiness, rollbackReadiness } from '../core/readiness.js'
import { isEnded, type Progress, progressOf, type Run } from '../core/run.js'
import { type Sight, waysOf, waysTogether } from '../core/serving.js'
import { type Serving, servingOf } from '../core/serving-words.js'
import { type Stage, stageIndex } from '../core/stage.js'
import { type Override, overridesOf, type Switches } from '../core/switches.js'
import type { Collection } from './collection.js'
import { collectionOf, type EngineContext } from './context.js'
import { latestRun } from './runs/store.js'
import { sideBySide } from './side-by-side.js'
import { furthest, pairsOf } from './stages/move.js'

export interface CollectionStatus {
  collection: string
  stage: Stage
  epoch: number
  /** Share of slots at `stage`; the others are behind it. */
  rolloutPercent: number
  /** Share of slots whose reads come from the target. */
  targetReadPercent: number
  source: StoreStatus
  target: StoreStatus & { open: number | null }
  /** Where reads and writes go right now. */
  serving: Serving
  /** One document of the source each, with what is its own at the target. */
  partitions: PartitionStatus[]
  /** Both stores are known to hold everything, in every slot. */
  full: boolean
  /** A decision that is not carried out on both stores yet. */
  settling: boolean
  cleanedUp: boolean
  progress: (Progress & { runId: string; kind: Run['kind']; status: Run['status'] }) | null
  rollbackReadiness: RollbackReadiness
  /** What the environment forces of it, the strictest first. */
  overrides: ShownOverride[]
}

export interface ShownOverride extends Pick<Override, 'variable' | 'value' | 'effect' | 'ceiling'> {
  /** It stands against where the collection stands now. */
  against: boolean
}

function shownOverrides(switches: Switches, stage: Stage): ShownOverride[] {
  return overridesOf(switches).map(({ variable, value, effect, ceiling, forcesDown }) => {
    const bound = forcesDown ?? ceiling
    return { variable, value, effect, ceiling, against: bound !== null && stageIndex(stage) > stageIndex(bound) }
  })
}

export interface PartitionStatus {
  source: string
  target: string
  /** Of the source; `null`: it does not answer. */
  records: number | null
  stage: Stage
  rolloutPercent: number
  epoch: number
}

/** `null`: the store does not answer. */
export interface StoreStatus {
  label: string
  records: number | null
  reachable: boolean
}

/** Where a collection stands, asked of its stores. One that does not answer is shown as such, and the rest is told. */
export async function collectionStatus(context: EngineContext, name: string): Promise<CollectionStatus> {
  const collection = collectionOf(context, name)
  const [seen, counts, targetCounts, open, run, backfill] = await Promise.all([
    seenFences(collection),
    sourceCounts(collection),
    orNull(collection.target.count()),
    orNull(sumOpen(collection)),
    orNull(newestRun(context, name)),
    orNull(latestRun(context.ledger, name, 'backfill')),
  ])
  const { stage, percent } = furthest(seen.fences)
  const listed = counts.reduce<number | null>((sum, one) => (sum === null || one === null ? null : sum + one), 0)
  const lastRate = backfill === null ? null : progressOf(backfill).perSecond
  return {
    collection: name,
    stage,
    epoch: Math.max(...seen.fences.map(({ epoch }) => epoch)),
    rolloutPercent: percent,
    targetReadPercent: Math.min(...seen.fences.map(targetReadPercent)),
    source: {
      label: collection.source.partitions[0]?.label ?? '',
      records: listed,
      reachable: seen.sourceReachable,
    },
    target: {
      label: collection.target.partitions[0]?.label ?? '',
      records: targetCounts?.records ?? null,
      reachable: seen.targetReachable,
      open,
    },
    serving: servingNow(seen, collection.leaseMs !== null),
    partitions: partitionsOf(collection, seen.fences, counts),
    full: seen.fences.every(({ ranges }) => ranges.every(({ fullSource, fullTarget }) => fullSource && fullTarget)),
    settling: seen.settling,
    cleanedUp: seen.fences.every(({ plain }) => plain === true),
    progress: run === null ? null : { ...progressOf(run), runId: run.id, kind: run.kind, status: run.status },
    rollbackReadiness: rollbackReadiness(seen.fences, { open, listed, perSecond: lastRate }),
    overrides: shownOverrides(context.switches, stage),
  }
}

interface SeenFences {
  /** One a partition. */
  fences: Fence[]
  /** How the stores of each partition answered. */
  stores: Pick<Sight, 'source' | 'target'>[]
  settling: boolean
  sourceReachable: boolean
  targetReachable: boolean
}

/** The fence of each partition as the source tells it, or the target where the source does not answer. */
export async function seenFences(collection: Collection): Promise<SeenFences> {
  const seen: SeenFences = { fences: [], stores: [], settling: false, sourceReachable: true, targetReachable: true }
  let failure: unknown
  for (const [source, target] of pairsOf(collection)) {
    const atSource = await source.control().catch((error: unknown) => {
      seen.sourceReachable = false
      failure = error
      return null
    })
    const atTarget = await target.control().catch(() => {
      seen.targetReachable = false
      return null
    })
    const fence = atSource?.fence ?? atTarget?.fence
    if (fence === null || fence === undefined) throw failure
    seen.fences.push(atTarget?.fence && atTarget.fence.epoch > fence.epoch ? atTarget.fence : fence)
    seen.stores.push({
      source: { reachable: atSource !== null, hold: atSource?.hold ?? false, fenced: true },
      target: {
        reachable: atTarget !== null,
        hold: atTarget?.hold ?? false,
        fenced: atTarget !== null && atTarget.fence !== null,
      },
    })
    const decided = atSource?.plan?.fence.epoch ?? fence.epoch
    if (
      !fence.plain &&
      (decided > fence.epoch || (atTarget !== null && (atTarget.fence?.epoch ?? 0) !== fence.epoch))
    ) {
      seen.settling = true
    }
  }
  return seen
}

function servingNow(seen: SeenFences, leased: boolean): Serving {
  const ways = seen.fences.map((fence, number) => waysOf(fence, { ...(seen.stores[number] ?? UNSEEN), leased }))
  const hold = seen.stores.some(({ source, target }) => source.hold || target.hold)
  return servingOf(waysTogether(ways), { ...seen, hold })
}

const AWAY = { reachable: false, hold: false, fenced: false }
const UNSEEN: Pick<Sight, 'source' | 'target'> = { source: AWAY, target: AWAY }

function partitionsOf(
  { source, target }: Collection,
  fences: readonly Fence[],
  counts: readonly (number | null)[],
): PartitionStatus[] {
  return fences.map((fence, number) => {
    const { stage, percent } = reach(fence)
    return {
      source: source.partitions[number]?.label ?? '',
      target: target.partitions[number]?.label ?? '',
      records: counts[number] ?? null,
      stage,
      rolloutPercent: percent,
      epoch: fence.epoch,
    }
  })
}

async function newestRun({ ledger }: EngineContext, name: string): Promise<Run | null> {
  const runs = [await latestRun(ledger, name, 'backfill'), await latestRun(ledger, name, 'validate')]
  const found = runs.filter((run) => run !== null)
  return found.find(({ status }) => !isEnded(status)) ?? found.sort((a, b) => b.createdAt - a.createdAt)[0] ?? null
}

function sourceCounts(collection: Collection): Promise<(number | null)[]> {
  return sideBySide(collection.source.partitions, async (source) => (await orNull(source.count()))?.records ?? null)
}

async function sumOpen(collection: Collection): Promise<number> {
  const counts = await sideBySide(collection.target.partitions, (target) => target.countOpen())
  return counts.reduce((sum, count) => sum + count, 0)
}

/** For shows only, where a store that does not answer is a thing to show. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch {
    return null
  }
}
