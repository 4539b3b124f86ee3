import type { Mutation } from '../../lib/core/data-plane.js'
import { CutoverError } from '../../lib/core/error.js'
import { type Fence, slotState } from '../../lib/core/fence.js'
import type { Json, JsonObject } from '../../lib/core/json.js'
import type { Effect, Protocol, Reply } from '../../lib/core/protocol/effect.js'
import type { Afterwards, ReadResult, WriteResult } from '../../lib/core/protocol/outcome.js'
import { read } from '../../lib/core/protocol/read.js'
import { write } from '../../lib/core/protocol/write.js'
import type { Run } from '../../lib/core/run.js'
import type { Move } from '../../lib/core/transition.js'
import { documentSource } from '../../lib/drivers/stores/documents/source.js'
import type { Collection, Surroundings } from '../../lib/engine/collection.js'
import type { EngineContext } from '../../lib/engine/context.js'
import { runAfterwards } from '../../lib/engine/data-plane/afterwards.js'
import { askedOf } from '../../lib/engine/data-plane/intent.js'
import { type PartitionState, partitionStates, slotFor } from '../../lib/engine/data-plane/partition.js'
import { lease } from '../../lib/engine/data-plane/perform.js'
import { backfillRun } from '../../lib/engine/runs/backfill.js'
import { degrade } from '../../lib/engine/stages/degrade.js'
import { moveStage, pairsOf } from '../../lib/engine/stages/move.js'
import { reconcile } from '../../lib/engine/stages/reconcile.js'
import { recoverTarget } from '../../lib/engine/stages/recover-target.js'
import type { DocumentStore } from '../../lib/ports/document.js'
import type { Source } from '../../lib/ports/store.js'
import type { Ports, Program } from './behaviour.js'
import type { Event, Operation, Value, Write } from './monitor.js'
import { askedStores, requestOf, type Stores } from './requests.js'
import { COLLECTION, START, standingClock } from './stores.js'

/** What the actors of one chain have in common. */
export interface Setting {
  /** Degrade is enabled: a store that answers alone needs to have seen the other one. */
  leases: boolean
  /** The target loses data: an alarm is no fault. */
  losses: boolean
  /** Reads and conditional writes of the whole document are what reaches the source, each in its own time. */
  documents: boolean
}

/** One operation of a client, by the product's protocols, with what comes after its answer. */
export function client(operation: Operation, of: number, start: Fence, versions: Versions, setting: Setting): Program {
  return async (ports) => {
    const { collection, around } = placeOf(ports, setting)
    const state = { ...(partitionStates(collection)[0] as PartitionState), fence: start }
    const background: Promise<unknown>[] = []
    const later = { ...around, background: (work: Promise<unknown>): void => void background.push(work) }
    const slot = slotFor(collection, operation.id)
    const drive = <T>(protocol: Protocol<T>): Promise<T> => driven(protocol, state, ports, later, setting)
    if (operation.act === 'read') {
      const result = await drive(read({ id: operation.id, slot, startedAt: START }, start))
      ports.emit(readEvent(of, result))
      if (result.kind === 'read') runAfterwards(result.afterwards, state, later)
    } else {
      const { intent } = askedOf(mutationOf(operation, operation.act, versions), COLLECTION, operation.id)
      const named = operation.name.includes('.')
      const task = { id: operation.id, slot, operation: { op: operation.name, startedAt: START, named }, intent }
      const result = await drive(write(task, start))
      ports.emit(writeEvent(of, operation.act, result))
      if (result.kind === 'written') runAfterwards(result.afterwards as Afterwards[], state, later)
    }
    await Promise.all(background)
  }
}

/** ETags that a client knows from before, by the value that was shown with them. */
export type Versions = ReadonlyMap<string, number>

function mutationOf({ id }: Operation, { change, only }: Write, versions: Versions): Mutation {
  const etag =
    only === 'present' ? '*' : only !== null && typeof only === 'object' ? String(versions.get(only.is)) : null
  const condition =
    only === 'absent'
      ? { condition: { kind: 'if-none-match' as const } }
      : etag === null
        ? {}
        : { condition: { kind: 'if-match' as const, etag } }
  if (change === 'delete') return { kind: 'delete', ...condition }
  if ('put' in change) return { kind: 'put', value: { id, text: change.put }, ...condition }
  const added = change.add
  return { kind: 'patch', change: (now) => ({ ...now, text: `${String(now.text)}+${added}` }), ...condition }
}

