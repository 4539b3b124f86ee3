import { setTimeout as sleep } from 'node:timers/promises'
import { compareIds } from '../../lib/core/id.js'
import type { JsonObject } from '../../lib/core/json.js'
import { seededRandom } from '../stack/qstash/random.js'
import type { Address, Answer, Operation, RecordClient } from './clients/client.js'
import { type History, keyOf } from './history.js'
import { COLLECTION_NAMES, type CollectionName, type Records } from './manifests.js'
import type { Tally } from './tally.js'

export interface TrafficParts {
  history: History
  tally: Tally
  records: Records
  /** Records that everybody reads and writes. */
  hot: readonly Address[]
  /** Records that are seldom touched; the rest is never written. */
  cold: readonly Address[]
  seed: number
}

/** One client at work until it is told to stop. Keys and operations follow from the seed; what they meet does not. */
export async function runClient(
  client: RecordClient,
  number: number,
  parts: TrafficParts,
  stop: AbortSignal,
): Promise<void> {
  const random = seededRandom(parts.seed * 1_000 + number)
  const user = new User(client, parts, random)
  while (!stop.aborted) {
    await user.step()
    await sleep(THINK_MS_MIN + random() * THINK_MS_MORE)
  }
}

const THINK_MS_MIN = 4
const THINK_MS_MORE = 16
const HOT_SHARE = 0.5
const PAGE = 25

/** Operations and how often each is chosen, in percent. Where a record was last seen absent, mostly it is created. */
const MIX: readonly [Operation, boolean, number][] = [
  ['get', false, 42],
  ['list', false, 5],
  ['patch', false, 15],
  ['patch', true, 11],
  ['replace', false, 7],
  ['replace', true, 6],
  ['create', false, 6],
  ['remove', false, 4],
  ['remove', true, 4],
]
const CREATE_SHARE = 0.6

/** What one client does and remembers. */
class User {
  readonly #client: RecordClient
  readonly #parts: TrafficParts
  readonly #random: () => number
  /** The ETag last seen; `null`: nothing was there. */
  readonly #seen = new Map<string, number | null>()
  readonly #own: Address[] = []
  /** Where the next page begins. */
  readonly #pages = new Map<CollectionName, { after: string; cursor: string }>()
  #writes = 0

  constructor(client: RecordClient, parts: TrafficParts, random: () => number) {
    this.#client = client
    this.#parts = parts
    this.#random = random
  }

  async step(): Promise<void> {
    const at = this.#chooseRecord()
    const seen = this.#seen.get(keyOf(at))
    const [operation, conditional] = this.#chooseOperation(seen)
    if (operation === 'get') return this.#read(at)
    if (operation === 'list') return this.#list(this.#pick(COLLECTION_NAMES))
    if (conditional && seen == null) return this.#read(at)
    return this.#write(operation, at, conditional ? (seen ?? null) : null)
  }

