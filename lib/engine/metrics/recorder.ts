import { CutoverError } from '../../core/error.js'
import {
  keyOfSeries,
  type Measured,
  type Measurement,
  nothingMeasured,
  OVERFLOW,
  type Series,
} from '../../core/metrics/measurement.js'
import type { Clock } from '../../ports/clock.js'
import { type MetricsStore, ONCE_KEPT_MS } from '../../ports/metrics.js'
import { type Batch, withPeaks, withSums } from './batch.js'
import { Cell } from './cell.js'

/**
 * What this instance measures, gathered in memory and written in the background: once after the answer of an invocation
 * that comes alone, and not more often than every `flushMs` where many come. What is measured while that time runs is
 * written at its end, for which the platform is asked to keep the instance alive; nothing waits for the next request,
 * unless it would have to be kept alive for longer than `HOLD_MS_MAX`.
 *
 * What cannot go wrong: an operation is counted in a bucket that begins after it; it is counted twice, for every batch
 * has a number under which the store takes it once, and batches are sent one after the other; a store that is away
 * costs an answer, or makes memory grow (at most `SERIES_INSTANCE_MAX` series and `BATCHES_MAX` batches of them).
 *
 * What can: an instance that is killed loses what it has not written, `flushMs` of it at most; longer while the store is
 * away, for after three attempts that failed the next is made when there is more to tell. A batch that was sent, and of
 * which nothing is known for an hour, is given up: it may have been taken or not. The series `RECORDER` counts the
 * operations of such batches (`lost`) and attempts that failed (`retried`); it goes with the next batch.
 * While more than `BATCHES_MAX` batches wait, new operations are told by an older bucket than theirs, never a newer one.
 */
export interface Recorder {
  /** Where operations of a series are counted: for whoever counts often, to be asked for once. */
  cell(series: Series): Cell
  /** An operation that began at `began` (monotonic milliseconds) and ends now. */
  ended(cell: Cell, began: number, failed: boolean): void
  /** One that took `ms`. */
  operation(cell: Cell, ms: number, failed: boolean): void
  /** Counts `by` under a name of the series' sums. */
  count(series: Series, name: string, by?: number): void
  /** Writes all that there is. Rejects with what the store says where it does not take it; then it is kept. */
  flush(): Promise<void>
}

export interface RecorderParts {
  metrics: () => Promise<Pick<MetricsStore, 'add'>>
  clock: Clock
  background: (work: Promise<unknown>) => void
  /** Shortest time between two writes, in milliseconds. */
  flushMs: number
  /** Width of the store's finest buckets, in milliseconds. */
  bucketMs: number
  /** Of a component that is over nothing is written: its database holds the application's data alone. */
  isOver?: (component: string) => boolean
  /** How this process is, as peaks of every component it works for: `memoryShare`. Asked once a batch. */
  peaks?: () => { [name: string]: number }
  /** Told of what was measured and can never be written: how many operations, and why as a code. */
  lost?: (operations: number, code: string) => void
  /** Further sums that go along with what is written, by component. */
  spent?: () => Iterable<[component: string, sums: Measured['sums']]>
  /** Waits until a write is due; rejects when the signal is aborted. Default: the clock's sleep. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** What the recorders tell of themselves. */
export const RECORDER: Series = { component: 'cutover', path: null, operation: 'recorder' }

/** Series that one instance tells apart; what comes under a further one is counted as `OVERFLOW`. */
export const SERIES_INSTANCE_MAX = 200
export const BATCHES_MAX = 64
/** Longest time that an instance is kept alive for what is to be written, in milliseconds. */
const HOLD_MS_MAX = 30_000
const GIVE_UP_MS = ONCE_KEPT_MS / 2
/** Attempts in a row that failed after which only a new operation makes another. */
const TRIES_MAX = 3

export function recorder(parts: RecorderParts): Recorder {
  return new Gathering(parts)
}

class Gathering implements Recorder {
  readonly #parts: RecorderParts
  readonly #cells = new Map<string, Cell>()
  readonly #batches: Batch[] = []
  /** Cells with something in them, all measured within the bucket that begins at `#at`. */
  #used: Cell[] = []
  #at = 0
  /** Monotonic milliseconds at which that bucket ends; none is begun: at once. */
  #turnsAt = Number.NEGATIVE_INFINITY
  #by: string | null = null
  #numbers = 0
  #flushedAt = Number.NEGATIVE_INFINITY
  #tries = 0
  /** What it has to tell of itself, with the next batch. */
  #own: Measured['sums'] = {}
  #waiting: AbortController | null = null
  #sending: Promise<void> | null = null

  constructor(parts: RecorderParts) {
    this.#parts = parts
  }

