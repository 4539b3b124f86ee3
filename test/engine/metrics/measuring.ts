import { CutoverError } from '../../../lib/core/error.js'
import type { Measured, Series } from '../../../lib/core/metrics/measurement.js'
import { memoryMetrics } from '../../../lib/drivers/metrics/memory.js'
import { type Recorder, type RecorderParts, recorder } from '../../../lib/engine/metrics/recorder.js'
import { measuredIn } from '../../../lib/engine/metrics/window.js'
import type { MetricsStore } from '../../../lib/ports/metrics.js'

export const START = 1_750_032_000_000
export const READS: Series = { component: 'projects', path: 'source', operation: 'read' }

/** An instance whose time passes when a test says so. */
export interface Instance {
  recorder: Recorder
  store: MetricsStore
  /** What the next calls of `add` come to: nothing at all, or done without an answer. Then they are answered again. */
  fates: ('refused' | 'unanswered' | 'wrong')[]
  adds: { at: number; count: number }[]
  now(): number
  pass(ms: number): Promise<void>
  ops(count: number, series?: Series): void
  settled(): Promise<void>
}

export function instance(more: Partial<RecorderParts> & { store?: MetricsStore; name?: string } = {}): Instance {
  const { store = memoryMetrics({ bucketMs: 10_000 }), name = 'instance', ...parts } = more
  let time = START
  const waits: { at: number; wake: () => void }[] = []
  const pending = new Set<Promise<unknown>>()
  const fates: Instance['fates'] = []
  const adds: Instance['adds'] = []
  const add: MetricsStore['add'] = async (at, measurements, once) => {
    const fate = fates.shift()
    adds.push({ at, count: measurements.reduce((sum, { count }) => sum + count, 0) })
    if (fate === 'wrong') throw new CutoverError('internal', 'It was sent wrongly.')
    if (fate !== 'refused') await store.add(at, measurements, once)
    if (fate !== undefined) throw new CutoverError('unavailable', 'No answer.')
  }
  const clock = {
    now: () => time,
    monotonic: () => time - START + 5_000,
    random: () => 0.5,
    id: () => name,
    sleep: async () => {},
  }
  const made = recorder({
    metrics: async () => ({ add }),
    clock,
    flushMs: 10_000,
    bucketMs: store.bucketMs,
    background: (work) => {
      const kept = work.catch(() => {}).finally(() => pending.delete(kept))
      pending.add(kept)
    },
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        waits.push({ at: time + ms, wake: resolve })
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      }),
    ...parts,
  })
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    recorder: made,
    store,
    fates,
    adds,
    now: () => time,
    settled: turn,
    ops: (count, series = READS) => {
      for (let at = 0; at < count; at++) made.ended(made.cell(series), clock.monotonic() - 5, false)
    },
    async pass(ms) {
      const until = time + ms
      for (;;) {
        await turn()
        const [next] = waits.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        waits.splice(waits.indexOf(next), 1)
        time = Math.max(time, next.at)
        next.wake()
      }
      time = until
    },
  }
}

/** Everything that has come to the store, of some series. */
export function all(store: MetricsStore, of: Partial<Series> = READS): Promise<Measured | null> {
  return measuredIn(store, of, 0, START * 2)
}
