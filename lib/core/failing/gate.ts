/**
 * How many requests may be under way at once, and how many may wait for their turn; beyond that they are refused. First
 * come, first served. No timer: each request under way ends by the time limit of its own, and so does the waiting.
 */
export class Gate {
  readonly #atOnce: number
  readonly #waitingMax: number
  readonly #refusal: () => Error
  readonly #waiting: (() => void)[] = []
  #next = 0
  #underWay = 0

  constructor(limits: { atOnce: number; waitingMax: number }, refusal: () => Error) {
    this.#atOnce = limits.atOnce
    this.#waitingMax = limits.waitingMax
    this.#refusal = refusal
  }

  get underWay(): number {
    return this.#underWay
  }

  get waiting(): number {
    return this.#waiting.length - this.#next
  }

  /** Does `work` when there is room; throws the refusal, with nothing done, when even the waiting is full. */
  pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#underWay < this.#atOnce) return this.#run(work)
    if (this.waiting >= this.#waitingMax) return Promise.reject(this.#refusal())
    return new Promise((resolve) => this.#waiting.push(() => resolve(this.#run(work))))
  }

  #run<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay += 1
    const leave = (): void => this.#leave()
    try {
      const done = work()
      done.then(leave, leave)
      return done
    } catch (error) {
      this.#leave()
      return Promise.reject(error)
    }
  }

  #leave(): void {
    this.#underWay -= 1
    const first = this.#waiting[this.#next]
    if (first === undefined) return
    this.#next += 1
    if (this.#next === this.#waiting.length || this.#next > FORGET_AT) {
      this.#waiting.splice(0, this.#next)
      this.#next = 0
    }
    first()
  }
}

/** Those that have gone in are kept in the list until there are so many of them. */
const FORGET_AT = 1_000