  cell(series: Series): Cell {
    const key = keyOfSeries(series)
    const held = this.#cells.get(key)
    if (held !== undefined) return held
    if (this.#cells.size >= SERIES_INSTANCE_MAX && series !== OVERFLOW) return this.cell(OVERFLOW)
    const { component, path, operation } = series
    const cell = new Cell({ component, path, operation })
    this.#cells.set(key, cell)
    return cell
  }

  ended(cell: Cell, began: number, failed: boolean): void {
    const now = this.#parts.clock.monotonic()
    if (now >= this.#turnsAt) this.#turn(now)
    if (!cell.used) this.#use(cell)
    cell.operation(now - began, failed)
  }

  operation(cell: Cell, ms: number, failed: boolean): void {
    this.#touch(cell)
    cell.operation(ms, failed)
  }

  count(series: Series, name: string, by = 1): void {
    const cell = this.cell(series)
    this.#touch(cell)
    cell.sum(name, by)
  }

  async flush(): Promise<void> {
    this.#waiting?.abort()
    this.#waiting = null
    // What was measured while another flush was under way goes with the next.
    await this.#sending?.catch(() => {})
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null
    })
    await this.#sending
  }

  #touch(cell: Cell): void {
    const now = this.#parts.clock.monotonic()
    if (now >= this.#turnsAt) this.#turn(now)
    if (!cell.used) this.#use(cell)
  }

  #use(cell: Cell): void {
    cell.used = true
    this.#used.push(cell)
  }

  /** A bucket begins, or has ended. */
  #turn(now: number): void {
    const { clock, bucketMs } = this.#parts
    if (this.#batches.length < BATCHES_MAX) this.#seal()
    if (this.#used.length > 0) {
      this.#turnsAt = now + bucketMs // there is no room for another batch: this one stays open
    } else {
      const wall = clock.now()
      this.#at = Math.floor(wall / bucketMs) * bucketMs
      this.#turnsAt = now + this.#at + bucketMs - wall
    }
    this.#arm(now)
  }

  /** Sees to it that what is measured now will be written. */
  #arm(now: number): void {
    if (this.#waiting !== null || this.#sending !== null) return
    const { background, clock, flushMs } = this.#parts
    const { wait = (ms, signal) => clock.sleep(ms, signal) } = this.#parts
    const dueMs = Math.max(0, this.#flushedAt + flushMs - now)
    if (dueMs > HOLD_MS_MAX) return // looked at again when the bucket ends
    const waiting = new AbortController()
    this.#waiting = waiting
    const due = async (): Promise<void> => {
      try {
        await wait(dueMs, waiting.signal)
      } catch {
        return // somebody has flushed before it was due
      }
      if (!waiting.signal.aborted) await this.flush()
    }
    background(due())
  }

  /** What was gathered becomes a batch. */
  #seal(): void {
    const { isOver = () => false, peaks, spent } = this.#parts
    const used = this.#used
    this.#used = []
    this.#turnsAt = Number.NEGATIVE_INFINITY
    const measurements: Measurement[] = []
    const components = new Set<string>()
    for (const cell of used) {
      const measured = cell.take()
      const { component } = cell.series
      if (isOver(component)) continue
      components.add(component)
      measurements.push({ ...cell.series, ...measured })
    }
    if (measurements.length === 0) return
    const highest = peaks?.() ?? {}
    for (const component of Object.keys(highest).length > 0 ? components : []) {
      measurements.push(withPeaks(measurements, component, highest))
    }
    for (const [component, sums] of spent?.() ?? [])
      if (!isOver(component)) measurements.push(withSums(measurements, component, sums))
    if (Object.keys(this.#own).length > 0) measurements.push({ ...RECORDER, ...nothingMeasured(), sums: this.#own })
    this.#own = {}
    this.#numbers += 1
    this.#batches.push({ number: this.#numbers, at: this.#at, measurements, sentAt: null })
  }

  async #send(): Promise<void> {
    const { clock, metrics } = this.#parts
    if (this.#batches.length < BATCHES_MAX) this.#seal()
    this.#by ??= clock.id()
    try {
      for (let sent = 0; sent <= BATCHES_MAX; sent++) {
        const [batch] = this.#batches
        if (batch === undefined) break
        batch.sentAt ??= clock.monotonic()
        await (await metrics()).add(batch.at, batch.measurements, { by: this.#by, number: batch.number })
        this.#batches.shift()
        this.#flushedAt = clock.monotonic()
      }
      this.#tries = 0
    } catch (error) {
      this.#failed(error)
      throw error
    } finally {
      this.#again()
    }
  }

  #failed(error: unknown): void {
    const { clock } = this.#parts
    this.#tries += 1
    this.#flushedAt = clock.monotonic()
    this.#own.retried = (this.#own.retried ?? 0) + 1
    const [first] = this.#batches
    if (first === undefined) return
    const kept = error instanceof CutoverError && error.code === 'unavailable'
    if (kept && clock.monotonic() - (first.sentAt ?? 0) < GIVE_UP_MS) return
    this.#batches.shift()
    this.#tries = 0
    const operations = first.measurements.reduce((sum, { count }) => sum + count, 0)
    this.#own.lost = (this.#own.lost ?? 0) + operations
    this.#parts.lost?.(operations, error instanceof CutoverError ? error.code : 'internal')
  }

  /** What is left, or has come meanwhile, is written in its turn; after some failures only when there is more to tell. */
  #again(): void {
    const again = (): void => {
      const left = this.#batches.length > 0 || this.#used.length > 0
      if (left && this.#tries < TRIES_MAX) this.#arm(this.#parts.clock.monotonic())
    }
    // After the flush that is ending here.
    this.#parts.background(Promise.resolve(this.#sending).then(again, again))
  }
}