function readEvent(of: number, result: ReadResult): Event {
  if (result.kind !== 'read') return { kind: 'failed' as const, of }
  return { kind: 'read' as const, of, saw: textOf(result.copy?.value ?? null), version: result.copy?.version ?? 0 }
}

function writeEvent(of: number, { change }: Write, result: WriteResult): Event {
  if (result.kind === 'written') {
    const told = result.value !== null ? textOf(result.value) : change === 'delete' ? null : undefined
    return { kind: 'written' as const, of, told, version: result.version }
  }
  if (result.kind === 'refused' || result.kind === 'failed' || result.kind === 'unknown')
    return { kind: result.kind, of }
  return { kind: 'broke' as const, text: `An operation ended as ${result.kind}.` }
}

export function textOf(value: JsonObject | null): Value {
  return value === null ? null : String(value.text)
}

/** Plays a protocol: its requests are sent to the world, which sends them again, loses them, or lets them stray. */
async function driven<T>(
  protocol: Protocol<T>,
  state: PartitionState,
  ports: Ports,
  around: Surroundings,
  setting: Setting,
): Promise<T> {
  let next = protocol.next()
  while (!next.done) next = protocol.next(await replyTo(next.value, state, ports, around, setting))
  return next.value
}

async function replyTo(
  effect: Effect,
  state: PartitionState,
  ports: Ports,
  around: Surroundings,
  setting: Setting,
): Promise<Reply<unknown>> {
  const send = async (store: 'source' | 'target', call: string, given: unknown[]): Promise<Reply<unknown>> => {
    if (store === 'source' && setting.documents) return sentAgain(state.source, call, given)
    return (await ports.ask({ ...requestOf(store, call, given), resent: true })) as Reply<unknown>
  }
  switch (effect.call) {
    case 'pause':
      return { answer: 'waited', doubtful: false }
    case 'alarm': {
      // Of an operation that is older than the stores remember, not being remembered proves nothing.
      const { answer } = await ports.ask({ store: 'world', call: 'jumps', key: 'jumps', run: async () => null })
      if (effect.sign === 'overtaken-without-proof' && answer !== 0) return { answer: 'noted', doubtful: false }
      around.report({
        kind: 'target-lost-data',
        collection: COLLECTION,
        partition: 0,
        sign: effect.sign,
        id: effect.id,
      })
      return { answer: 'noted', doubtful: false }
    }
    case 'lease':
      return {
        answer: await leased(effect.store, effect.fence, state, ports, around),
        doubtful: false,
      } as Reply<unknown>
    case 'source.get':
      return send('source', 'get', [effect.id, effect.recall])
    case 'source.cas':
      return send('source', 'cas', [effect.fence, effect.write])
    case 'source.apply':
      return send('source', 'apply', [effect.fence, effect.id, effect.copy, effect.options])
    case 'source.raise':
      return send('source', 'raise', [effect.fence])
    case 'target.get':
      return send('target', 'get', [effect.id])
    case 'target.begin':
      return send('target', 'begin', [effect.fence, effect.write])
    case 'target.probe':
      return send('target', 'probe', [effect.fence, effect.op])
    case 'target.prove':
      return send('target', 'prove', [effect.fence, effect.held, effect.mine])
  }
}

/** A call that takes several requests is sent again as a whole, once. */
async function sentAgain(source: Source, call: string, given: unknown[]): Promise<Reply<unknown>> {
  for (const doubtful of [false, true]) {
    try {
      return { answer: await requestOf('source', call, given).run({ source } as Stores), doubtful }
    } catch (error) {
      if (!(error instanceof CutoverError && error.code === 'unavailable')) throw error
    }
  }
  return { answer: null, doubtful: true }
}

function overDocuments(documents: DocumentStore): Source {
  const clock = standingClock(0)
  return documentSource({ documents, name: 'document', collection: COLLECTION, clock, shape: 'map' })
}

