import type { Copy } from '../../../lib/core/copy.js'
import type { DataPlane, Mutation, ReadOutcome } from '../../../lib/core/data-plane.js'
import { CutoverError } from '../../../lib/core/error.js'
import type { JsonObject } from '../../../lib/core/json.js'
import type { Run } from '../../../lib/core/run.js'
import type { Stage } from '../../../lib/core/stage.js'
import { NO_SWITCHES } from '../../../lib/core/switches.js'
import { backupsInDocuments } from '../../../lib/drivers/backups/documents.js'
import { memoryDocuments } from '../../../lib/drivers/documents/memory.js'
import { memoryLedger } from '../../../lib/drivers/ledgers/memory.js'
import { memoryMetrics } from '../../../lib/drivers/metrics/memory.js'
import { type HeldMessage, MemoryQueue } from '../../../lib/drivers/queues/memory.js'
import { documentSource } from '../../../lib/drivers/stores/documents/source.js'
import { memoryTarget } from '../../../lib/drivers/stores/memory/target.js'
import type { Collection, DataPlaneEvent, Surroundings } from '../../../lib/engine/collection.js'
import type { EngineContext } from '../../../lib/engine/context.js'
import { dataPlane } from '../../../lib/engine/data-plane/data-plane.js'
import type { Worked } from '../../../lib/engine/runs/end.js'
import { startRun } from '../../../lib/engine/runs/start.js'
import { readRun } from '../../../lib/engine/runs/store.js'
import { workRun } from '../../../lib/engine/runs/work.js'
import { pairsOf } from '../../../lib/engine/stages/move.js'
import { walkStages } from '../../../lib/engine/stages/walk.js'
import type { Clock } from '../../../lib/ports/clock.js'
import type { TargetCollection } from '../../../lib/ports/store.js'
import { FakeClock } from './fake-clock.js'

export const MOVER = { by: 'ann', reason: 'because' }
export const BACKUP_KEY = Buffer.alloc(32, 7).toString('base64')
export const START = 1_750_000_000_000

/** What may be taken away, or looked into, at any moment. */
export interface Faults {
  down: Set<'source' | 'target' | 'ledger' | 'queue'>
  /** Called before every call of a store; may wait or throw. */
  before: (store: 'source' | 'target' | 'ledger', call: string, args: readonly unknown[]) => Promise<void> | void
}

export interface World {
  clock: FakeClock
  queue: MemoryQueue
  faults: Faults
  context: EngineContext
  collection: Collection
  plane: DataPlane
  documents: ReturnType<typeof memoryDocuments>
  events: DataPlaneEvent[]
  /** Every call of the target, by name. */
  calls: string[]
  /** The target's data is gone: everything from here on meets a fresh, empty one. */
  swapTarget(): void
  settled(): Promise<void>
}

export interface WorldOptions {
  partitions?: number
  leaseMs?: number | null
  names?: string[]
  target?: (name: string, clock: Clock) => TargetCollection
}

export function world(options: WorldOptions = {}): World {
  const { partitions = 2, leaseMs = null, names = ['projects'] } = options
  const clock = new FakeClock(START)
  const queue = new MemoryQueue()
  const faults: Faults = { down: new Set(), before: () => undefined }
  const calls: string[] = []
  const events: DataPlaneEvent[] = []
  const guard =
    (store: 'source' | 'target' | 'ledger') =>
    async (call: string, args: readonly unknown[]): Promise<void> => {
      if (store === 'target') calls.push(call)
      await faults.before(store, call, args)
      if (faults.down.has(store)) throw new CutoverError('unavailable', `The ${store} is down (${call}).`)
    }
  const raw = memoryDocuments()
  const documents = guarded(() => raw, raw, guard('source'))
  const make = options.target ?? ((collection: string) => memoryTarget({ collection, partitions, clock }))
  const targets = new Map(names.map((name) => [name, make(name, clock)]))
  const collections = names.map((name): Collection => {
    const current = (): TargetCollection => targets.get(name) ?? make(name, clock)
    const target: TargetCollection = {
      ...guarded(current, current(), guard('target')),
      plain: guarded(() => current().plain, current().plain, guard('target')),
      partitions: current().partitions.map((partition, number) =>
        guarded(() => current().partitions[number] ?? partition, partition, guard('target')),
      ),
    }
    const sources = Array.from({ length: partitions }, (_, number) =>
      documentSource({ documents, name: `${name}-${number}.json`, collection: name, clock }),
    )
    return { name, source: { partitions: sources }, target, leaseMs }
  })
  const kept = memoryLedger()
  const pending = new Set<Promise<unknown>>()
  const around: Surroundings = {
    clock,
    background: (work) => {
      const kept = work.catch(() => {}).finally(() => pending.delete(kept))
      pending.add(kept)
    },
    report: (event) => events.push(event),
  }
  const context: EngineContext = {
    ...around,
    collections,
    dataPlane: dataPlane(collections, around),
    documents: raw,
    backups: backupsInDocuments({ documents: raw, keys: [BACKUP_KEY] }),
    metrics: memoryMetrics(),
    switches: NO_SWITCHES,
    ledger: guarded(() => kept, kept, guard('ledger')),
    queue: {
      label: queue.label,
      publish: async (message) => {
        if (faults.down.has('queue')) throw new CutoverError('unavailable', 'The queue is down.')
        return queue.publish(message)
      },
    },
  }
  const [collection] = collections
  if (collection === undefined) throw new Error('a world has a collection')
  return {
    clock,
    queue,
    faults,
    context,
    collection,
    plane: context.dataPlane,
    documents: raw,
    events,
    calls,
    swapTarget: () => {
      for (const name of names) targets.set(name, make(name, clock))
    },
    settled: async () => {
      while (pending.size > 0) await Promise.all(pending)
    },
  }
}

