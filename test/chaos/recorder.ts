import { type History, historyOf } from '../simulation/history.js'
import type { Entry } from '../simulation/linearizable.js'

/**
 * What the clients saw, by one clock. All clients live in one process, so that beginnings and ends of their calls have
 * one order, which no clock of a server can disturb: microseconds since the start, and never the same twice.
 *
 * What it is not: a part of the system under test. It hears nothing but answers to clients.
 */
export class Recorder {
  readonly #history: History = historyOf({ reused: false })
  readonly #ids = new Map<string, Set<string>>()
  readonly #counts = new Map<string, Count>()
  readonly #latencies: number[] = []
  readonly #troubles: Trouble[] = []
  readonly #violations: string[] = []
  readonly #origins = new Map<string, number>()
  #last = 0

  /** Microseconds, growing at every call. */
  tick(): number {
    this.#last = Math.max(this.#last + 1, Math.floor(performance.now() * 1_000))
    return this.#last
  }

  /** A record that may be there from now on. */
  introduce(collection: string, id: string): void {
    const ids = this.#ids.get(collection) ?? new Set()
    this.#ids.set(collection, ids.add(id))
  }

  ids(collection: string): ReadonlySet<string> {
    return this.#ids.get(collection) ?? new Set()
  }

  add(collection: string, id: string, entry: Entry): void {
    this.#history.add(`${collection}/${id}`, entry)
  }

  shown(collection: string, id: string, etag: string, value: string): void {
    this.#history.shown(`${collection}/${id}`, etag, value)
  }

  /** An attempt has ended: `ms` is how long it took. */
  count(kind: string, outcome: Outcome, ms: number): void {
    const count = this.#counts.get(kind) ?? { answered: 0, refused: 0, failed: 0, unknown: 0 }
    count[outcome]++
    this.#counts.set(kind, count)
    if (outcome === 'answered' || outcome === 'refused') this.#latencies.push(ms)
  }

  /** How it stands, in one line. */
  standing(): string {
    const open = this.#troubles.filter(({ until }) => until === Number.POSITIVE_INFINITY).map(({ kind }) => kind)
    const counts = [
      `${this.answered} answers`,
      `${this.#troubles.length} faults`,
      `${this.#violations.length} violations`,
    ]
    return [...counts, open.join(', ')].join('  ')
  }

  /** Good answers until now. */
  get answered(): number {
    return this.#latencies.length
  }

  /** Which stage and store an answer named. */
  origin(stage: string, servedBy: string): void {
    const key = `${stage} from ${servedBy}`
    this.#origins.set(key, (this.#origins.get(key) ?? 0) + 1)
  }

  violation(text: string): void {
    if (this.#violations.length < VIOLATIONS_MAX) this.#violations.push(text)
  }

  /** A fault was injected; the function answered says that it is over. */
  trouble(kind: string): () => void {
    const trouble: Trouble = { kind, from: performance.now(), until: Number.POSITIVE_INFINITY, longestMs: 0 }
    this.#troubles.push(trouble)
    return () => {
      trouble.until = performance.now()
    }
  }

  /** A client has a good answer again, after its first attempt without one: the faults of that moment are to blame. */
  unavailable(first: { began: number; ended: number }): void {
    const ms = performance.now() - first.began
    for (const trouble of this.#troubles)
      if (trouble.from <= first.ended && trouble.until >= first.began)
        trouble.longestMs = Math.max(trouble.longestMs, ms)
  }

  /** Judges every record's history. */
  judge(): { records: number; entries: number; faults: string[] } {
    const records = [...this.#ids.values()].reduce((sum, ids) => sum + ids.size, 0)
    return { records, entries: this.#history.size, faults: this.#history.faults() }
  }

  read(): Recorded {
    const sorted = [...this.#latencies].sort((a, b) => a - b)
    const at = (share: number): number => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0)
    const faults: Recorded['faults'] = {}
    for (const { kind, longestMs } of this.#troubles) {
      const known = faults[kind] ?? { count: 0, longestUnavailableMs: 0 }
      const longest = Math.max(known.longestUnavailableMs, Math.round(longestMs))
      faults[kind] = { count: known.count + 1, longestUnavailableMs: longest }
    }
    return {
      operations: Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1))),
      origins: Object.fromEntries(this.#origins),
      latencyMs: { p50: at(0.5), p99: at(0.99) },
      faults,
      violations: this.#violations,
    }
  }
}

export type Outcome = 'answered' | 'refused' | 'failed' | 'unknown'
type Count = { [outcome in Outcome]: number }

export interface Recorded {
  /** Attempts by kind and outcome. */
  operations: { [kind: string]: Count }
  origins: { [origin: string]: number }
  /** Of attempts that were answered or refused. */
  latencyMs: { p50: number; p99: number }
  /** `longestUnavailableMs`: the longest that any client went without a good answer from some moment of it on. */
  faults: { [kind: string]: { count: number; longestUnavailableMs: number } }
  violations: string[]
}

interface Trouble {
  kind: string
  /** Milliseconds. */
  from: number
  until: number
  longestMs: number
}

/** One fault of the harness would otherwise fill the memory. */
const VIOLATIONS_MAX = 200
