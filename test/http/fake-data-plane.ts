import type { DataPlane, Mutation, ReadOutcome, Served, WriteOutcome } from '../../lib/core/data-plane.js'
import { CutoverError } from '../../lib/core/error.js'
import { compareIds } from '../../lib/core/id.js'
import type { JsonObject } from '../../lib/core/json.js'
import { isReusedKey, type Operation, operationKey } from '../../lib/core/operation.js'

/** A data plane in memory: one store, versions from 1, remembered operations. `calls` shows what the surface asked. */
export class FakeDataPlane implements DataPlane {
  readonly collections = ['projects', 'resources', 'notes']
  readonly calls: { collection: string; id: string; operation: Operation; mutation: Mutation }[] = []
  /** Thrown by the next call, once. */
  failure: Error | null = null
  served: Served = { stage: 'shadow', epoch: 3, servedBy: 'source' }
  readonly #records = new Map<string, { value: JsonObject; version: number }>()
  readonly #done = new Map<string, { op: string; outcome: WriteOutcome }>()
  #version = 0

  async get(collection: string, id: string): Promise<ReadOutcome> {
    this.#fail()
    const held = this.#records.get(`${collection}/${id}`)
    if (held === undefined) return { ...this.served, kind: 'absent' }
    return { ...this.served, kind: 'found', value: held.value, etag: String(held.version) }
  }

  async list(collection: string, after: string | null, limit: number) {
    this.#fail()
    const ids = [...this.#records.keys()]
      .filter((key) => key.startsWith(`${collection}/`))
      .map((key) => key.slice(collection.length + 1))
      .filter((id) => after === null || compareIds(id, after) > 0)
      .sort(compareIds)
    const items = ids.slice(0, limit).flatMap((id) => {
      const held = this.#records.get(`${collection}/${id}`)
      return held === undefined ? [] : [{ id, value: held.value, etag: String(held.version) }]
    })
    return { ...this.served, items, end: ids.length <= limit }
  }

  async write(collection: string, id: string, operation: Operation, mutation: Mutation): Promise<WriteOutcome> {
    this.#fail()
    this.calls.push({ collection, id, operation, mutation })
    const done = this.#done.get(operationKey(operation.op))
    if (done !== undefined && isReusedKey(done.op, operation.op)) {
      throw new CutoverError('idempotency-mismatch', 'The key was used for another request.')
    }
    if (done !== undefined) return { ...done.outcome, value: null }
    const outcome = this.#apply(`${collection}/${id}`, mutation)
    this.#done.set(operationKey(operation.op), { op: operation.op, outcome })
    return outcome
  }

  #apply(key: string, mutation: Mutation): WriteOutcome {
    const held = this.#records.get(key)
    if (held === undefined && mutation.kind !== 'put') throw new CutoverError('not-found', 'No such record.')
    const { condition } = mutation
    const isMet =
      condition === undefined ||
      (condition.kind === 'if-none-match'
        ? held === undefined
        : held !== undefined && (condition.etag === '*' || condition.etag === String(held.version)))
    if (!isMet) throw new CutoverError('precondition-failed', 'The condition did not hold.')
    const value =
      mutation.kind === 'put' ? mutation.value : mutation.kind === 'patch' ? mutation.change(held?.value ?? {}) : null
    const version = ++this.#version
    if (value === null) this.#records.delete(key)
    else this.#records.set(key, { value, version })
    return { ...this.served, kind: 'written', etag: String(version), value, created: held === undefined }
  }

  #fail(): void {
    const { failure } = this
    this.failure = null
    if (failure !== null) throw failure
  }
}
