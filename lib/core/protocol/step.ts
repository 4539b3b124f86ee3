import type { Copy } from '../copy.js'
import type { Fence } from '../fence.js'
import { isReusedKey, LATENESS_MAX_MS } from '../operation.js'
import type { Remembered, SourceView } from './answers.js'
import { ask, type Protocol } from './effect.js'
import type { Afterwards, FailReason, WriteResult, WriteTask } from './outcome.js'

/** How one round of a write ended: for good, refused by a higher fence, or to be tried again under the same one. */
export type StepResult =
  | { kind: 'done'; result: WriteResult }
  | { kind: 'stale'; fence: Fence; halfway: Halfway }
  | { kind: 'again'; pause: boolean; halfway: Halfway }

/** What a write carries from one round to the next. */
export type Halfway =
  /** Nothing of this write is under way; what was sent before was definitely refused. */
  | { kind: 'fresh' }
  /** The target has given it a version. */
  | { kind: 'numbered'; version: number; payload: Payload | null; created: boolean; base: number | null }
  /** A begin was sent and not answered. */
  | { kind: 'begun'; payload: Payload; base: number | null }
  /** A compare-and-swap was sent to the source and not answered. */
  | { kind: 'cas-sent'; payload: Payload; base: number; before: Numbered | null }

export type Numbered = Extract<Halfway, { kind: 'numbered' }>

/** The value that was sent; `null` where this process does not have it (an earlier one sent it). */
export interface Payload {
  value: Copy['value']
}

export const FRESH: Halfway = { kind: 'fresh' }

type Done = Extract<StepResult, { kind: 'done' }>

export function written(
  fence: Fence,
  write: { version: number; payload: Payload | null; created: boolean },
  afterwards: Afterwards[] = [],
): Done {
  const { version, payload, created } = write
  return {
    kind: 'done',
    result: { kind: 'written', version, value: payload?.value ?? null, created, fence, afterwards },
  }
}

export function failed(reason: FailReason, fence: Fence): Done {
  return { kind: 'done', result: { kind: 'failed', reason, fence } }
}

export function unknown(reason: FailReason, fence: Fence): Done {
  return { kind: 'done', result: { kind: 'unknown', reason, fence } }
}

/** Nothing of the write was in doubt: a definite failure. Otherwise the outcome is unknown. */
export function failedOrUnknown(doubtful: boolean, reason: FailReason, fence: Fence): Done {
  return doubtful ? unknown(reason, fence) : failed(reason, fence)
}

/** The same operation was seen before, by its name: the answer of then, or a refusal if it was another request. */
export function repeated(task: WriteTask, fence: Fence, remembered: Remembered): Done {
  if (isReusedKey(remembered.op, task.operation.op)) return { kind: 'done', result: { kind: 'reused', fence } }
  return written(fence, { version: remembered.version, payload: null, created: false })
}

export type SourceSeen = { kind: 'seen'; view: SourceView } | { kind: 'step'; step: StepResult }

/**
 * A writer's look at the source, with the source's fence exactly at the writer's: raised first if it is lower, so that
 * nothing of an earlier epoch can slip in behind what was seen.
 */
export function* sourceAt(task: WriteTask, fence: Fence): Protocol<SourceSeen> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const recall = task.operation.named ? { recall: task.operation.op } : {}
    const { answer: view } = yield* ask('source.get', { id: task.id, ...recall })
    if (view === null) return { kind: 'step', step: failed('source-unavailable', fence) }
    if (view.fence.epoch > fence.epoch)
      return { kind: 'step', step: { kind: 'stale', fence: view.fence, halfway: FRESH } }
    if (view.fence.epoch === fence.epoch) {
      return view.hold ? { kind: 'step', step: failed('on-hold', fence) } : { kind: 'seen', view }
    }
    const { answer: raised } = yield* ask('source.raise', { fence })
    if (raised === null) return { kind: 'step', step: failed('source-unavailable', fence) }
  }
  return { kind: 'step', step: failed('contended', fence) }
}

const LOOKS_MAX = 4

/**
 * A named operation may have been executed while the other store gave the versions, which then alone remembers it.
 * The question is worth a trip as long as operations of the era before are remembered.
 */
export function mayBeKnownFromBefore(task: WriteTask, until: number): boolean {
  return task.operation.named && task.operation.startedAt - until < 2 * LATENESS_MAX_MS
}
