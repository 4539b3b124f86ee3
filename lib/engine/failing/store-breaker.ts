import type { CutoverError } from '../../core/error.js'
import { backOff } from '../../core/failing/back-off.js'
import { Breaker, type BreakerRules } from '../../core/failing/breaker.js'
import { isSilence, notSent, notSentReason } from '../../core/failing/not-sent.js'
import type { Clock } from '../../ports/clock.js'
import { type Board, type BreakerNote, orAway, type Shown } from './board.js'

/**
 * The breaker of one store as one instance works it, together with the others.
 *
 * An instance that opens tells the board. From then on one of them at a time, who has taken the lease on the board, asks
 * the store something harmless, with full-jitter back-off between the failures of all of them together; who finds it well
 * says so on the board, and the others close when they next look there. They look when a request comes that they refuse,
 * never before the wait is over, and nobody's request waits for it.
 *
 * What can go wrong, and what comes of it: an instance dies with the lease (it lapses); the board is away, or clocks
 * differ (each probes for itself, at the pace of its own back-off); a note says `closed` and is wrong (the next request
 * without an answer opens again). What cannot: a request that a store would have answered is never said to have been
 * done, or to have been sent.
 */
export class StoreBreaker {
  readonly store: StoreName
  readonly breaker: Breaker
  readonly #parts: BreakerParts
  readonly #by: string
  #looking = false
  /** The board has heard of this opening: `closed` there is news from now on. */
  #told = false
  /** Requests that went out together fail with one error: that is one silence. */
  #lastSilence: unknown
  #forced = false
  #ordersReadAt = 0
  /** The board's note as it was first seen, by this instance's own clock. */
  #seen: { revision: Shown['revision']; at: number } | null = null

  constructor(store: StoreName, parts: BreakerParts) {
    this.store = store
    this.breaker = new Breaker(parts.rules)
    this.#parts = parts
    this.#by = parts.clock.id()
  }

  get closed(): boolean {
    return this.breaker.state === 'closed'
  }

  readonly heard = (): void => {
    if ((this.breaker.answered() & ORDERS_EVERY) === 0) this.#lookAtOrders()
  }

  readonly failed = (error: unknown): void => {
    const { clock, background } = this.#parts
    if (error === this.#lastSilence || notSentReason(error) !== null) return
    if (!isSilence(error)) {
      this.heard()
      return
    }
    this.#lastSilence = error
    if (!this.breaker.silent(clock.monotonic(), clock)) return
    this.#told = false
    background(this.#tell())
  }

  /** The error for a request that is not sent. Now and then, beside it, somebody asks whether the store is back. */
  refuse(): CutoverError {
    const { clock, background } = this.#parts
    this.breaker.refused += 1
    const leftMs = this.breaker.nextLookAt - clock.monotonic()
    if (leftMs <= 0 && !this.#looking && this.breaker.state === 'open') {
      this.#looking = true
      background(
        this.#look().finally(() => {
          this.#looking = false
        }),
      )
    }
    return notSent('circuit-open', `the ${this.store}`, Math.max(1, Math.ceil(leftMs / 1_000)))
  }

