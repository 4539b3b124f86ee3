import type { Compared, Stretch } from '../core/compare/stretch.js'
import type { Copy, TargetCopy } from '../core/copy.js'
import type { Fence } from '../core/fence.js'
import type { JsonObject } from '../core/json.js'
import type {
  ApplyAnswer,
  ApplyOptions,
  BatchMark,
  BeginAnswer,
  CasAnswer,
  Counts,
  Keyed,
  NumberedOp,
  Page,
  PlainAnswer,
  PlainCopy,
  ProbeAnswer,
  SetBack,
  SourceControl,
  SourceView,
  SourceWrite,
  Stale,
  TargetApplyAnswer,
  TargetControl,
  TargetView,
  TargetWrite,
} from '../core/protocol/answers.js'

/**
 * The two stores of one partition of a collection, and what the protocol asks of each.
 *
 * Promises of both (checked by `test/contract/source.ts` and `test/contract/target.ts` on every driver):
 * - Every call is one atomic access to the data and to the fence that guards it.
 * - Every mutation carries the caller's fence. If the store's fence is higher, nothing is done, now or later, and the
 *   answer is `stale` with that fence. If it is lower, the store takes the caller's fence and does the operation in
 *   the same access.
 * - A call that throws `CutoverError('unavailable')` may or may not have taken effect, and may yet; the very same call
 *   may be sent again without harm.
 * - Versions of a record never go down, and one version never names two writes.
 * - `null` for a copy means that the store is certain that it has neither the record nor a tombstone of it.
 * - Reads go to where writes go: no replica, no cache that another process cannot invalidate.
 */
export interface Source {
  readonly label: string
  /** The copy of `id`, with the fence, in one access. `recall` looks for a named operation (see `Remembered`). */
  get(id: string, recall?: string): Promise<SourceView>
  /** A hint that a mutation will follow: what it needs may be fetched ahead. */
  prefetch?(): void
  /** A new write numbered by the source, if the copy still has version `base` (0: absent). */
  cas(fence: Fence, write: SourceWrite): Promise<CasAnswer>
  /** A copy numbered by the target: it is kept if it is newer than what is here. */
  apply(fence: Fence, id: string, copy: Copy, options?: ApplyOptions): Promise<ApplyAnswer>
  /** `apply` for many records in as few accesses as possible; answers in the order given. */
  applyMany(fence: Fence, copies: readonly Keyed<Copy>[]): Promise<ApplyAnswer[] | Stale>
  /** Copies (tombstones too) with ids above `after`, in id order (`compareIds`), at most `limit`; with the fence. */
  page(after: string | null, limit: number): Promise<Page<Keyed<Copy>> & { fence: Fence }>
  count(): Promise<Counts>
  /** What `count` and `control` answer, in one access. A driver may lack this. */
  glance?(): Promise<{ counts: Counts; control: SourceControl }>
  /** The fence, the plan (the latest decision, see `Plan`) and the heartbeat, read in one access. */
  control(): Promise<SourceControl>
  /** Changes fence, plan or heartbeat if `decide` still wants to on the control record that is current then. */
  updateControl(decide: (control: SourceControl) => SourceControl | null): Promise<SourceControl>
  /** Sets the store's fence to `fence` if it is lower; answers the fence it has then. */
  raise(fence: Fence): Promise<Fence>
}

