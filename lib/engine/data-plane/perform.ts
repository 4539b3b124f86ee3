import { CutoverError } from '../../core/error.js'
import { backOff } from '../../core/failing/back-off.js'
import { type NotSentReason, notSentReason } from '../../core/failing/not-sent.js'
import type { Fence } from '../../core/fence.js'
import { LATENESS_MAX_MS } from '../../core/operation.js'
import type { SourceView, TargetView } from '../../core/protocol/answers.js'
import type { Effect, Protocol, Reply } from '../../core/protocol/effect.js'
import type { Surroundings } from '../collection.js'
import { askOther, learn, OPERATION_MS_MAX, type PartitionState, saw } from './partition.js'

/**
 * Runs a protocol over the real stores: sends each request, sends the very same one again when no answer comes, and
 * hands back the answer with the doubt that a lost one leaves. `began`: monotonic milliseconds, from which the
 * operation's time is counted. `told` hears why a request was not even sent.
 */
export async function perform<Result>(
  protocol: Protocol<Result>,
  state: PartitionState,
  around: Surroundings,
  began: number,
  told: Told = {},
): Promise<Result> {
  let first = true
  let next = protocol.next()
  while (!next.done) {
    const effect = next.value
    let reply: Reply<unknown>
    if (effect.call === 'lease' && holds(effect.store, effect.fence, state, around)) reply = HELD
    else if (effect.call === 'pause' || effect.call === 'alarm') reply = await carryOut(effect, state, around)
    else {
      const at = first ? began : around.clock.monotonic()
      first = false
      try {
        const answer = await sent(effect, state, around)
        note(effect, answer, state, at)
        reply = { answer, doubtful: false }
      } catch (error) {
        reply = await sentAgain(effect, error, { state, around, deadline: began + OPERATION_MS_MAX, told })
      }
    }
    next = protocol.next(reply)
  }
  return next.value
}

/** Sendings of one request, the first included. */
const SENDS_MAX = 3
const RESEND = { baseMs: 60, capMs: 500 }
const PAUSE = { baseMs: 4, capMs: 200 }

type StoreEffect = Exclude<Effect, { call: 'pause' | 'alarm' }>

export interface Told {
  notSent?: NotSentReason | null
}

/**
 * The first sending failed with `failure`. Only one that may yet be answered is repeated. One that was refused on this
 * side is not sent by force, and leaves no doubt of its own: only an earlier sending of the same request does.
 */
async function sentAgain(
  effect: StoreEffect,
  failure: unknown,
  { state, around, deadline, told }: { state: PartitionState; around: Surroundings; deadline: number; told: Told },
): Promise<Reply<unknown>> {
  const { clock } = around
  let error = failure
  let doubtful = false
  for (let send = 1; ; send++) {
    if (!(error instanceof CutoverError) || error.code !== 'unavailable') throw error
    told.notSent = notSentReason(error)
    if (told.notSent !== null) break
    state.collection.breakers?.[storeOf(effect)].failed(error)
    doubtful = true
    if (clock.monotonic() >= deadline || send === SENDS_MAX) break
    await clock.sleep(backOff({ attempt: send - 1, ...RESEND }, clock))
    try {
      const at = clock.monotonic()
      const answer = await sent(effect, state, around)
      note(effect, answer, state, at)
      return { answer, doubtful: true }
    } catch (next) {
      error = next
    }
  }
  const store = storeOf(effect)
  around.report({ kind: 'no-answer', collection: state.collection.name, partition: state.number, store })
  await askOther(state, store)
  return { answer: null, doubtful }
}

function storeOf(effect: StoreEffect): 'source' | 'target' {
  if (effect.call === 'lease') return effect.store
  return effect.call.startsWith('source') ? 'source' : 'target'
}

async function carryOut(
  effect: Extract<Effect, { call: 'pause' | 'alarm' }>,
  { collection, number, fence }: PartitionState,
  { clock, report }: Surroundings,
): Promise<Reply<unknown>> {
  if (effect.call === 'pause') {
    await clock.sleep(backOff({ attempt: effect.attempt, ...PAUSE }, clock))
    return { answer: 'waited', doubtful: false }
  }
  const { sign, id } = effect
  const young = clock.now() - effect.startedAt < LATENESS_MAX_MS
  if (sign !== 'overtaken-without-proof' || young) {
    const { epoch } = fence
    report({ kind: 'target-lost-data', collection: collection.name, partition: number, epoch, sign, id })
  }
  return { answer: 'noted', doubtful: false }
}

/** One sending: a promise of the store's own, for every further one in between costs a caller time. */
function sent(effect: StoreEffect, state: PartitionState, around: Surroundings): Promise<unknown> {
  const { source, target } = state
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
      if (effect.sourceNext) source.prefetch?.()
      return target.begin(effect.fence, effect.write)
    case 'target.probe':
      return target.probe(effect.fence, effect.op)
    case 'target.prove':
      return target.prove(effect.fence, effect.held, effect.mine)
    case 'lease':
      return lease(effect.store, effect.fence, state, around)
  }
}

/** Takes note of the fence at which an answer has shown its store; `at` is from before the request. */
function note(effect: StoreEffect, answer: unknown, state: PartitionState, at: number): void {
  switch (effect.call) {
    case 'lease': // noted where it was asked
      break
    case 'source.raise':
      saw(state, 'source', answer as Fence, at)
      break
    case 'source.get':
      saw(state, 'source', (answer as SourceView).fence, at)
      break
    case 'target.get':
      saw(state, 'target', (answer as TargetView).fence, at)
      break
    default: {
      // A fenced access that was not refused has shown the store at the caller's fence.
      const { kind, fence } = answer as { kind: string; fence?: Fence }
      if (kind === 'stale' && fence !== undefined) learn(state, fence)
      else if (kind !== 'lost') saw(state, effect.call.startsWith('source') ? 'source' : 'target', effect.fence, at)
    }
  }
}

/** Whether `store` was seen at `fence` within the lease, asking it if need be; asked with the answer in hand. */
export async function lease(
  store: 'source' | 'target',
  fence: Fence,
  state: PartitionState,
  around: Surroundings,
): Promise<{ kind: 'held' | 'refused' } | { kind: 'stale'; fence: Fence }> {
  if (holds(store, fence, state, around)) return { kind: 'held' }
  const { clock } = around
  const leaseMs = state.collection.leaseMs ?? Number.POSITIVE_INFINITY
  const at = clock.monotonic()
  const shown = store === 'source' ? await state.source.raise(fence) : await targetFence(state, fence)
  if (shown === null) return { kind: 'refused' }
  saw(state, store, shown, at)
  if (shown.epoch > fence.epoch) return { kind: 'stale', fence: shown }
  return clock.monotonic() - at <= leaseMs ? { kind: 'held' } : { kind: 'refused' }
}

/** Whether no question is needed: there is no lease to be kept, or the store was seen within it. */
function holds(store: 'source' | 'target', fence: Fence, state: PartitionState, { clock }: Surroundings): boolean {
  const { leaseMs } = state.collection
  if (leaseMs === null) return true
  const seen = state.seen[store]
  return seen !== null && seen.epoch === fence.epoch && clock.monotonic() - seen.at <= leaseMs
}

const HELD: Reply<unknown> = { answer: { kind: 'held' }, doubtful: false }

/** The target's fence, raised if it is lower; but a target that has lost its fence is not given one. */
async function targetFence({ target }: PartitionState, fence: Fence): Promise<Fence | null> {
  const shown = (await target.control()).fence
  return shown === null || shown.epoch >= fence.epoch ? shown : (await target.raise(fence)).fence
}
