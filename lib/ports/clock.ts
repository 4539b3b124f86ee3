/** Time and chance, passed in so that a test or a simulation can own them. Clocks never order things; counters do. */
export interface Clock {
  /** Wall-clock time, in milliseconds since the epoch. May jump. */
  now(): number
  /** Milliseconds from an arbitrary start; never goes back. For leases and durations within one process. */
  monotonic(): number
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** A number in [0, 1). For jitter only. */
  random(): number
  /** A fresh identifier that nobody else will ever make (UUID). */
  id(): string
}
