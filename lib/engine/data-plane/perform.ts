import { CutoverError } from '../../core/error.js'
import type { Fence } from '../../core/fence.js'
import { LATENESS_MAX_MS } from '../../core/operation.js'
import type { Effect, Protocol, Reply } from '../../core/protocol/effect.js'
import type { Surroundings } from '../collection.js'
import { askOther, learn, type PartitionState, saw } from './partition.js'

/**
 * Runs a protocol over the real stores: sends each request, sends the very same one again when no answer comes, and
 * hands back the answer with the doubt that a lost one leaves.
 */
export async function perform<Result>(
  protocol: Protocol<Result>,
  state: PartitionState,
  around: Surroundings,
  deadline: number,
): Promise<Result> {
  let next = protocol.next()
  while (!next.done) {
    const reply = await answer(next.value, state, around, deadline)
    next = protocol.next(reply)
  }
  return next.value
}

/** Sendings of one request, the first included. */
const SENDS_MAX = 3
const RESEND_MS = 30
const PAUSE_MS = 4
const PAUSE_MAX_MS = 200

async function answer(
  effect: Effect,
  state: PartitionState,
  around: Surroundings,
  deadline: number,
): Promise<Reply<unknown>> {
  const { clock } = around
  if (effect.call === 'pause') {
    await clock.sleep(Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** effect.attempt) * (0.5 + clock.random() / 2))
    return certain('waited')
  }
  if (effect.call === 'alarm') {
    const young = clock.now() - effect.startedAt < LATENESS_MAX_MS
    if (effect.sign !== 'overtaken-without-proof' || young) {
      const { collection, number } = state
      around.report({
        kind: 'target-lost-data',
        collection: collection.name,
        partition: number,
        epoch: state.fence.epoch,
        sign: effect.sign,
        id: effect.id,
      })
    }
    return certain('noted')
  }
  for (let send = 0; send < SENDS_MAX; send++) {
    try {
      return { answer: await request(effect, state, around), doubtful: send > 0 }
    } catch (error) {
      if (!(error instanceof CutoverError) || error.code !== 'unavailable') throw error
      if (clock.monotonic() >= deadline || send === SENDS_MAX - 1) break
      await clock.sleep(RESEND_MS * 4 ** send * (0.5 + clock.random() / 2))
    }
  }
  const store = effect.call === 'lease' ? effect.store : effect.call.startsWith('source') ? 'source' : 'target'
  around.report({ kind: 'no-answer', collection: state.collection.name, partition: state.number, store })
  await askOther(state, store)
  return { answer: null, doubtful: true }
}

type StoreEffect = Exclude<Effect, { call: 'pause' | 'alarm' }>

async function request(effect: StoreEffect, state: PartitionState, around: Surroundings): Promise<unknown> {
  const { source, target } = state
  const at = around.clock.monotonic()
  switch (effect.call) {
    case 'source.get': {
      const view = await source.get(effect.id, effect.recall)
      saw(state, 'source', view.fence, at)
      return view
    }
    case 'source.cas':
      return noted(state, 'source', effect.fence, at, await source.cas(effect.fence, effect.write))
    case 'source.apply': {
      const { fence, id, copy, options } = effect
      return noted(state, 'source', fence, at, await source.apply(fence, id, copy, options))
    }
    case 'source.raise': {
      const fence = await source.raise(effect.fence)
      saw(state, 'source', fence, at)
      return fence
    }
    case 'target.get': {
      const view = await target.get(effect.id)
      saw(state, 'target', view.fence, at)
      return view
    }
    case 'target.begin':
      if (effect.sourceNext) source.prefetch?.()
      return noted(state, 'target', effect.fence, at, await target.begin(effect.fence, effect.write))
    case 'target.probe':
      return noted(state, 'target', effect.fence, at, await target.probe(effect.fence, effect.op))
    case 'target.prove':
      return noted(state, 'target', effect.fence, at, await target.prove(effect.fence, effect.held, effect.mine))
    case 'lease':
      return lease(effect.store, effect.fence, state, around)
  }
}

/** A fenced access that was not refused has shown the store at the caller's fence. */
function noted<Answer extends { kind: string }>(
  state: PartitionState,
  store: 'source' | 'target',
  fence: Fence,
  at: number,
  reply: Answer | { kind: 'stale'; fence: Fence },
): Answer | { kind: 'stale'; fence: Fence } {
  if (reply.kind === 'stale' && 'fence' in reply) learn(state, reply.fence)
  else if (reply.kind !== 'lost') saw(state, store, fence, at)
  return reply
}

/** Whether `store` was seen at `fence` within the lease, asking it if need be; asked with the answer in hand. */
export async function lease(
  store: 'source' | 'target',
  fence: Fence,
  state: PartitionState,
  around: Surroundings,
): Promise<{ kind: 'held' | 'refused' } | { kind: 'stale'; fence: Fence }> {
  const { leaseMs } = state.collection
  if (leaseMs === null) return { kind: 'held' }
  const { clock } = around
  const seen = state.seen[store]
  if (seen !== null && seen.epoch === fence.epoch && clock.monotonic() - seen.at <= leaseMs) return { kind: 'held' }
  const at = clock.monotonic()
  const shown = store === 'source' ? await state.source.raise(fence) : await targetFence(state, fence)
  if (shown === null) return { kind: 'refused' }
  saw(state, store, shown, at)
  if (shown.epoch > fence.epoch) return { kind: 'stale', fence: shown }
  return clock.monotonic() - at <= leaseMs ? { kind: 'held' } : { kind: 'refused' }
}

/** The target's fence, raised if it is lower; but a target that has lost its fence is not given one. */
async function targetFence({ target }: PartitionState, fence: Fence): Promise<Fence | null> {
  const shown = (await target.control()).fence
  return shown === null || shown.epoch >= fence.epoch ? shown : (await target.raise(fence)).fence
}

function certain(answered: unknown): Reply<unknown> {
  return { answer: answered, doubtful: false }
}
