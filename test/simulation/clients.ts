import type { Condition, DataPlane, Mutation } from '../../lib/core/data-plane.js'
import { CutoverError } from '../../lib/core/error.js'
import type { JsonObject } from '../../lib/core/json.js'
import type { Operation } from '../../lib/core/operation.js'
import { actOnStage } from './acts.js'
import type { History } from './history.js'
import { added, type Change, type Only, type State } from './linearizable.js'
import type { Random } from './random.js'
import type { Bias, Scenario } from './scenario.js'
import type { Instance, World } from './world.js'

export const COLLECTION = 'projects'

/** A process that serves clients. */
export interface Server {
  instance: Instance
  plane: DataPlane
}

export interface ClientSetting {
  world: World
  history: History
  ids: readonly string[]
  /** A process that answers now: those that were killed are replaced. */
  server: (chance: Random) => Server
  scenario: Pick<Scenario, 'seed' | 'skip'>
  /** Share of writes that carry an Idempotency-Key. */
  namedShare: number
  /** Conditions name versions that were seen. */
  versions: boolean
  bias?: Bias | undefined
  /** Longest pause between two operations, in milliseconds. */
  pauseMs: number
  fault: (text: string) => void
  /** Work that has begun and not ended, with the process that does it. */
  pending: Map<string, Instance>
}

/** Longer than that a client does not wait: the outcome of a write is then unknown to it. */
const PATIENCE_MS = 15_000

/** One client: one operation after the other, each at any of the servers. */
export async function client(setting: ClientSetting, name: string, operations: number): Promise<void> {
  const known: Known = new Map()
  for (let at = 0; at < operations; at++) {
    const { world, skipped } = actOnStage(setting.scenario, setting.world, `${name}-${at}`)
    const { random } = world
    await world.sleep(random.below(setting.pauseMs))
    if (skipped) continue
    const id = random.pick(setting.ids)
    const kind = random.next()
    const { gets = 0.34, lists = 0.04 } = setting.bias ?? {}
    const one = { ...setting, world }
    if (kind < gets) await get(one, `${name}.${at}`, id, known)
    else if (kind < gets + lists) await list(one, `${name}.${at}`, known)
    else await change(one, `${name}-${at}`, id, known)
  }
}

/** What a client has seen of each record: ETags with their values, the latest last. */
type Known = Map<string, { etag: string; value: string }[]>

async function get(setting: ClientSetting, name: string, id: string, known: Known): Promise<void> {
  const { world, history, server } = setting
  const { instance, plane } = server(world.random)
  const began = world.tick()
  world.trace(() => `${name} get ${id} at ${instance.name}`)
  const outcome = await patiently(setting, name, instance, plane.get(COLLECTION, id))
  world.trace(() => `${name} got ${JSON.stringify(outcome)}`)
  if (outcome.kind !== 'answered') return
  const found = outcome.value
  const saw = found.kind === 'found' ? textOf(found.value) : null
  history.add(id, { name, began, ended: world.tick(), act: { do: 'read', saw } })
  if (found.kind === 'found') learn(history, known, id, found.etag, textOf(found.value))
}

async function list(setting: ClientSetting, name: string, known: Known): Promise<void> {
  const { world, history, ids, server } = setting
  const { instance, plane } = server(world.random)
  const began = world.tick()
  const after = world.random.chance(0.2) ? world.random.pick(ids) : null
  const limit = world.random.below(ids.length + 2, 1)
  world.trace(() => `${name} list after ${after} limit ${limit} at ${instance.name}`)
  const outcome = await patiently(setting, name, instance, plane.list(COLLECTION, after, limit))
  world.trace(() => `${name} listed ${JSON.stringify(outcome)}`)
  if (outcome.kind !== 'answered') return
  const { items, end } = outcome.value
  const last = end ? null : (items.at(-1)?.id ?? '')
  const ended = world.tick()
  for (const id of ids) {
    if ((after !== null && id <= after) || (last !== null && id > last)) continue
    const item = items.find((candidate) => candidate.id === id)
    const saw = item === undefined ? null : textOf(item.value)
    history.add(id, { name: `${name}(${id})`, began, ended, act: { do: 'read', saw } })
    if (item !== undefined) learn(history, known, id, item.etag, textOf(item.value))
  }
}

