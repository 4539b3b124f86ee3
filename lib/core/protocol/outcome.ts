import type { Copy, TargetCopy } from '../copy.js'
import type { Fence } from '../fence.js'
import type { Operation } from '../operation.js'
import type { NumberedOp } from './answers.js'

/** What one write asks. `evaluate` is pure: it is called on each copy on which the condition may have to be judged. */
export interface WriteTask {
  id: string
  readonly slot: number
  operation: Operation
  intent: Intent
}

export type Intent =
  | { kind: 'always'; value: Copy['value'] }
  /**
   * Bound to a version. `base`: known beforehand, and `value` with it (If-Match with an ETag, If-None-Match);
   * otherwise both come from the copy that is read.
   */
  | { kind: 'bound'; first: { base: number; value: Copy['value'] } | null; evaluate: (copy: Copy | null) => Evaluation }

export type Evaluation = { kind: 'value'; value: Copy['value'] } | { kind: 'refused' }

/** Work after the acknowledgement, best effort: it makes later work cheaper, and nothing depends on it. */
export type Afterwards =
  | { do: 'copy-to-target'; id: string; copy: Copy; fence: Fence }
  | { do: 'copy-to-source'; id: string; copy: Copy; fence: Fence } // and settles when the source has it
  | { do: 'settle'; id: string; numbered: NumberedOp }

export type WriteResult =
  | Finished
  | {
      kind: 'written'
      version: number
      /** `null` when the answer repeats that of an earlier attempt, whose value is not in hand. */
      value: Copy['value']
      created: boolean
      fence: Fence
      afterwards: Afterwards[]
    }
  /** The condition did not hold, or `evaluate` refused; nothing was done and nothing will be. */
  | { kind: 'refused'; fence: Fence }
  | { kind: 'reused'; fence: Fence }
  /** Nothing was done and nothing will be. */
  | { kind: 'failed'; reason: FailReason; fence: Fence }
  /** It may have happened, or may yet, at most once. */
  | { kind: 'unknown'; reason: FailReason; fence: Fence }

/** The migration is over and cleaned up: the target holds plain data, outside this protocol. Nothing was done. */
export interface Finished {
  kind: 'finished'
  fence: Fence
}

export type FailReason =
  | 'source-unavailable'
  | 'target-unavailable'
  | 'on-hold' // one store is being left behind; a matter of seconds
  | 'clock-ahead' // the request was started in the future of the target's clock
  | 'too-late' // the request is older than the stores remember operations
  | 'target-lost-data'
  | 'numbering-changed-hands' // a stage change overtook the write and it cannot be told whether it counts
  | 'overtaken' // a later write is in place and does not tell whether this one was before it
  | 'contended'
  | 'lease-expired' // a store was out of sight for too long to answer alone

export type ReadResult =
  | Finished
  | {
      kind: 'read'
      copy: Copy | null
      servedBy: 'source' | 'target'
      fallback: boolean
      fence: Fence
      afterwards: Afterwards[]
    }
  | { kind: 'failed'; reason: FailReason; fence: Fence }

/** A target copy as the source keeps it. */
export function closed(copy: TargetCopy): Copy {
  return { version: copy.version, op: copy.op, value: copy.value }
}
