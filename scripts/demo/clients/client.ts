import type { JsonObject } from '../../../lib/core/json.js'
import type { CollectionName } from '../manifests.js'

/** An ordinary client of the application, over either surface. Nothing here throws for what a server answers. */
export interface RecordClient {
  name: string
  operations: readonly Operation[]
  get(at: Address): Promise<Answer>
  /** Refused if the record is there. */
  create(at: Address, value: JsonObject): Promise<Answer>
  replace(at: Address, value: JsonObject, ifMatch: number | null): Promise<Answer>
  /** A JSON merge patch. */
  patch(at: Address, changes: JsonObject, ifMatch: number | null): Promise<Answer>
  remove(at: Address, ifMatch: number | null): Promise<Answer>
  list(collection: CollectionName, limit: number, cursor: string | null): Promise<Answer>
  /** Connections that had to be made again, as its user would have noticed. */
  reconnects(): number
  close(): Promise<void>
}

export type Operation = 'get' | 'create' | 'replace' | 'patch' | 'remove' | 'list'

export interface Address {
  collection: CollectionName
  id: string
}

export interface Origin {
  stage: string
  servedBy: string
}

export type Answer =
  | { kind: 'found'; origin: Origin; version: number; value: JsonObject }
  | { kind: 'absent'; origin: Origin | null }
  | { kind: 'written'; origin: Origin; version: number | null; value: JsonObject | null }
  | { kind: 'refused'; code: 'not-found' | 'precondition-failed'; origin: Origin | null }
  | { kind: 'page'; origin: Origin; items: Item[]; next: string | null }
  /** What an ordinary client would have shown its user; a write may or may not have happened. */
  | { kind: 'failed'; what: string }

export interface Item {
  id: string
  /** NaN where the ETag is no version, as after the clean-up. */
  version: number
  value: JsonObject
}