/** One write, with its retries under the same name if it has one: to the history they are one operation. */
async function change(setting: ClientSetting, name: string, id: string, known: Known): Promise<void> {
  const { world, history, server } = setting
  const { random } = world
  const named = random.chance(setting.namedShare)
  const plan = planOf(setting, name, id, known)
  let began: number | null = null
  let etag: string | null = null
  let done: { ended: number; result: State | undefined } | null = null
  const attempts = named ? random.below(5, 1) : 1
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { instance, plane } = server(world.random)
    const operation: Operation = { op: named ? `${name}.p` : name, startedAt: instance.clock.now(), named }
    const moment = world.tick()
    world.trace(() => `${name} ${JSON.stringify(plan.mutation)} ${id} at ${instance.name}, attempt ${attempt}`)
    const work = plane.write(COLLECTION, id, operation, plan.mutation)
    const outcome = await patiently(setting, `${name} attempt ${attempt}`, instance, work)
    world.trace(() => `${name} answered ${JSON.stringify(outcome)}`)
    const ended = world.tick()
    const of = { change: plan.change, condition: plan.only }
    if (outcome.kind === 'answered') {
      const { value } = outcome.value
      const result = value === null ? (plan.change === 'delete' ? null : undefined) : textOf(value)
      if (etag !== null && etag !== outcome.value.etag)
        setting.fault(`${name} was acknowledged as ${etag} and again as ${outcome.value.etag}.`)
      etag = outcome.value.etag
      began ??= moment
      done ??= { ended, result }
      if (typeof result === 'string') learn(history, known, id, etag, result)
      if (random.chance(0.7)) break
    } else if (outcome.kind === 'refused') {
      if (done !== null) setting.fault(`${name} was refused after it had been acknowledged.`)
      const act = { do: 'write' as const, ...of, outcome: 'refused' as const }
      history.add(id, { name, began: moment, ended, act })
      // An earlier attempt, of a process that sleeps, may yet be made; but it has had no effect until now.
      if (began !== null)
        history.add(id, { name: `${name}'`, began: moment, ended: null, act: { ...act, outcome: null } })
      return
    } else if (outcome.kind === 'unknown') began ??= moment
    await world.sleep(random.below(1_500))
  }
  if (began === null) return // every attempt failed for certain
  const of = { change: plan.change, condition: plan.only }
  const { ended, result } = done ?? { ended: null, result: undefined }
  const act = { do: 'write' as const, ...of, outcome: done === null ? null : ('done' as const) }
  history.add(id, { name, began, ended, act: result === undefined ? act : { ...act, result } })
}

interface Plan {
  mutation: Mutation
  change: Change
  only: Only | null
}

function planOf(
  { versions, world: { random }, bias = {} }: ClientSetting,
  name: string,
  id: string,
  known: Known,
): Plan {
  const seen = known.get(id) ?? []
  const latest = random.chance(0.8) ? seen.at(-1) : random.chance(0.9) ? seen[random.below(seen.length)] : undefined
  const kind = random.next()
  const { patches = 0.25, deletions = 0.17, creations = 0.18 } = bias
  const conditional = random.chance(bias.bound ?? 0.4)
  const bound: { condition: Condition; only: Only } =
    latest !== undefined && versions
      ? { condition: { kind: 'if-match', etag: latest.etag }, only: { is: latest.value } }
      : random.chance(0.7)
        ? { condition: { kind: 'if-match', etag: '*' }, only: 'present' }
        : { condition: { kind: 'if-match', etag: 'deleted-4294967296' }, only: 'never' }
  const condition = conditional ? { condition: bound.condition } : {}
  const only = conditional ? bound.only : null
  if (kind < patches) {
    const change = (current: JsonObject): JsonObject => ({ ...current, text: added(textOf(current), name) })
    return { mutation: { kind: 'patch', change, ...condition }, change: { add: name }, only }
  }
  if (kind < patches + deletions) return { mutation: { kind: 'delete', ...condition }, change: 'delete', only }
  const value = { id, text: name }
  if (kind < patches + deletions + creations) {
    return {
      mutation: { kind: 'put', value, condition: { kind: 'if-none-match' } },
      change: { put: name },
      only: 'absent',
    }
  }
  return { mutation: { kind: 'put', value, ...condition }, change: { put: name }, only }
}

function learn(history: History, known: Known, id: string, etag: string, value: string): void {
  history.shown(id, etag, value)
  known.set(id, [...(known.get(id) ?? []), { etag, value }])
}

export function textOf(value: JsonObject): string {
  return String(value.text)
}

type Outcome<T> = { kind: 'answered'; value: T } | { kind: 'refused' | 'failed' | 'unknown' }

async function patiently<T>(
  { world, fault, pending }: ClientSetting,
  name: string,
  instance: Instance,
  work: Promise<T>,
): Promise<Outcome<T>> {
  pending.set(name, instance)
  const answered = work
    .then(
      (value): Outcome<T> => ({ kind: 'answered', value }),
      (error: unknown): Outcome<T> => ({ kind: meaningOf(error, fault) }),
    )
    .finally(() => pending.delete(name))
  const tired = world.sleep(PATIENCE_MS).then((): Outcome<T> => ({ kind: 'unknown' }))
  return Promise.race([answered, tired])
}

function meaningOf(error: unknown, fault: (text: string) => void): 'refused' | 'failed' | 'unknown' {
  if (error instanceof CutoverError) {
    if (error.code === 'not-found' || error.code === 'precondition-failed') return 'refused'
    if (error.code === 'unavailable' || error.code === 'contended') return 'failed'
    if (error.code === 'outcome-unknown') return 'unknown'
  }
  fault(`An operation threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  return 'unknown'
}