/** The same object with every method asked for leave first. */
function guarded<T extends object>(
  current: () => T,
  shape: T,
  before: (call: string, args: readonly unknown[]) => Promise<void>,
): T {
  const members = Object.entries(shape).map(([name, member]) => {
    if (typeof member !== 'function') return [name, member]
    const call = async (...args: unknown[]): Promise<unknown> => {
      await before(name, args)
      const method = (current() as { [name: string]: (...args: unknown[]) => unknown })[name]
      return await method?.(...args)
    }
    return [name, call]
  })
  return Object.fromEntries(members) as T
}

let operations = 0

export function operation(clock: Clock): { op: string; startedAt: number; named: boolean } {
  operations += 1
  return { op: `op-${operations}`, startedAt: clock.now(), named: false }
}

export async function put(at: World, id: string, value: JsonObject, plane = at.plane): Promise<string> {
  return (await change(at, id, { kind: 'put', value: { id, ...value } }, plane)).etag
}

export function change(at: World, id: string, mutation: Mutation, plane = at.plane) {
  return plane.write(at.collection.name, id, operation(at.clock), mutation)
}

export async function valueAt(at: World, id: string, plane = at.plane): Promise<JsonObject | null> {
  const read: ReadOutcome = await plane.get(at.collection.name, id)
  return read.kind === 'found' ? read.value : null
}

export function ids(count: number, prefix = 'r'): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}${String(at).padStart(4, '0')}`)
}

export async function fill(at: World, count: number): Promise<string[]> {
  const all = ids(count)
  await Promise.all(all.map((id, number) => put(at, id, { number })))
  await at.settled()
  return all
}

/** Walks to a stage, with the passes that the way needs. */
export async function go(at: World, to: Stage, direction: 'up' | 'down' = 'up'): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    const result = await walkStages(
      at.context,
      { collection: at.collection.name, direction, to, action: direction === 'up' ? 'advance-stage' : 'roll-back' },
      MOVER,
    )
    if (result.kind === 'moved' && result.pending === null) return
    const reason = result.kind === 'moved' ? result.pending?.reason : result.reason
    if (reason === 'already-there') return
    if (reason === 'zero-loss-not-proved') {
      await begin(at, { zeroLoss: true }, 'validate')
      await drain(at)
      continue
    }
    if (reason !== 'target-not-full' && reason !== 'source-not-full') throw new Error(`not to ${to}: ${reason}`)
    await pass(at)
  }
  throw new Error(`never came to ${to}`)
}

export async function pass(at: World, input: JsonObject = {}): Promise<Run> {
  const run = await begin(at, input)
  await drain(at)
  return runOf(at, run.id)
}

export function begin(at: World, input: JsonObject = {}, kind: Run['kind'] = 'backfill'): Promise<Run> {
  return startRun(at.context, { kind, collection: at.collection.name, input, ...MOVER })
}

export async function runOf(at: World, id: string): Promise<Run> {
  return (await readRun(at.context.ledger, id)).run
}

export const INVOCATION_MS = 10_000

/** One delivery, with a function's time from now. */
export function deliver(at: World, message: HeldMessage, invocationMs = INVOCATION_MS): Promise<Worked> {
  return workRun(at.context, message.body as { runId: string; step: number }, at.clock.now() + invocationMs)
}

/** Delivers, with the delays that were asked for, until nothing waits; refused deliveries come again. */
export async function drain(at: World, invocationMs = INVOCATION_MS): Promise<number> {
  for (let deliveries = 0; deliveries < 2_000; deliveries++) {
    const [next] = at.queue.peek()
    if (next === undefined) return deliveries
    at.queue.lose(next.messageId)
    at.clock.time += (next.delaySeconds ?? 0) * 1000
    await deliver(at, next, invocationMs)
  }
  throw new Error('the runs do not end')
}

/** Everything that both stores hold, with versions and marks. */
export async function copies(at: World): Promise<{ source: [string, Copy][]; target: [string, unknown][] }> {
  const source: [string, Copy][] = []
  for (const [partition] of pairsOf(at.collection)) {
    const { items } = await partition.page(null, 10_000)
    for (const { id, copy } of items) source.push([id, copy])
  }
  const page = await at.collection.target.page(null, 10_000)
  return {
    source: source.sort(byId),
    target: page.items.map(({ id, copy }): [string, unknown] => [id, copy]).sort(byId),
  }
}

function byId([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1
}

/** What of the copies both stores must have alike. */
export async function expectEqualStores(at: World): Promise<string[]> {
  const { source, target } = await copies(at)
  const plain = target.map(([id, copy]) => {
    const { open, ...rest } = copy as Copy & { open: boolean }
    return [id, rest, open]
  })
  const wanted = source.map(([id, { version, op, value }]) => [id, { version, op, value }, false])
  return JSON.stringify(plain) === JSON.stringify(wanted)
    ? []
    : [`source ${JSON.stringify(wanted).slice(0, 300)}`, `target ${JSON.stringify(plain).slice(0, 300)}`]
}
