import type { Copy } from '../copy.js'
import type { Fence } from '../fence.js'
import type {
  ApplyAnswer,
  ApplyOptions,
  BeginAnswer,
  CasAnswer,
  NumberedOp,
  ProbeAnswer,
  SourceView,
  SourceWrite,
  Stale,
  TargetView,
  TargetWrite,
} from './answers.js'

/**
 * What a protocol asks of the world, one thing at a time. The protocols in this folder are generators that yield
 * these requests and are given the replies: they decide everything and do nothing, so that the same code can be
 * driven by the engine over real stores, by a simulation, or by a test that plays every answer.
 */
export interface Calls {
  'source.get': { request: { id: string; recall?: string }; answer: SourceView }
  'source.cas': { request: { fence: Fence; write: SourceWrite }; answer: CasAnswer }
  'source.apply': { request: { fence: Fence; id: string; copy: Copy; options?: ApplyOptions }; answer: ApplyAnswer }
  'source.raise': { request: { fence: Fence }; answer: Fence }
  'target.get': { request: { id: string }; answer: TargetView }
  /** `sourceNext`: the source's document will be wanted right afterwards, and may be fetched meanwhile. */
  'target.begin': { request: { fence: Fence; write: TargetWrite; sourceNext: boolean }; answer: BeginAnswer }
  'target.probe': { request: { fence: Fence; op: string }; answer: ProbeAnswer }
  'target.prove': {
    request: { fence: Fence; held: NumberedOp; mine: NumberedOp }
    answer: { kind: 'proved' | 'not-proved' } | Stale
  }
  /** The fence of `store` must have been seen at `fence.epoch` within the lease; asked when the answer is in hand. */
  lease: { request: { store: 'source' | 'target'; fence: Fence }; answer: { kind: 'held' | 'refused' } | Stale }
  /**
   * The target seems to have lost acknowledged data: operators and the watch must hear of it. An operation older than
   * the lateness limit proves nothing by not being remembered: then `overtaken-without-proof` is no alarm.
   */
  alarm: { request: { id: string; sign: LossSign; startedAt: number }; answer: 'noted' }
  /** Wait a little before trying again; longer with each attempt. */
  pause: { request: { attempt: number }; answer: 'waited' }
}

/** How a loss of the target's data showed. */
export type LossSign =
  | 'fence-missing' // no fence where one must be
  | 'overtaken-without-proof' // the source holds a version that the target does not remember giving
  | 'source-ahead' // the source holds a later version than the target, and it stays so
  | 'numbered-from-the-past' // the target numbered from a base that the source has passed

export type CallName = keyof Calls

export type Effect = { [K in CallName]: { call: K } & Calls[K]['request'] }[CallName]

/**
 * `answer: null`: the request, sent again as often as is reasonable, was never answered. `doubtful`: some sending was
 * not answered, and may have had (or may yet have) its effect. A request that is not doubtful and has no answer was
 * never sent (`core/failing/not-sent.ts`): it had no effect and never will.
 */
export type Reply<Answer> = { answer: Answer; doubtful: boolean } | { answer: null; doubtful: boolean }

export type Protocol<Result> = Generator<Effect, Result, unknown>

export function* ask<K extends CallName>(call: K, request: Calls[K]['request']): Protocol<Reply<Calls[K]['answer']>> {
  return (yield { call, ...request } as Effect) as Reply<Calls[K]['answer']>
}