  async #read(at: Address): Promise<void> {
    const { history, tally } = this.#parts
    const begun = history.begin()
    const answer = await this.#client.get(at)
    if (answer.kind === 'found') {
      history.found(keyOf(at), begun, answer.version, answer.value)
      this.#seen.set(keyOf(at), answer.version)
      tally.count('reads', answer.origin)
    } else if (answer.kind === 'absent') {
      history.absent(keyOf(at), begun)
      this.#seen.set(keyOf(at), null)
      tally.count('reads', answer.origin)
    } else this.#failed(answer)
  }

  /** A page is a read of each record in it, and of each known record that it passes over. */
  async #list(collection: CollectionName): Promise<void> {
    const { history, tally } = this.#parts
    const begun = history.begin()
    const page = this.#pages.get(collection)
    const answer = await this.#client.list(collection, PAGE, page?.cursor ?? null)
    if (answer.kind !== 'page' || answer.items.some(({ version }) => Number.isNaN(version))) return this.#failed(answer)
    tally.count('reads', answer.origin)
    const last = answer.items.at(-1)?.id ?? null
    for (const { id, version, value } of answer.items) history.found(keyOf({ collection, id }), begun, version, value)
    const shown = new Set(answer.items.map(({ id }) => id))
    const until = answer.next === null ? null : last
    for (const id of history.ids(collection)) {
      const inside =
        (page === undefined || compareIds(id, page.after) > 0) && (until === null || compareIds(id, until) <= 0)
      if (inside && !shown.has(id)) history.absent(keyOf({ collection, id }), begun)
    }
    if (answer.next === null || last === null) this.#pages.delete(collection)
    else this.#pages.set(collection, { after: last, cursor: answer.next })
  }

  async #write(operation: Operation, at: Address, ifMatch: number | null): Promise<void> {
    const { history, tally } = this.#parts
    const key = keyOf(at)
    const lastWrite = { by: this.#client.name, number: ++this.#writes }
    const write = `${lastWrite.by}#${lastWrite.number}`
    const pending = history.beginWrite(key, write, operation === 'remove' ? 'delete' : 'put', ifMatch)
    const answer = await this.#send(operation, at, lastWrite, ifMatch)
    if (answer.kind === 'written') {
      tally.count('writes', answer.origin)
      if (operation === 'create') history.wasAbsent(pending)
      history.acknowledged(pending, answer.version, answer.value)
      this.#seen.set(key, operation === 'remove' ? null : answer.version)
    } else if (answer.kind === 'refused') {
      tally.refusals++
      history.refused(pending)
      // Not found: the record was absent at some moment of the call. Otherwise it has changed: read it before the next try.
      if (answer.code === 'not-found') history.absent(key, pending.begun)
      this.#seen.delete(key)
    } else this.#failed(answer)
  }

  #send(operation: Operation, at: Address, lastWrite: JsonObject, ifMatch: number | null): Promise<Answer> {
    const note = `${lastWrite.by} wrote this as its ${String(lastWrite.number)}. write · ✓`
    switch (operation) {
      case 'create':
        return this.#client.create(at, { ...this.#wholeValue(at), description: note, lastWrite })
      case 'replace':
        return this.#client.replace(at, { ...this.#wholeValue(at), description: note, lastWrite }, ifMatch)
      case 'patch':
        return this.#client.patch(at, { lastWrite, description: this.#random() < 0.2 ? null : note }, ifMatch)
      default:
        return this.#client.remove(at, ifMatch)
    }
  }

  /** The record as it was at first, or one of the same form for an id that had none. */
  #wholeValue({ collection, id }: Address): JsonObject {
    const original = this.#parts.records[collection].get(id)
    if (original !== undefined) return original
    return collection === 'projects' ? { id, name: id } : { id, name: id, projectId: 'demo', metadata: { cold: true } }
  }

  #chooseOperation(seen: number | null | undefined): [Operation, boolean] {
    if (seen === null && this.#random() < CREATE_SHARE) return ['create', false]
    const able = MIX.filter(([operation]) => this.#client.operations.includes(operation))
    let left = this.#random() * able.reduce((sum, [, , share]) => sum + share, 0)
    for (const [operation, conditional, share] of able) {
      left -= share
      if (left <= 0) return [operation, conditional]
    }
    return ['get', false]
  }

  #chooseRecord(): Address {
    const { hot, cold } = this.#parts
    const chance = this.#random()
    if (chance < HOT_SHARE) return this.#pick(hot)
    if (chance < 0.9) return this.#pick(cold)
    if (chance < 0.95 && this.#own.length > 0) return this.#pick(this.#own)
    const at = { collection: this.#pick(COLLECTION_NAMES), id: `demo/${this.#client.name}/${this.#own.length}` }
    this.#own.push(at)
    this.#seen.set(keyOf(at), null)
    return at
  }

  #pick<T>(from: readonly T[]): T {
    const one = from[Math.floor(this.#random() * from.length)]
    if (one === undefined) throw new Error('There is nothing to choose from.')
    return one
  }

  #failed(answer: Answer): void {
    this.#parts.tally.failed(this.#client.name, answer.kind === 'failed' ? answer.what : `answered ${answer.kind}`)
  }
}
