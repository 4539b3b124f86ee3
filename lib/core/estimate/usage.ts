/** What some work uses of the services that are paid for, or of what slows others down. Counts, not money. */
export interface Usage {
  /** Redis commands that change nothing. */
  reads: number
  /** Redis commands that may change something: a database with read regions bills them once for each region. */
  writes: number
  /** Bytes of the requests to Redis, without headers. */
  bytesIn: number
  /** Bytes of the answers of Redis, without headers. */
  bytesOut: number
  /** Deliveries of the queue. */
  messages: number
  documentReads: number
  documentWrites: number
}

export const NOTHING_USED: Usage = {
  reads: 0,
  writes: 0,
  bytesIn: 0,
  bytesOut: 0,
  messages: 0,
  documentReads: 0,
  documentWrites: 0,
}

export function used(some: Partial<Usage>): Usage {
  return { ...NOTHING_USED, ...some }
}

export function sum(...usages: readonly Usage[]): Usage {
  const total = { ...NOTHING_USED }
  for (const usage of usages) for (const name of MEMBERS) total[name] += usage[name]
  return total
}

export function times(count: number, usage: Usage): Usage {
  const total = { ...NOTHING_USED }
  for (const name of MEMBERS) total[name] = usage[name] * count
  return total
}

export function commandsOf({ reads, writes }: Usage): number {
  return reads + writes
}

const MEMBERS = Object.keys(NOTHING_USED) as (keyof Usage)[]
