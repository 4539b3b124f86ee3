import type { Copy, TargetCopy } from '../../../lib/core/copy.js'
import type { DataPlane, Mutation } from '../../../lib/core/data-plane.js'
import { CutoverError } from '../../../lib/core/error.js'
import type { JsonObject } from '../../../lib/core/json.js'
import type { Run } from '../../../lib/core/run.js'
import { STAGES, type Stage, stageIndex } from '../../../lib/core/stage.js'
import { NO_SWITCHES } from '../../../lib/core/switches.js'
import { backupsInDocuments } from '../../../lib/drivers/backups/documents.js'
import { memoryDocuments } from '../../../lib/drivers/documents/memory.js'
import { memoryLedger } from '../../../lib/drivers/ledgers/memory.js'
import { memoryMetrics } from '../../../lib/drivers/metrics/memory.js'
import { MemoryQueue } from '../../../lib/drivers/queues/memory.js'
import { documentSource } from '../../../lib/drivers/stores/documents/source.js'
import { memoryTarget } from '../../../lib/drivers/stores/memory/target.js'
import type { Collection } from '../../../lib/engine/collection.js'
import type { EngineContext } from '../../../lib/engine/context.js'
import { dataPlane } from '../../../lib/engine/data-plane/data-plane.js'
import { locate, type PartitionState, partitionStates } from '../../../lib/engine/data-plane/partition.js'
import { startRun } from '../../../lib/engine/runs/start.js'
import { readRun } from '../../../lib/engine/runs/store.js'
import { workRun } from '../../../lib/engine/runs/work.js'
import { moveStage } from '../../../lib/engine/stages/move.js'
import type { Clock } from '../../../lib/ports/clock.js'
import type { TargetCollection } from '../../../lib/ports/store.js'

/** A collection with its stores, a control plane and a data plane, all in this process. */
export interface World {
  context: EngineContext
  collection: Collection
  plane: DataPlane
  /** Resolves when the work after acknowledgements that is under way now is done. */
  settled(): Promise<void>
}

export const PARTITIONS = 2
const NAME = 'projects'

export function world(options: { target?: TargetCollection; clock?: Clock } = {}): World {
  const clock = options.clock ?? quickClock()
  const documents = memoryDocuments()
  const sources = Array.from({ length: PARTITIONS }, (_, number) =>
    documentSource({ documents, name: `${NAME}-${number}.json`, collection: NAME, clock }),
  )
  const target = options.target ?? memoryTarget({ collection: NAME, partitions: PARTITIONS, clock })
  const collection: Collection = { name: NAME, source: { partitions: sources }, target, leaseMs: null }
  const pending = new Set<Promise<unknown>>()
  const context: EngineContext = {
    collections: [collection],
    ledger: memoryLedger(),
    queue: new MemoryQueue(),
    clock,
    documents,
    backups: backupsInDocuments({ documents }),
    metrics: memoryMetrics(),
    switches: NO_SWITCHES,
    background: (work) => {
      pending.add(work)
      void work.finally(() => pending.delete(work))
    },
    report: () => {},
    dataPlane: undefined as never,
  }
  const plane = dataPlane([collection], context)
  context.dataPlane = plane
  const settled = async (): Promise<void> => {
    await Promise.all(pending)
  }
  return { context, collection, plane, settled }
}

/** Real time, but pauses only let others go first. */
export function quickClock(): Clock {
  return { ...realClock(), sleep: () => new Promise((resolve) => setImmediate(resolve)) }
}

export function realClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: () => Math.random(),
    id: () => crypto.randomUUID(),
  }
}

let operations = 0

export async function write({ plane }: World, id: string, value: JsonObject | null): Promise<string> {
  const mutation: Mutation = value === null ? { kind: 'delete' } : { kind: 'put', value }
  operations += 1
  const operation = { op: `op-${operations}`, startedAt: Date.now(), named: false }
  return (await plane.write(NAME, id, operation, mutation)).etag
}

export function ids(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `r${String(at).padStart(3, '0')}`)
}

export async function fill(at: World, count: number): Promise<string[]> {
  const all = ids(count)
  await Promise.all(all.map((id, number) => write(at, id, { id, number })))
  await at.settled()
  return all
}

const MOVER = { by: 'test', reason: 'test' }

/** Goes stage by stage, up with the back-fill that live needs. */
export async function goTo(at: World, goal: Stage): Promise<void> {
  for (let step = 0; step < 2 * STAGES.length; step++) {
    const from = (await standing(at)).stage
    if (from === goal) return
    const up = stageIndex(goal) > stageIndex(from)
    const to = STAGES[stageIndex(from) + (up ? 1 : -1)]
    if (up && from === 'shadow') await endRun(at, 'backfill')
    await at.settled()
    const moved = await moveStage(at.collection, { direction: up ? 'up' : 'down', to }, MOVER, at.context)
    if (moved.kind === 'refused') throw new Error(`${from} to ${to}: ${moved.reason}`)
  }
}

export async function standing({ collection }: World): Promise<{ stage: Stage; epoch: number }> {
  const fence = (await collection.source.partitions[0]?.control())?.fence
  return { stage: fence?.ranges[0]?.stage ?? 'off', epoch: fence?.epoch ?? 0 }
}

/** Starts a run and delivers its messages until it has ended. `batchwise`: one batch in each delivery. */
export async function endRun(
  { context }: World,
  kind: Run['kind'],
  input: JsonObject = {},
  options: { batchwise?: boolean; between?: () => Promise<void> } = {},
): Promise<Run> {
  const started = await startRun(context, { kind, collection: NAME, input, ...MOVER })
  for (let delivery = 0; delivery < 500; delivery++) {
    const { run } = await readRun(context.ledger, started.id)
    if (run.status !== 'running') return run
    // A deadline long past leaves time for one batch, and a lease that is over at once.
    const deadline = context.clock.now() + (options.batchwise ? -60_000 : 60_000)
    await workRun(context, { runId: run.id, step: run.step }, deadline).catch((error: unknown) => {
      if (!(error instanceof CutoverError) || error.code !== 'unavailable') throw error
    })
    await options.between?.()
  }
  throw new Error(`the ${kind} does not end`)
}

export function place({ collection }: World, id: string): PartitionState {
  return locate(collection, partitionStates(collection), id).state
}

/** Puts a copy straight into one store, past every protocol but under its fence. */
export async function plantAtSource(at: World, id: string, copy: Copy): Promise<void> {
  const { source } = place(at, id)
  await source.apply((await source.control()).fence, id, copy)
}

export async function plantAtTarget(at: World, id: string, copy: Copy): Promise<void> {
  const { source, target } = place(at, id)
  await target.applyMany((await source.control()).fence, [{ id, copy }])
}

/** An open copy: a write that the target has begun and nobody has finished. */
export async function beginAtTarget(at: World, id: string, value: JsonObject | null): Promise<void> {
  const { source, target } = place(at, id)
  const { fence } = await source.control()
  operations += 1
  await target.begin(fence, { id, op: `begun-${operations}`, startedAt: Date.now(), value, fenceExpected: false })
}

export async function copiesOf(at: World, id: string): Promise<{ source: Copy | null; target: TargetCopy | null }> {
  const { source, target } = place(at, id)
  return { source: (await source.get(id)).copy, target: (await target.get(id)).copy }
}
