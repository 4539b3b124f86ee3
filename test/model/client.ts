import type { Mutation } from '../../lib/core/data-plane.js'
import { CutoverError } from '../../lib/core/error.js'
import type { Fence } from '../../lib/core/fence.js'
import type { JsonObject } from '../../lib/core/json.js'
import type { Protocol } from '../../lib/core/protocol/effect.js'
import type { ReadResult, WriteResult } from '../../lib/core/protocol/outcome.js'
import { read } from '../../lib/core/protocol/read.js'
import { write } from '../../lib/core/protocol/write.js'
import { runAfterwards } from '../../lib/engine/data-plane/afterwards.js'
import { askedOf } from '../../lib/engine/data-plane/intent.js'
import { learn, type PartitionState, partitionStates, slotFor } from '../../lib/engine/data-plane/partition.js'
import type { Program } from './behaviour.js'
import { driven } from './drive.js'
import type { Event, Operation, Value, Write } from './monitor.js'
import { placeOf, type Setting } from './place.js'
import { COLLECTION, JUMP_MS, START } from './stores.js'

/** One operation of a client, by the product's protocols, with what comes after its answer. */
export function client(operation: Operation, of: number, start: Start, setting: Setting): Program {
  return async (ports) => {
    const { collection, around } = placeOf(ports, setting)
    const state = { ...(partitionStates(collection)[0] as PartitionState), fence: start.fence }
    if (start.fresh) await lookAround(state)
    const background: Promise<unknown>[] = []
    const later = { ...around, background: (work: Promise<unknown>): void => void background.push(work) }
    const slot = slotFor(collection, operation.id)
    const startedAt = START + (operation.jumpsAhead ?? 0) * JUMP_MS
    const drive = <T>(protocol: Protocol<T>): Promise<T> => driven(protocol, state, ports, later, setting)
    if (operation.act === 'read') {
      const result = await drive(read({ id: operation.id, slot, startedAt }, state.fence))
      ports.emit(readEvent(of, result))
      if (result.kind === 'read') runAfterwards(result.afterwards, state, later)
    } else {
      const { intent } = askedOf(mutationOf(operation, operation.act, start.versions), COLLECTION, operation.id)
      const named = operation.name.includes('.')
      const task = { id: operation.id, slot, operation: { op: operation.name, startedAt, named }, intent }
      const result = await drive(write(task, state.fence))
      ports.emit(writeEvent(of, operation.act, result))
      if (result.kind === 'written') runAfterwards(result.afterwards, state, later)
    }
    await Promise.all(background)
  }
}

/** What the instance and the client know beforehand. */
export interface Start {
  fence: Fence
  versions: Versions
  /** The instance has heard of the latest stage just before. */
  fresh?: boolean | undefined
}

/** An instance that has heard of the latest stage before the operation comes. */
async function lookAround(state: PartitionState): Promise<void> {
  for (const store of [state.source, state.target]) {
    try {
      learn(state, (await store.control()).fence)
    } catch (error) {
      if (!(error instanceof CutoverError)) throw error
    }
  }
}

/** ETags that a client knows from before, by the value that was shown with them. */
export type Versions = ReadonlyMap<string, number>

export function mutationOf({ id }: Pick<Operation, 'id'>, { change, only }: Write, versions: Versions): Mutation {
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