export interface Target {
  readonly label: string
  /** Reads copy and fence in one access. `fence: null` in the view: the store has no fence at all. */
  get(id: string): Promise<TargetView>
  /** A new write numbered by the target; see `BeginAnswer`. */
  begin(fence: Fence, write: TargetWrite): Promise<BeginAnswer>
  /** What the target remembers of an operation. Raises a lower fence; no other effect. */
  probe(fence: Fence, op: string): Promise<ProbeAnswer>
  /** Whether the target numbered both `held` (a version seen at the source) and `mine`: the proof of lawful overtaking. */
  prove(fence: Fence, held: NumberedOp, mine: NumberedOp): Promise<{ kind: 'proved' | 'not-proved' } | Stale>
  /**
   * At most 500 copies from the source, each kept if it is newer than what is here. Answers in the order given. With a
   * `mark`, see there.
   */
  applyMany(
    fence: Fence,
    copies: readonly Keyed<Copy>[],
    mark?: BatchMark,
  ): Promise<TargetApplyAnswer[] | Stale | SetBack>
  /** Marks copies as present at the source, each only if the copy is still that version by that operation. */
  settleMany(settled: readonly (NumberedOp & { id: string })[]): Promise<void>
  /** Ids of open copies above `after`, in id order, at most `limit`. */
  openIds(after: string | null, limit: number): Promise<Page<string>>
  countOpen(): Promise<number>
  /** The copies of `ids`, in that order, with the fence. */
  getMany(ids: readonly string[]): Promise<{ fence: Fence | null; copies: (TargetCopy | null)[] }>
  control(): Promise<TargetControl>
  raise(fence: Fence, options?: { hold?: boolean; ifEpoch?: number }): Promise<TargetControl>
  /** Ends a hold, or replaces the fence by one of the same epoch (full flags); nothing happens at another epoch. */
  amend(fence: Fence, options: { hold: boolean }): Promise<TargetControl>
  /** Sets a counter, the heartbeat by default, to `count` if it is lower; answers the count that was there. */
  beat(count: number, counter?: Counter): Promise<number>
}

/**
 * Counters of a partition that are only ever lifted: found lower, the target was set back. `heartbeat` is the watch's, the
 * stage changes' and the back-fills'; `check` is that of the check for loss, which must not make up for their loss.
 */
export type Counter = 'heartbeat' | 'check'

/** A collection at the source: one partition a document. A record's partition is a hash of its id (`partitionOf`). */
export interface SourceCollection {
  readonly partitions: readonly Source[]
  /** The shape that its documents have, where it consists of documents: exports take it. */
  shape?(): Promise<'map' | 'array'>
}

/** A collection at the target: one fence a partition, one listing for all. */
export interface TargetCollection {
  readonly partitions: readonly Target[]
  /**
   * Copies (tombstones too) with ids above `after`, in id order, at most `limit`; with the fence of each partition.
   * The copies and fences of a page are read in one access. Which ids it lists is not: one that is created, or comes
   * back from a tombstone, while the page is made may be missing; one that is there all the while never is.
   */
  page(after: string | null, limit: number): Promise<Page<Keyed<TargetCopy>> & { fences: (Fence | null)[] }>
  /**
   * Has the store itself compare what it holds under the ids of `stretch` with `copies`, which are in id order and all
   * within it. Answers for consecutive stretches, which together are the one asked for. Each is compared in one access,
   * and no value leaves the store. `same` says that the store held exactly these copies then (version, operation, value
   * or tombstone; open or not), and no other id. Anything else, damage too, is not `same`, and a value that is only
   * written in another way may not be. The fences are those of the last access.
   */
  compare(stretch: Stretch, copies: readonly Keyed<Copy>[]): Promise<{ compared: Compared[]; fences: (Fence | null)[] }>
  count(): Promise<Counts>
  /** What `count`, and `control` and `countOpen` of every partition, answer, in one access. A driver may lack this. */
  glance?(): Promise<Glance>
  readonly plain: PlainTarget
}

export interface Glance {
  counts: Counts
  partitions: { control: TargetControl; open: number }[]
}

/**
 * The target after the last day: application data only, no versions and no fences. The ETag of a value is a digest of
 * it, and writes are compare-and-swap on that.
 */
export interface PlainTarget {
  get(id: string): Promise<PlainCopy | null>
  page(after: string | null, limit: number): Promise<Page<Keyed<PlainCopy>>>
  /** `ifDigest`: `null` means absent, `undefined` unconditional. */
  write(id: string, value: JsonObject | null, ifDigest?: string | null): Promise<PlainAnswer>
  /**
   * Removes what cutover keeps beside the application's data of this collection, in bounded steps: call it with the
   * cursor it answers until that is `null`. Fences go last. Safe to run again from the start.
   */
  purge(cursor: string | null): Promise<{ removed: number; next: string | null }>
}
