import { isJsonObject } from './json.js'
import { isEnded, type Progress, progressOf, type Run } from './run.js'

/**
 * What a run keeps of each partition beside its cursor, where it works through partitions side by side. A run that was
 * begun before this was kept has none of it.
 */
export interface Tallies {
  /** Records dealt with, of each partition. */
  done: readonly number[]
  /** Time that batches on it took, in milliseconds; several go at once. */
  ms: readonly number[]
}

/** One part of a run; `null`: not known. */
export interface Shard {
  /** `null`: the run goes over all partitions at once. */
  partition: number | null
  label: string
  /** `finishing`: all that the source lists is passed, what is open at the target is not. `stopped`: with the run. */
  status: 'waiting' | 'running' | 'finishing' | 'done' | 'stopped' | 'unknown'
  done: number | null
  total: number | null
  /** While it is worked on, as `progressOf` reckons it for all. */
  perSecond: number | null
  secondsLeft: number | null
}

/** The parts that a run works through: one, unless it keeps more. */
export function shardsOf(run: Run): Shard[] {
  const totals = numbersIn(run.input.totals)
  if (totals === null || totals.length < 2) return [whole(run)]
  const progress = progressOf(run)
  const cursor = cursorOf(run)
  return totals.map((total, partition) => {
    const done = cursor?.tallies?.done[partition] ?? null
    const status = statusOf(run, cursor, partition)
    const perSecond = status === 'running' ? rateOf(run, progress, cursor?.tallies ?? null, partition) : null
    const left = done === null || perSecond === null ? null : Math.max(0, total - done) / perSecond
    const secondsLeft = status === 'done' ? 0 : left === null ? null : Math.ceil(left)
    return {
      partition,
      label: `partition ${partition + 1} of ${totals.length}`,
      status,
      done,
      total,
      perSecond,
      secondsLeft,
    }
  })
}

function whole(run: Run): Shard {
  const status = run.status === 'succeeded' ? 'done' : run.status === 'running' ? 'running' : 'stopped'
  return { partition: null, label: run.collection, status, ...progressOf(run) }
}

interface KnownCursor {
  lanes: { partition: number; phase: string }[]
  next: number
  tallies: Tallies | null
}

/** `null`: the run has come to its end, or keeps its place in another way. */
function cursorOf({ cursor }: Run): KnownCursor | null {
  if (!isJsonObject(cursor) || !Array.isArray(cursor.lanes) || typeof cursor.next !== 'number') return null
  const { tallies } = cursor
  const done = isJsonObject(tallies) ? numbersIn(tallies.done) : null
  const ms = isJsonObject(tallies) ? numbersIn(tallies.ms) : null
  return {
    lanes: cursor.lanes as unknown as KnownCursor['lanes'],
    next: cursor.next,
    tallies: done === null || ms === null ? null : { done, ms },
  }
}

function statusOf(run: Run, cursor: KnownCursor | null, partition: number): Shard['status'] {
  if (run.status === 'succeeded') return 'done'
  if (cursor === null) return isEnded(run.status) ? 'stopped' : 'unknown'
  const lane = cursor.lanes.find((candidate) => candidate.partition === partition)
  if (lane === undefined && partition < cursor.next) return 'done'
  if (run.status !== 'running') return 'stopped'
  if (lane === undefined) return 'waiting'
  return lane.phase === 'source' ? 'running' : 'finishing'
}

/** Its own, slowed down by as much as rests slow down the run as a whole. */
function rateOf(run: Run, progress: Progress, tallies: Tallies | null, partition: number): number | null {
  const [done, ms] = [tallies?.done[partition] ?? 0, tallies?.ms[partition] ?? 0]
  if (done === 0 || ms <= 0 || progress.perSecond === null || run.done === 0 || run.workedMs <= 0) return null
  const slowed = progress.perSecond / ((run.done * 1000) / run.workedMs)
  return Math.round(((done * 1000) / ms) * Math.min(1, slowed) * 10) / 10 || null
}

function numbersIn(value: unknown): number[] | null {
  return Array.isArray(value) && value.every((one) => typeof one === 'number') ? value : null
}