  /** An operator, here: the next request goes out. */
  close(): void {
    this.#forced = false
    this.breaker.close(this.#parts.clock.monotonic())
  }

  /** An operator, here: none goes out until they say otherwise. */
  force(): void {
    const { clock } = this.#parts
    this.#forced = true
    this.breaker.open('forced', clock.monotonic(), clock)
  }

  async #tell(): Promise<void> {
    const { board, clock } = this.#parts
    const shown = await orAway(board.read())
    if (shown === null) return
    const told = shown.note?.state === 'open' || (await orAway(board.write(this.#note(clock.now()), shown.revision)))
    if (told === true) this.#told = true
  }

  #note(at: number): BreakerNote {
    const { because, attempt } = this.breaker
    return { state: 'open', because: because ?? '', since: at, by: this.#by, attempt, nextAt: at, lease: null }
  }

  async #look(): Promise<void> {
    const { board, clock } = this.#parts
    if (this.#forced) return await this.#readOrders()
    const shown = await orAway(board.read())
    if (shown === null) return await this.#probe()
    const { note } = shown
    if (note?.state === 'closed' && this.#told) return this.breaker.close(clock.monotonic())
    const waitMs = note?.state === 'open' ? this.#waitMs(note, shown.revision) : 0
    if (note?.state === 'open') this.#told = true
    if (waitMs > 0) return this.#waitFor(waitMs)
    const at = clock.now()
    const mine = note?.state === 'open' ? note : this.#note(at)
    const leased = { ...mine, lease: { by: this.#by, until: at + LEASE_MS } }
    const taken = await orAway(board.write(leased, shown.revision))
    if (taken === false) return this.#waitFor(0)
    this.#told = true
    await this.#probe(leased)
  }

  /** How long the one who has the lease, or the back-off of all, is waited for; by two clocks, and never for long. */
  #waitMs({ lease, nextAt }: BreakerNote, revision: Shown['revision']): number {
    const { clock } = this.#parts
    const longest = Math.max(LEASE_MS, this.breaker.rules.probeMsMax)
    const now = clock.monotonic()
    if (this.#seen === null || this.#seen.revision !== revision) this.#seen = { revision, at: now }
    const left = Math.max(lease?.until ?? 0, nextAt) - clock.now()
    return Math.min(left, this.#seen.at + longest - now)
  }

  #waitFor(ms: number): void {
    const { clock } = this.#parts
    const { probeMs, probeMsMax } = this.breaker.rules
    const spread = backOff({ attempt: 0, baseMs: probeMs, capMs: probeMsMax }, clock)
    this.breaker.wait(ms + spread, clock.monotonic())
  }

  /** With `leased`, for all; without, the board being away, for itself alone. */
  async #probe(leased?: BreakerNote): Promise<void> {
    const { board, clock, probe } = this.#parts
    this.breaker.probe(clock.monotonic())
    const well = await answers(probe)
    if (well) this.breaker.close(clock.monotonic())
    else this.breaker.probeFailed(clock.monotonic(), clock)
    if (leased === undefined) return
    // Whatever the note has become meanwhile (this one came after the lease lapsed): then others see to it.
    const shown = await orAway(board.read())
    if (shown?.note?.lease?.by !== this.#by) return
    const at = clock.now()
    const { probeMs, probeMsMax } = this.breaker.rules
    const attempt = leased.attempt + 1
    const nextAt = at + backOff({ attempt, baseMs: probeMs, capMs: probeMsMax }, clock)
    const note: BreakerNote = well
      ? { ...leased, state: 'closed', because: 'probe-answered', since: at, by: this.#by, attempt: 0, lease: null }
      : { ...leased, attempt, nextAt, lease: null }
    await orAway(board.write(note, shown.revision))
  }

  /** Operators' orders reach an instance while it works, not more often than every half minute. */
  #lookAtOrders(): void {
    const { clock, background, orders } = this.#parts
    const now = clock.monotonic()
    if (orders === undefined || now - this.#ordersReadAt < ORDERS_MS) return
    this.#ordersReadAt = now
    background(this.#readOrders())
  }

  async #readOrders(): Promise<void> {
    const { clock, orders } = this.#parts
    const forced = orders === undefined ? false : await orAway(orders())
    if (forced === true && !this.#forced) this.force()
    if (forced === false && this.#forced) this.close()
    else if (this.#forced) this.breaker.wait(ORDERS_MS, clock.monotonic())
  }
}

export type StoreName = 'source' | 'target'

export interface BreakerParts {
  board: Board
  clock: Clock
  background: (work: Promise<unknown>) => void
  /** Something small and harmless that shows whether the store answers. */
  probe: () => Promise<unknown>
  /** Whether operators have ordered the store to be left alone; absent: nobody asks. */
  orders?: () => Promise<boolean>
  rules?: BreakerRules
}

/** Longer than a probe takes, its time limit included. */
const LEASE_MS = 10_000
/** Of the answers of a store every sixteenth is the occasion to look at the clock. */
const ORDERS_EVERY = 15
const ORDERS_MS = 30_000

/** Whatever it says: a store that refuses or is damaged has answered. */
export async function answers(probe: () => Promise<unknown>): Promise<boolean> {
  try {
    await probe()
    return true
  } catch (error) {
    return !isSilence(error)
  }
}
