import type { DataPlane, ListOutcome, Mutation, ReadOutcome, WriteOutcome } from '../../../../lib/core/data-plane.js'
import { CutoverError } from '../../../../lib/core/error.js'
import type { JsonObject } from '../../../../lib/core/json.js'

export type Records = Map<string, { value: JsonObject; version: number }>

const SERVED = { stage: 'off', epoch: 1, servedBy: 'source' } as const

/** A data plane that is a map and nothing more, so that what is measured is the surface over it. Knows no condition. */
export class MapDataPlane implements DataPlane {
  readonly collections = ['projects']
  readonly #records: Records

  constructor(records: Records) {
    this.#records = records
  }

  async get(_collection: string, id: string): Promise<ReadOutcome> {
    const found = this.#records.get(id)
    if (found === undefined) return { ...SERVED, kind: 'absent' }
    return { ...SERVED, kind: 'found', value: found.value, etag: String(found.version) }
  }

  async list(): Promise<ListOutcome> {
    return { ...SERVED, items: [], end: true }
  }

  async write(_collection: string, id: string, _operation: unknown, mutation: Mutation): Promise<WriteOutcome> {
    const found = this.#records.get(id)
    if (found === undefined || mutation.kind !== 'patch') throw new CutoverError('not-found', 'It is not there.')
    const next = { value: mutation.change(found.value), version: found.version + 1 }
    this.#records.set(id, next)
    return { ...SERVED, kind: 'written', value: next.value, etag: String(next.version), created: false }
  }
}
