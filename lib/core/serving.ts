import { CutoverError } from './error.js'
import { type Fence, type SlotState, slotState } from './fence.js'
import type { Effect, Protocol, Reply } from './protocol/effect.js'
import type { FailReason, ReadResult, WriteResult } from './protocol/outcome.js'
import { read } from './protocol/read.js'
import { write } from './protocol/write.js'
import { SLOTS } from './slot.js'
import type { Stage } from './stage.js'

/**
 * Where reads and writes go right now: one of each is led through the protocol itself, with stores that answer as they
 * were just seen to. There is no table here that could say something else than what the data plane does.
 *
 * What it is not: a measurement. It tells of a plain read and of a write without a condition, of a record that neither
 * store is in the middle of changing; one that comes while stores change may take another way.
 */
export type StoreName = 'source' | 'target'

/** How a store was just seen. */
export interface StoreSight {
  reachable: boolean
  /** It refuses writes for a moment, while the other one is being left behind. */
  hold: boolean
  /** It has a fence; a target that has none where one is expected has lost its data. */
  fenced: boolean
}

export interface Sight {
  source: StoreSight
  target: StoreSight
  /** A store that answers for both must have seen the other a moment ago (see `leaseMs` of a collection). */
  leased: boolean
}

/** What becomes of the operations on some slots. */
export interface Way {
  stage: Stage
  /** Share of all slots. */
  percent: number
  reads: ReadWay
  writes: WriteWay
}

export type ReadWay =
  /** `fallback`: the stage names the other store, which does not answer. */
  { kind: 'answered'; by: StoreName; fallback: boolean } | { kind: 'failing'; because: FailReason }

export type WriteWay =
  | {
      kind: 'acknowledged'
      /** It gives the write its version. */
      first: StoreName
      /** All that it goes to, those that get a copy after the acknowledgement too; in this order. */
      stores: StoreName[]
      /** All of these have it by then. */
      by: StoreName[]
    }
  | { kind: 'failing'; because: FailReason }

/** The ways of all slots of one partition: one for each part that stands alike. */
export function waysOf(fence: Fence, sight: Sight): Way[] {
  const ways: Way[] = []
  let from = 0
  for (const { until } of fence.ranges) {
    const state = slotState(fence, from)
    const [reads, writes] = [readWay(fence, from, sight), writeWay(fence, from, sight)]
    ways.push({ stage: stageOf(fence, state), percent: (until - from) / (SLOTS / 100), reads, writes })
    from = until
  }
  return joined(ways)
}

/** The ways of several partitions, over which records are spread evenly. */
export function waysTogether(partitions: readonly (readonly Way[])[]): Way[] {
  const share = (way: Way): Way => ({ ...way, percent: way.percent / partitions.length })
  return joined(partitions.flatMap((ways) => ways.map(share)))
}

function stageOf({ plain }: Fence, { stage }: SlotState): Stage {
  return plain ? 'complete' : stage
}

function joined(ways: readonly Way[]): Way[] {
  const all = new Map<string, Way>()
  for (const { percent, ...way } of ways) {
    const key = JSON.stringify(way)
    all.set(key, { ...way, percent: (all.get(key)?.percent ?? 0) + percent })
  }
  return [...all.values()]
}

function readWay(fence: Fence, slot: number, sight: Sight): ReadWay {
  const result = led<ReadResult>(read({ id: '', slot, startedAt: 0 }, fence), fence, sight).result
  if (result.kind === 'finished') return ofPlain(sight) ?? { kind: 'answered', by: 'target', fallback: false }
  if (result.kind === 'failed') return { kind: 'failing', because: result.reason }
  return { kind: 'answered', by: result.servedBy, fallback: result.fallback }
}

function writeWay(fence: Fence, slot: number, sight: Sight): WriteWay {
  const operation = { op: 'op', startedAt: 0, named: false }
  const task = { id: '', slot, operation, intent: { kind: 'always' as const, value: {} } }
  const { result, changed } = led<WriteResult>(write(task, fence), fence, sight)
  if (result.kind === 'finished')
    return ofPlain(sight) ?? { kind: 'acknowledged', first: 'target', stores: ['target'], by: ['target'] }
  const [first] = changed
  if (result.kind !== 'written' || first === undefined)
    return { kind: 'failing', because: 'reason' in result ? result.reason : 'contended' }
  const copied = result.afterwards.flatMap((after): StoreName[] =>
    after.do === 'copy-to-target' ? ['target'] : after.do === 'copy-to-source' ? ['source'] : [],
  )
  return { kind: 'acknowledged', first, stores: [...new Set([...changed, ...copied])], by: changed }
}

/** After the clean-up the target is all there is. */
function ofPlain({ target }: Sight): { kind: 'failing'; because: FailReason } | null {
  return target.reachable ? null : { kind: 'failing', because: 'target-unavailable' }
}

/** Runs a protocol over stores that are as they were seen; `changed`: those that took the write, in order. */
function led<Result>(protocol: Protocol<Result>, fence: Fence, sight: Sight): { result: Result; changed: StoreName[] } {
  const changed: StoreName[] = []
  let next = protocol.next()
  for (let step = 0; step < STEPS_MAX; step++) {
    if (next.done) return { result: next.value, changed }
    const { value: effect } = next
    const reply = replyTo(effect, fence, sight)
    if (isTaken(effect, reply)) changed.push(storeOf(effect))
    next = protocol.next(reply)
  }
  throw new CutoverError('internal', 'An operation that was led through the protocol came to no end.')
}

/** Several times what the longest way takes. */
const STEPS_MAX = 200

function isTaken(effect: Effect, { answer }: Reply<unknown>): boolean {
  const writes = ['source.cas', 'source.apply', 'target.begin'].includes(effect.call)
  return writes && (answer as { kind: string } | null)?.kind === 'ok'
}

function storeOf(effect: Effect): StoreName {
  if (effect.call === 'lease') return effect.store
  return effect.call.startsWith('source') ? 'source' : 'target'
}

const NO_ANSWER: Reply<unknown> = { answer: null, doubtful: true }

function replyTo(effect: Effect, fence: Fence, sight: Sight): Reply<unknown> {
  const { call } = effect
  if (call === 'alarm') return { answer: 'noted', doubtful: false }
  if (call === 'pause') return { answer: 'waited', doubtful: false }
  if (call === 'lease' && !sight.leased) return { answer: { kind: 'held' }, doubtful: false }
  const { reachable, hold, fenced } = sight[storeOf(effect)]
  return reachable ? { answer: answerTo(call, fence, { hold, fenced }), doubtful: false } : NO_ANSWER
}

function answerTo(
  call: Exclude<Effect['call'], 'alarm' | 'pause'>,
  fence: Fence,
  { hold, fenced }: { hold: boolean; fenced: boolean },
): unknown {
  switch (call) {
    case 'source.get':
      return { fence, hold, copy: null, remembered: null }
    case 'target.get':
      return { fence: fenced ? fence : null, hold, copy: null }
    case 'source.raise':
      return fence
    case 'source.cas':
      return hold ? { kind: 'hold' } : { kind: 'ok', version: 1, created: true }
    case 'source.apply':
      return hold ? { kind: 'hold' } : { kind: 'ok' }
    case 'target.begin':
      if (!fenced) return { kind: 'lost' }
      return hold ? { kind: 'hold' } : { kind: 'ok', version: 1, created: true }
    case 'target.probe':
      return { kind: 'none' }
    case 'target.prove':
      return { kind: 'not-proved' }
    case 'lease':
      return { kind: 'held' }
  }
}
