import { backOff, type Chance } from './back-off.js'

/**
 * A circuit breaker: what one instance knows of whether a store answers, and what it does about it.
 *
 * `closed`: requests go out. `open`: they are refused at once, so that nobody waits for a time limit that has run out
 * for others already. `half-open`: this instance asks the store one harmless question; everything else is still refused.
 *
 * Only silence counts (`isSilence`): refusals, conflicts and higher fences are answers. While all is well it costs an
 * addition for each answer, and no look at a clock. It holds no truth: a breaker that is wrong makes requests fail that
 * need not, and never one succeed that must not.
 */
export class Breaker {
  readonly rules: BreakerRules
  state: BreakerState = 'closed'
  /** Why it is not closed, or was the last time. */
  because: Opened | null = null
  /** Monotonic milliseconds of the last change of state. */
  changedAt = 0
  /** Times that it has opened, and requests that it has refused. */
  opened = 0
  refused = 0
  /** Monotonic milliseconds before which an open breaker looks at nothing. */
  nextLookAt = 0
  /** Probes that have failed since it opened. */
  attempt = 0
  #silent = 0
  #answered = 0
  #failed = 0
  #windowAt = Number.NEGATIVE_INFINITY

  constructor(rules: BreakerRules = BREAKER_RULES) {
    this.rules = rules
  }

  /** An answer came, of whatever kind. Returns how many have come, for what is done now and then. */
  answered(): number {
    this.#silent = 0
    this.#answered += 1
    return this.#answered
  }

  /** No answer came. `true`: this has opened the breaker. */
  silent(now: number, chance: Chance): boolean {
    const { inARow, share, ofRequests, windowMs } = this.rules
    if (now - this.#windowAt > windowMs) {
      this.#windowAt = now
      this.#failed = 0
      this.#answered = 0
    }
    this.#silent += 1
    this.#failed += 1
    if (this.state !== 'closed') return false
    const asked = this.#failed + this.#answered
    if (this.#silent >= inARow) this.open('silent-in-a-row', now, chance)
    else if (asked >= ofRequests && this.#failed >= share * asked) this.open('silent-too-often', now, chance)
    return this.state !== 'closed'
  }

  open(because: Opened, now: number, chance: Chance): void {
    if (this.state === 'closed') this.opened += 1
    this.#turn('open', now)
    this.because = because
    this.attempt = 0
    this.#lookLater(now, chance)
  }

  /** This instance asks the store now. */
  probe(now: number): void {
    this.#turn('half-open', now)
  }

  /** The probe had no answer. */
  probeFailed(now: number, chance: Chance): void {
    this.attempt += 1
    this.#turn('open', now)
    this.#lookLater(now, chance)
  }

  /** Somebody else is at it, or nothing could be learned: look again later. */
  wait(ms: number, now: number): void {
    this.#turn('open', now)
    this.nextLookAt = now + ms
  }

  /** The store answers. Once more without an answer, and it is open again: one good sign is not many. */
  close(now: number): void {
    this.#turn('closed', now)
    this.attempt = 0
    this.#silent = this.rules.inARow - 1
    this.#windowAt = Number.NEGATIVE_INFINITY
  }

  #turn(state: BreakerState, now: number): void {
    if (this.state !== state) this.changedAt = now
    this.state = state
  }

  #lookLater(now: number, chance: Chance): void {
    const { probeMs, probeMsMax } = this.rules
    this.nextLookAt = now + backOff({ attempt: this.attempt, baseMs: probeMs, capMs: probeMsMax }, chance)
  }
}

export type BreakerState = 'closed' | 'open' | 'half-open'

/** Why a breaker opened, as a literal. */
export type Opened = 'silent-in-a-row' | 'silent-too-often' | 'forced'

export interface BreakerRules {
  /** Requests without an answer, one after the other, that open it. */
  inARow: number
  /** The share without an answer that opens it, of at least `ofRequests` within `windowMs` of the first of them. */
  share: number
  ofRequests: number
  windowMs: number
  /** Base and cap of the back-off between probes, in milliseconds. */
  probeMs: number
  probeMsMax: number
}

export const BREAKER_RULES: BreakerRules = {
  inARow: 5,
  share: 0.5,
  ofRequests: 20,
  windowMs: 10_000,
  probeMs: 500,
  probeMsMax: 10_000,
}
