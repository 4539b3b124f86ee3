import type { CommandContext } from '../../lib/commands/context.js'
import type { DataPlane } from '../../lib/core/data-plane.js'
import { CutoverError } from '../../lib/core/error.js'
import { BREAKER_RULES } from '../../lib/core/failing/breaker.js'
import { NO_SWITCHES } from '../../lib/core/switches.js'
import { backupsInDocuments } from '../../lib/drivers/backups/documents.js'
import { memoryMetrics } from '../../lib/drivers/metrics/memory.js'
import type { Collection, DataPlaneEvent, Surroundings } from '../../lib/engine/collection.js'
import type { EngineContext } from '../../lib/engine/context.js'
import { dataPlane } from '../../lib/engine/data-plane/data-plane.js'
import { metered } from '../../lib/engine/data-plane/metered.js'
import { partitionStates } from '../../lib/engine/data-plane/partition.js'
import { boardsOf } from '../../lib/engine/failing/board.js'
import { type Breakers, guardedCollection } from '../../lib/engine/failing/guarded.js'
import { isForcedOpen } from '../../lib/engine/failing/orders.js'
import { StoreBreaker, type StoreName } from '../../lib/engine/failing/store-breaker.js'
import { recordPair, recordVerdict } from '../../lib/engine/metrics/compared.js'
import { type Recorder, recorder } from '../../lib/engine/metrics/recorder.js'
import { reactTo, type Trouble } from '../../lib/engine/react.js'
import type { Worked } from '../../lib/engine/runs/end.js'
import { workRun } from '../../lib/engine/runs/work.js'
import { type TickReport, tick } from '../../lib/engine/tick.js'
import { compareSampled } from '../../lib/engine/validate/sample.js'
import type { DocumentStore } from '../../lib/ports/document.js'
import type { Ledger } from '../../lib/ports/ledger.js'
import type { MetricsStore } from '../../lib/ports/metrics.js'
import type { Queue } from '../../lib/ports/queue.js'
import type { Scenario } from './scenario.js'
import type { Instance } from './world.js'

/** One function instance: it serves clients, deliveries of the queue, the cron and operators alike. */
export interface Process {
  instance: Instance
  plane: DataPlane
  command: CommandContext
  tick(): Promise<TickReport>
  work(message: { runId: string; step: number }): Promise<Worked>
}

export interface ProcessParts {
  scenario: Scenario
  instance: Instance
  collection: Collection
  documents: DocumentStore
  ledger: Ledger
  queue: Queue
  heard: (event: DataPlaneEvent) => void
  /** A sampled read was found to differ. */
  differed: (id: string, verdict: string) => void
  fault: (text: string) => void
}

/** Wired as `lib/wire.ts` wires it, but over the simulated network; without the control plane, no more than is needed. */
type Background = Surroundings['background']

export function processOf(parts: ProcessParts): Process {
  const { scenario, instance, collection, documents, ledger, queue, heard, fault } = parts
  const { clock } = instance
  const { whole } = scenario
  const background = (work: Promise<unknown>): void =>
    void work.catch((error: unknown) => {
      if (!(error instanceof CutoverError)) fault(`Work in the background threw ${textOf(error)}`)
    })
  const report = (event: DataPlaneEvent): void => {
    heard(event)
    if (whole !== null && (event.kind === 'target-lost-data' || event.kind === 'no-answer')) lookAfter(event)
  }
  const lookedAt = new Map<string, number>()
  const lookAfter = (event: Trouble): void => {
    const key = event.kind === 'no-answer' ? '' : String(event.partition)
    if (clock.monotonic() - (lookedAt.get(key) ?? Number.NEGATIVE_INFINITY) < WATCH_EVERY_MS) return
    lookedAt.set(key, clock.monotonic())
    background(reactTo(engine, collection, event))
  }
  const flushMs = (whole?.durationMs ?? 0) / FLUSHES
  const metrics = metricsOf(scenario)
  const { bucketMs } = metrics
  const isOver = (name: string): boolean => plain.isOver(name)
  const measuring = recorder({ metrics: async () => metrics, clock, background, flushMs, bucketMs, isOver })
  const sampled = whole === null ? {} : { sampled: sampler(parts, whole.compareShare, measuring, background) }
  const breakers = scenario.breakers ? breakersOf(parts, background) : null
  const served = breakers === null ? collection : guardedCollection(collection, breakers)
  const { copiesWindowMs = 0 } = scenario
  const plain = dataPlane([served], { clock, background, report, copiesWindowMs, ...sampled })
  const plane = whole === null ? plain : metered(plain, { recorder: measuring, clock })
  const engine: EngineContext = {
    ...{ clock, background, report, collections: [collection], ledger, queue, documents },
    dataPlane: plane,
    backups: backupsInDocuments({ documents }),
    metrics,
    ...(breakers === null ? {} : { breakers }),
    switches: NO_SWITCHES,
  }
  return {
    instance,
    plane,
    command: { engine, checkRecord: (_collection, _id, value) => value },
    tick: () => tick(engine, clock.now() + TICK_MS),
    work: (message) => workRun(engine, message, clock.now() + (whole?.workMs ?? 0)),
  }
}

/** Quicker to open and to probe than in life: histories are short. Orders are asked for as they are there. */
function breakersOf({ instance, collection, documents, ledger }: ProcessParts, background: Background): Breakers {
  const { clock } = instance
  const boards = boardsOf({ ledger: async () => ledger, documents })
  const [source] = collection.source.partitions
  const [target] = collection.target.partitions
  const open = (store: StoreName): StoreBreaker =>
    new StoreBreaker(store, {
      ...{ board: boards[store], clock, background },
      probe: async () => void (await (store === 'source' ? source : target)?.control()),
      orders: () => isForcedOpen(ledger, store),
      rules: { ...BREAKER_RULES, inARow: 2, ofRequests: 6, probeMs: 60, probeMsMax: 1_500 },
    })
  return { source: open('source'), target: open('target') }
}

const WATCH_EVERY_MS = 3_000
/** What a tick may take. */
const TICK_MS = 10_000
/** Flushes of the recorder in one history. */
const FLUSHES = 12

/** One store of metrics for all instances of a history. */
function metricsOf(scenario: Scenario): MetricsStore {
  const held = kept.get(scenario) ?? memoryMetrics({ bucketMs: BUCKET_MS })
  kept.set(scenario, held)
  return held
}

const kept = new WeakMap<Scenario, MetricsStore>()
const BUCKET_MS = 100

function sampler(
  { instance, collection, differed }: ProcessParts,
  share: number,
  measuring: Recorder,
  background: Surroundings['background'],
): NonNullable<Surroundings['sampled']> {
  const { clock } = instance
  const states = partitionStates(collection)
  return (name, partition, id) => {
    const state = states[partition]
    if (state === undefined || clock.random() >= share) return
    const took = (ms: { source: number; target: number }): void => recordPair(measuring, name, ms)
    const compared = compareSampled(state, id, clock, took).then((verdict) => {
      const { kind } = verdict
      if (kind === 'mismatch') differed(id, JSON.stringify(verdict))
      recordVerdict(measuring, name, kind)
    })
    background(compared)
  }
}

export function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
