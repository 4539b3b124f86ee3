import { expect } from 'vitest'
import type { Mutation } from '../../lib/core/data-plane.js'
import { type Fence, INITIAL_FENCE } from '../../lib/core/fence.js'
import type { JsonObject } from '../../lib/core/json.js'
import type { CallName, Calls, Effect, Protocol, Reply } from '../../lib/core/protocol/effect.js'
import type { WriteTask } from '../../lib/core/protocol/outcome.js'
import type { Stage } from '../../lib/core/stage.js'
import { enter, strictRanges, withFullFlags } from '../../lib/core/transition.js'
import { memoryDocuments } from '../../lib/drivers/documents/memory.js'
import { documentSource } from '../../lib/drivers/stores/documents/source.js'
import { memoryTarget } from '../../lib/drivers/stores/memory/target.js'
import { askedOf } from '../../lib/engine/data-plane/intent.js'
import type { Clock } from '../../lib/ports/clock.js'
import type { Source, Target } from '../../lib/ports/store.js'

/** Runs a protocol one request at a time: each is looked at, and answered by the test or by real stores. */
export interface Walk<Result> {
  /** The request that waits for an answer; it must be this one. */
  asks<K extends CallName>(call: K): { call: K } & Calls[K]['request']
  answer<K extends CallName>(call: K, answer: Calls[K]['answer'], options?: { doubtful: boolean }): Walk<Result>
  /** No answer, however often it was sent. */
  silence(call: CallName): Walk<Result>
  /** The stores answer the request, now. */
  go(stores: Stores, call: CallName): Promise<Walk<Result>>
  /** The stores take the request now; whoever sent it hears nothing yet. */
  send(stores: Stores, call: CallName): Promise<unknown>
  result(): Result
  /** The stores answer everything from here on. */
  finish(stores: Stores): Promise<Result>
}

export function walk<Result>(protocol: Protocol<Result>): Walk<Result> {
  let next = protocol.next()
  const give = (reply: Reply<unknown>): Walk<Result> => {
    next = protocol.next(reply)
    return self
  }
  const pending = (): Effect => {
    if (next.done) throw new Error(`Nothing is asked any more: ${JSON.stringify(next.value)}`)
    return next.value
  }
  const self: Walk<Result> = {
    asks: <K extends CallName>(call: K) => {
      const effect = pending()
      expect(effect.call).toBe(call)
      return effect as unknown as { call: K } & Calls[K]['request']
    },
    answer(call, answer, { doubtful } = { doubtful: false }) {
      self.asks(call)
      return give({ answer, doubtful })
    },
    silence(call) {
      self.asks(call)
      return give({ answer: null, doubtful: true })
    },
    async go(stores, call) {
      self.asks(call)
      return give({ answer: await stores.take(pending()), doubtful: false })
    },
    async send(stores, call) {
      self.asks(call)
      return await stores.take(pending())
    },
    result() {
      if (!next.done) throw new Error(`It asks on: ${JSON.stringify(next.value)}`)
      return next.value
    },
    async finish(stores) {
      while (!next.done) give({ answer: await stores.take(next.value), doubtful: false })
      return next.value
    },
  }
  return self
}

export interface Stores {
  source: Source
  target: Target
  /** Both stores at this fence. */
  raise(fence: Fence): Promise<void>
  take(effect: Effect): Promise<unknown>
  alarms: string[]
  clock: Clock
}

/** Time that stands still. */
export const NOW = 1_750_000_000_000

export function storesOf(): Stores {
  const clock: Clock = { now: () => NOW, monotonic: () => 0, sleep: async () => {}, random: () => 0, id: () => 'id' }
  const source = documentSource({ documents: memoryDocuments(), name: 'p.json', collection: 'projects', clock })
  const target = memoryTarget({ collection: 'projects', partitions: 1, clock }).partitions[0] as Target
  const alarms: string[] = []
  return {
    source,
    target,
    clock,
    alarms,
    async raise(fence) {
      await source.raise(fence)
      await target.raise(fence)
    },
    async take(effect) {
      switch (effect.call) {
        case 'source.get':
          return source.get(effect.id, effect.recall)
        case 'source.cas':
          return source.cas(effect.fence, effect.write)
        case 'source.apply':
          return source.apply(effect.fence, effect.id, effect.copy, effect.options)
        case 'source.raise':
          return source.raise(effect.fence)
        case 'target.get':
          return target.get(effect.id)
        case 'target.begin':
          return target.begin(effect.fence, effect.write)
        case 'target.probe':
          return target.probe(effect.fence, effect.op)
        case 'target.prove':
          return target.prove(effect.fence, effect.held, effect.mine)
        case 'lease':
          return { kind: 'held' }
        case 'alarm':
          alarms.push(effect.sign)
          return 'noted'
        case 'pause':
          return 'waited'
      }
    },
  }
}

/**
 * The fences of a journey, one epoch each, all slots together. Leaving a strict stage is done as it should be: after a
 * complete pass. A stage in brackets, such as `(live)`, is entered and not passed.
 */
export function journey(...stages: (Stage | `(${Stage})`)[]): Fence[] {
  let fence = INITIAL_FENCE
  return stages.map((name) => {
    const bare = name.startsWith('(') ? (name.slice(1, -1) as Stage) : (name as Stage)
    const epoch = fence.epoch + 1
    const ranges = fence.ranges.map((range) => ({ ...enter(range, bare, epoch, NOW), until: range.until }))
    fence = { epoch, ranges }
    if (bare === name) fence = withFullFlags(fence, strictRanges(fence))
    return fence
  })
}

export function fencesOf<Names extends readonly string[]>(
  names: Names,
  fences: readonly Fence[],
): { [name in Names[number]]: Fence } {
  return Object.fromEntries(names.map((name, at) => [name, fences[at]])) as { [name in Names[number]]: Fence }
}

/** From off to complete, every strict stage passed: epochs 1 to 5. */
export const UP = fencesOf(
  ['dualwrite', 'shadow', 'live', 'rampdown', 'complete'] as const,
  journey('dualwrite', 'shadow', 'live', 'rampdown', 'complete'),
)

export function task(op: string, mutation: Mutation, named = false): WriteTask {
  const operation = { op: named ? `${op}.print` : op, startedAt: NOW, named }
  return { id: 'a', slot: 0, operation, intent: askedOf(mutation, 'projects', 'a').intent }
}

export function put(op: string, text = op): WriteTask {
  return task(op, { kind: 'put', value: record(text) })
}

export function create(op: string): WriteTask {
  return task(op, { kind: 'put', value: record(op), condition: { kind: 'if-none-match' } })
}

export function replace(op: string, version: number): WriteTask {
  const condition = { kind: 'if-match' as const, etag: String(version) }
  return task(op, { kind: 'put', value: record(op), condition })
}

/** A patch that adds the operation's name to the text. */
export function append(op: string, named = false): WriteTask {
  const change = (current: JsonObject): JsonObject => ({ ...current, text: `${current.text}+${op}` })
  return task(op, { kind: 'patch', change }, named)
}

export function record(text: string): JsonObject {
  return { id: 'a', text }
}

/** The first version of an epoch. */
export function firstOf(epoch: number): number {
  return epoch * 2 ** 32
}