/** The world knows when this process last saw the store; if it did not, the store is asked as the product does it. */
async function leased(
  store: 'source' | 'target',
  fence: Fence,
  state: PartitionState,
  ports: Ports,
  around: Surroundings,
): Promise<unknown> {
  if (state.collection.leaseMs === null) return { kind: 'held' }
  const key = `lease ${store} ${fence.epoch}`
  const { answer } = await ports.ask({ store: 'world', call: 'lease', key, run: async () => null })
  if (answer === 'held') return { kind: 'held' }
  try {
    return await lease(store, fence, state, around)
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'unavailable') return null
    throw error
  }
}

/** What an operator, the watch or a worker does, one thing after the other. What is refused or fails is left at that. */
export type Deed =
  | Move
  | 'pass'
  /** A pass that is overtaken: all of this happens once it has begun. */
  | { passAround: readonly Deed[] }
  | 'reconcile'
  | 'leave-source-behind'
  | 'leave-target-behind'
  | 'recover'

export function operator(deeds: readonly Deed[], setting: Setting): Program {
  return async (ports) => {
    const { collection, around } = placeOf(ports, setting)
    for (const deed of deeds) {
      try {
        await done(deed, collection, around)
      } catch (error) {
        const expected = error instanceof CutoverError && ['unavailable', 'contended', 'conflict'].includes(error.code)
        if (!expected) throw error
      }
    }
  }
}

const MOVER = { by: 'operator', reason: 'model' }

async function done(deed: Deed, collection: Collection, around: Surroundings): Promise<void> {
  if (deed === 'pass') return pass(collection, around, [])
  if (typeof deed === 'object' && !('direction' in deed)) return pass(collection, around, deed.passAround)
  if (deed === 'reconcile') {
    for (const [source, target] of pairsOf(collection)) await reconcile(source, target)
  } else if (deed === 'recover') await recoverTarget(collection, MOVER, around)
  else if (deed === 'leave-source-behind') await degrade(collection, 'source', MOVER, around)
  else if (deed === 'leave-target-behind') await degrade(collection, 'target', MOVER, around)
  else await moveStage(collection, deed, MOVER, around)
}

/** A whole back-fill run, as its worker would do it. */
async function pass(collection: Collection, around: Surroundings, meanwhile: readonly Deed[]): Promise<void> {
  const context = { ...around, collections: [collection] } as unknown as EngineContext
  const beginning = await backfillRun.begin(context, collection, {})
  const run = { cursor: beginning.cursor, counters: {}, collection: collection.name, id: 'pass' } as unknown as Run
  run.input = (beginning.facts ?? {}) as JsonObject
  for (const deed of meanwhile) await done(deed, collection, around)
  while (run.cursor !== null) {
    const { cursor, counters } = await backfillRun.batch(context, collection, run, 100)
    run.cursor = cursor as Json
    for (const [name, count] of Object.entries(counters)) run.counters[name] = (run.counters[name] ?? 0) + count
  }
  await backfillRun.finish(context, collection, run)
}

function placeOf(
  { ask, emit }: Ports,
  { leases, losses, documents }: Setting,
): { collection: Collection; around: Surroundings } {
  const asked = askedStores(ask)
  const source = documents ? overDocuments(asked.documents) : asked.source
  const collection: Collection = {
    name: COLLECTION,
    source: { partitions: [source] },
    target: { partitions: [asked.target] } as unknown as Collection['target'],
    leaseMs: leases ? 1_000 : null,
  }
  const sleep = async (ms: number): Promise<void> => {
    if (leases) await ask({ store: 'world', call: 'sleep', key: `sleep ${ms}`, run: async () => null })
  }
  const report: Surroundings['report'] = (event) => {
    if (event.kind === 'target-lost-data' && !losses) emit({ kind: 'broke', text: `False alarm: ${event.sign}.` })
  }
  return { collection, around: { clock: { ...standingClock(0), sleep }, background: () => {}, report } }
}

/** The stage of a record under a fence. */
export function stageOf(fence: Fence): string {
  return slotState(fence, 0).stage
}
