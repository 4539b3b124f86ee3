import type {
  Condition,
  DataPlane,
  ListOutcome,
  Mutation,
  ReadOutcome,
  WriteOutcome,
} from '../../lib/core/data-plane.js'
import { CutoverError } from '../../lib/core/error.js'
import { compareIds } from '../../lib/core/id.js'
import type { JsonObject } from '../../lib/core/json.js'
import { isReusedKey, type Operation, operationKey } from '../../lib/core/operation.js'

const SERVED = { stage: 'shadow', epoch: 3, servedBy: 'source' } as const

/** A data plane in memory that keeps the promises of `DataPlane`, and what the tests need to see of it. */
export class FakeDataPlane implements DataPlane {
  readonly collections = ['projects', 'resources'] as const
  /** Every operation that was asked for, in order. */
  readonly operations: Operation[] = []
  lists = 0
  /** Thrown by the next calls, whichever they are. */
  fault: Error | null = null
  /** Awaited by every call. */
  pause: (() => Promise<void>) | null = null
  readonly #records = new Map<string, Map<string, { value: JsonObject; version: number }>>()
  readonly #remembered = new Map<string, { op: string; etag: string }>()
  #version = 0

  seed(collection: string, records: readonly JsonObject[]): this {
    for (const value of records) this.put(collection, String(value.id), value)
    return this
  }

  put(collection: string, id: string, value: JsonObject): void {
    this.#all(collection).set(id, { value, version: ++this.#version })
  }

  async get(collection: string, id: string): Promise<ReadOutcome> {
    await this.#begin()
    const held = this.#all(collection).get(id)
    if (held === undefined) return { ...SERVED, kind: 'absent' }
    return { ...SERVED, kind: 'found', value: held.value, etag: etagOf(held.version) }
  }

  async list(collection: string, after: string | null, limit: number): Promise<ListOutcome> {
    await this.#begin()
    this.lists++
    const ids = [...this.#all(collection).keys()].filter((id) => after === null || compareIds(id, after) > 0)
    const page = ids.sort(compareIds).slice(0, limit)
    const items = page.flatMap((id) => {
      const held = this.#all(collection).get(id)
      return held === undefined ? [] : [{ id, value: held.value, etag: etagOf(held.version) }]
    })
    return { ...SERVED, items, end: page.length === ids.length }
  }

  async write(collection: string, id: string, operation: Operation, mutation: Mutation): Promise<WriteOutcome> {
    await this.#begin()
    this.operations.push(operation)
    const known = this.#remembered.get(operationKey(operation.op))
    if (known !== undefined) {
      if (isReusedKey(known.op, operation.op))
        throw new CutoverError('idempotency-mismatch', 'The key was used before.')
      return { ...SERVED, kind: 'written', etag: known.etag, value: null, created: false }
    }
    const held = this.#all(collection).get(id)
    checkCondition(mutation.condition, held?.version)
    if (held === undefined && mutation.kind !== 'put') throw new CutoverError('not-found', 'There is no such record.')
    const etag = etagOf(++this.#version)
    const value = valueAfter(mutation, held?.value ?? {})
    if (value === null) this.#all(collection).delete(id)
    else this.#all(collection).set(id, { value, version: this.#version })
    if (operation.named) this.#remembered.set(operationKey(operation.op), { op: operation.op, etag })
    return { ...SERVED, kind: 'written', etag, value, created: held === undefined }
  }

  async #begin(): Promise<void> {
    await this.pause?.()
    if (this.fault !== null) throw this.fault
  }

  #all(collection: string) {
    const records = this.#records.get(collection) ?? new Map<string, { value: JsonObject; version: number }>()
    this.#records.set(collection, records)
    return records
  }
}

function valueAfter(mutation: Mutation, current: JsonObject): JsonObject | null {
  if (mutation.kind === 'delete') return null
  return mutation.kind === 'put' ? mutation.value : mutation.change(current)
}

function checkCondition(condition: Condition | undefined, version: number | undefined): void {
  if (condition === undefined) return
  const holds =
    condition.kind === 'if-none-match'
      ? version === undefined
      : version !== undefined && (condition.etag === '*' || condition.etag === etagOf(version))
  if (!holds) throw new CutoverError('precondition-failed', 'The record is not what the condition says.')
}

function etagOf(version: number): string {
  return `"${version}"`
}
