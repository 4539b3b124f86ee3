/** Counts since the start or the last reset. Admin calls are not counted. */
export interface GatewayStats {
  httpRequests: number
  /** Commands that were sent to Redis: an EVALSHA is one, each item of a pipeline or transaction is one. */
  commands: number
  /** The same by name, in upper case. */
  commandsByName: { [name: string]: number }
  /** Bytes of request bodies, and of response bodies, without headers. */
  bytesIn: number
  bytesOut: number
  /** How often a fault struck. */
  faultsFired: number
}

export class Stats {
  #counts = zero()

  request(): void {
    this.#counts.httpRequests += 1
  }

  command(name: string): void {
    const counts = this.#counts
    counts.commands += 1
    const known = counts.names.has(name) || counts.names.size < NAMES_MAX
    const key = known ? name : 'OTHER'
    counts.names.set(key, (counts.names.get(key) ?? 0) + 1)
  }

  received(bytes: number): void {
    this.#counts.bytesIn += bytes
  }

  sent(bytes: number): void {
    this.#counts.bytesOut += bytes
  }

  faults(count: number): void {
    this.#counts.faultsFired += count
  }

  read(): GatewayStats {
    const { names, ...counts } = this.#counts
    return { ...counts, commandsByName: Object.fromEntries(names) }
  }

  reset(): void {
    this.#counts = zero()
  }
}

/** Names beyond this many distinct ones are counted together. */
const NAMES_MAX = 500

function zero() {
  return { httpRequests: 0, commands: 0, names: new Map<string, number>(), bytesIn: 0, bytesOut: 0, faultsFired: 0 }
}
