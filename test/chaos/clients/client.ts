import type { JsonObject } from '../../../lib/core/json.js'
import type { CollectionName } from '../../../scripts/demo/manifests.js'
import type { State } from '../../simulation/linearizable.js'

/** A client of the application, over either surface. One call is one request: it sends nothing twice. */
export interface RecordClient {
  name: string
  writes: readonly WriteKind[]
  /** `known`: a version that the client has; where the surface can, it is not sent again. */
  get(at: Address, known: Seen | null): Promise<Told<Seen | null>>
  list(collection: CollectionName, limit: number, cursor: string | null): Promise<Told<Page>>
  /** `null`: this surface has none. */
  search: ((collection: CollectionName, query: string, limit: number) => Promise<Told<Page>>) | null
  write(at: Address, write: Write, key: string | null): Promise<Told<Written>>
  /** Connections that the client had to make again. */
  reconnects(): number
  close(): Promise<void>
}

export interface Address {
  collection: CollectionName
  id: string
}

export type WriteKind = 'put' | 'create' | 'patch' | 'delete'

export interface Write {
  kind: WriteKind
  /** Of a put or create: the record. Of a patch: the changes. */
  body: JsonObject
  ifMatch: string | null
}

export interface Seen {
  etag: string
  value: string
}

export interface Page {
  items: (Seen & { id: string })[]
  next: string | null
}

/** `value` is undefined where the answer told none; `etag` is null there, and for deletions over HTTP. */
export interface Written {
  etag: string | null
  value: State | undefined
}

/**
 * What an attempt means to its client. `failed`: the server says that nothing was done. `unknown`: no answer, or the
 * server says that it does not know. `broken`: an answer that nothing excuses; its outcome is not known either.
 */
export type Told<T> =
  | { kind: 'answered'; told: T; stage: string; servedBy: string }
  | { kind: 'refused' }
  | { kind: 'failed' }
  | { kind: 'unknown' }
  | { kind: 'broken'; what: string }

/** What the code of an error means; `undefined` for codes that no client here deserves. */
export function meaningOf(code: string): 'refused' | 'failed' | 'unknown' | undefined {
  if (code === 'not-found' || code === 'precondition-failed') return 'refused'
  if (code === 'unavailable' || code === 'contended') return 'failed'
  return code === 'outcome-unknown' ? 'unknown' : undefined
}

/**
 * The state of a record as one text. A put sets `text`; every patch adds a member of its own, and members keep the
 * order in which they came: a patch that was lost under another, or done twice, shows.
 */
export function stateOf(record: JsonObject): string {
  const additions = Object.keys(record).filter((member) => member.startsWith('+'))
  return String(record.text) + additions.join('')
}

/** The record that a put writes: valid in both collections. `about` is what a search for it finds. */
export function recordOf(id: string, text: string, about: string): JsonObject {
  return { id, name: about, projectId: 'chaos', text }
}

export function additionOf(name: string): JsonObject {
  return { [`+${name}`]: true }
}
