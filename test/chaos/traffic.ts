import { setTimeout as sleep } from 'node:timers/promises'
import { compareIds } from '../../lib/core/id.js'
import type { CollectionName } from '../../scripts/demo/manifests.js'
import type { Change, Only } from '../simulation/linearizable.js'
import type { Random } from '../simulation/random.js'
import { type Address, additionOf, type Page, type RecordClient, recordOf, type Told } from './clients/client.js'
import type { Outcome, Recorder } from './recorder.js'
import type { Records } from './records.js'
import { writeOnce } from './write.js'

export interface TrafficParts {
  recorder: Recorder
  records: Records
  random: Random
  /** Share of writes that carry an Idempotency-Key, and are sent again when they are not answered. */
  namedShare: number
}

/** One client at work until it is told to stop: one operation after the other. */
export async function runClient(client: RecordClient, parts: TrafficParts, stop: AbortSignal): Promise<void> {
  const { random } = parts
  const user: User = { client, ...parts, known: new Map(), pages: new Map(), broken: null, number: 0 }
  while (!stop.aborted) {
    const at = parts.records.choose(random)
    user.number++
    const kind = random.next()
    if (kind < 0.38) await get(user, at)
    else if (kind < 0.42) await list(user, at.collection)
    else if (kind < 0.44) await search(user, at)
    else await change(user, at)
    await sleep(random.below(PAUSE_MS_MAX, PAUSE_MS_MIN))
  }
}

const PAUSE_MS_MIN = 1
const PAUSE_MS_MAX = 16
const PAGE_MAX = 8

/** What one client does and remembers. */
export interface User extends TrafficParts {
  client: RecordClient
  /** What it has seen of each record, the latest last. */
  known: Map<string, { etag: string; value: string }[]>
  /** Where its next page begins. */
  pages: Map<CollectionName, { after: string; cursor: string }>
  /** Its first attempt without a good answer since the last one that had one, in milliseconds. */
  broken: { began: number; ended: number } | null
  /** Of its present operation. */
  number: number
}

async function get(user: User, at: Address): Promise<void> {
  const { client, recorder } = user
  const began = recorder.tick()
  const seen = user.known.get(keyOf(at))?.at(-1) ?? null
  const held = user.random.chance(0.3) ? seen : null
  const told = await attempt(user, 'get', () => client.get(at, held))
  if (told.kind !== 'answered') return
  const name = `${client.name}.${user.number}`
  const found = told.told
  recorder.add(at.collection, at.id, {
    name,
    began,
    ended: recorder.tick(),
    act: { do: 'read', saw: found?.value ?? null },
  })
  if (found !== null) learn(user, at, found.etag, found.value)
}

async function list(user: User, collection: CollectionName): Promise<void> {
  const { client, recorder, random, pages } = user
  const began = recorder.tick()
  const from = pages.get(collection)
  const limit = random.below(PAGE_MAX + 1, 1)
  // What is introduced while the answer is on its way may be missing in it.
  const ids = [...recorder.ids(collection)]
  const told = await attempt(user, 'list', () => client.list(collection, limit, from?.cursor ?? null))
  pages.delete(collection)
  if (told.kind !== 'answered') return
  const page = told.told
  const last = page.items.at(-1)?.id ?? null
  const inside = (id: string): boolean =>
    (from === undefined || compareIds(id, from.after) > 0) &&
    (page.next === null || (last !== null && compareIds(id, last) <= 0))
  readPage(user, collection, began, ids.filter(inside), page)
  if (page.next !== null && last !== null && random.chance(0.5))
    pages.set(collection, { after: last, cursor: page.next })
}

/** A search for the records of one window is a read of each of them: what contains the text and is not shown is absent. */
async function search(user: User, at: Address): Promise<void> {
  const { client, recorder, records } = user
  if (client.search === null) return get(user, at)
  const began = recorder.tick()
  const about = records.about(at.id)
  const ids = [...recorder.ids(at.collection)].filter((id) => records.about(id) === about)
  const told = await attempt(user, 'search', () => client.search?.(at.collection, about, PAGE_MAX) ?? lost())
  if (told.kind !== 'answered') return
  const { next, items } = told.told
  const last = items.at(-1)?.id
  const inside = (id: string): boolean => next === null || (last !== undefined && compareIds(id, last) <= 0)
  readPage(user, at.collection, began, ids.filter(inside), told.told)
}

async function lost(): Promise<Told<never>> {
  return { kind: 'unknown' }
}

function readPage(user: User, collection: CollectionName, began: number, ids: readonly string[], page: Page): void {
  const { client, recorder } = user
  const ended = recorder.tick()
  const shown = new Map(page.items.map((item) => [item.id, item]))
  for (const id of new Set([...ids, ...shown.keys()])) {
    const item = shown.get(id)
    const name = `${client.name}.${user.number}(${id})`
    recorder.add(collection, id, { name, began, ended, act: { do: 'read', saw: item?.value ?? null } })
    if (item !== undefined) learn(user, { collection, id }, item.etag, item.value)
  }
}

async function change(user: User, at: Address): Promise<void> {
  const { client, random, records, namedShare } = user
  const name = `${client.name}-${user.number}`
  const kind = random.pick(client.writes)
  const seen = user.known.get(keyOf(at)) ?? []
  // Mostly the version seen last, sometimes one that has been overwritten.
  const version = random.chance(0.8) ? seen.at(-1) : seen[random.below(seen.length)]
  const bound = kind !== 'create' && version !== undefined && random.chance(0.4) ? version : null
  const needsOne = kind === 'patch' || kind === 'delete'
  const only: Only | null =
    kind === 'create' ? 'absent' : bound !== null ? { is: bound.value } : needsOne ? 'present' : null
  const changes: Change = kind === 'delete' ? 'delete' : kind === 'patch' ? { add: name } : { put: name }
  const body =
    kind === 'patch' ? additionOf(name) : kind === 'delete' ? {} : recordOf(at.id, name, records.about(at.id))
  const key = random.chance(namedShare) ? name : null
  await writeOnce(user, at, { name, write: { kind, body, ifMatch: bound?.etag ?? null }, change: changes, only, key })
}

export function learn(user: User, at: Address, etag: string, value: string): void {
  user.recorder.shown(at.collection, at.id, etag, value)
  const seen = user.known.get(keyOf(at)) ?? []
  user.known.set(keyOf(at), [...seen.slice(-KEPT), { etag, value }])
}

/** Versions of a record that a client keeps in mind. */
const KEPT = 8

/** One request, counted and timed. */
export async function attempt<T>(user: User, kind: string, work: () => Promise<Told<T>>): Promise<Told<T>> {
  const { recorder, client } = user
  const began = performance.now()
  const told = await work()
  const outcome: Outcome = told.kind === 'broken' ? 'unknown' : told.kind
  recorder.count(`${client.name.startsWith('mcp') ? 'mcp' : 'http'} ${kind}`, outcome, performance.now() - began)
  if (told.kind === 'broken') recorder.violation(`${client.name} ${kind}: ${told.what}`)
  if (told.kind === 'answered' && told.stage !== '') recorder.origin(told.stage, told.servedBy)
  if (outcome === 'failed' || outcome === 'unknown') user.broken ??= { began, ended: performance.now() }
  else if (user.broken !== null) {
    recorder.unavailable(user.broken)
    user.broken = null
  }
  return told
}

function keyOf({ collection, id }: Address): string {
  return `${collection}/${id}`
}
