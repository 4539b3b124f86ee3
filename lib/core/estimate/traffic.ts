import { STAGES, type Stage } from '../stage.js'
import { NOTHING_USED, sum, times, type Usage, used } from './usage.js'

/**
 * What a client's read and write use in each stage, by the protocol's table of costs: without conflicts, without
 * conditions, and with the copy to the other store after the acknowledgement. In `off` it is what they use before
 * there is any migration.
 */
export const READ_USES: { [stage in Stage]: Usage } = {
  off: used({ documentReads: 1 }),
  dualwrite: used({ documentReads: 1 }),
  shadow: used({ documentReads: 1 }),
  live: used({ reads: 1 }),
  rampdown: used({ reads: 1 }),
  complete: used({ reads: 1 }),
}

const BOTH_STORES = used({ writes: 2, documentReads: 1, documentWrites: 1 })

export const WRITE_USES: { [stage in Stage]: Usage } = {
  off: used({ documentReads: 1, documentWrites: 1 }),
  /** The copy goes to the target after the answer. */
  dualwrite: used({ writes: 1, documentReads: 1, documentWrites: 1 }),
  /** A begin, and the mark that the source has it too. */
  shadow: BOTH_STORES,
  live: BOTH_STORES,
  rampdown: BOTH_STORES,
  complete: used({ writes: 1 }),
}

export interface Traffic {
  readsPerDay: number
  writesPerDay: number
  /** Share of reads that are compared with the other store after their answers. */
  compareShare: number
}

/** A day of traffic on one collection in a stage, by one function instance; `valueBytes`: of a record on the way. */
export function dayOfTraffic(stage: Stage, traffic: Traffic, partitions: number, valueBytes: number): Usage {
  const { readsPerDay, writesPerDay, compareShare } = traffic
  const [read, write] = [READ_USES[stage], WRITE_USES[stage]]
  const entries = stage === 'off' ? 0 : meterEntriesPerDay(traffic)
  const calls = readsPerDay * read.reads + writesPerDay * write.writes
  const put = writesPerDay * Math.min(1, write.writes)
  return sum(
    times(readsPerDay, read),
    times(writesPerDay, write),
    times(COMPARED.includes(stage) ? readsPerDay * compareShare : 0, COMPARISON),
    times(Math.min(readsPerDay, LEASES_PER_DAY * partitions), LEASE_USES[stage] ?? NOTHING_USED),
    used({ writes: entries, bytesIn: entries * METER_ENTRY_BYTES }),
    used({ bytesIn: calls * CALL_BYTES + put * valueBytes, bytesOut: readsPerDay * read.reads * valueBytes }),
  )
}

/** Writes of what was measured: an instance makes one in ten seconds at most. */
function meterEntriesPerDay({ readsPerDay, writesPerDay }: Traffic): number {
  return Math.min(readsPerDay + writesPerDay, METER_FLUSHES_PER_DAY)
}

/** Whether a run that asks will find, more often than not, that clients were there in the last minute. */
export function isInUse({ readsPerDay, writesPerDay }: Traffic): boolean {
  return readsPerDay + writesPerDay >= MINUTES_OF_A_DAY
}

const MINUTES_OF_A_DAY = 1_440
const METER_FLUSHES_PER_DAY = 8_640
const METER_ENTRY_BYTES = 1_500
/** Where one store answers and the other could be left behind, that one is looked at: once in a lease of 5 seconds. */
const LEASES_PER_DAY = 17_280
const LEASE_USES: { [stage in Stage]?: Usage } = { shadow: used({ reads: 1 }), live: used({ documentReads: 1 }) }
/** Stages in which both stores are kept, and reads sampled. */
const COMPARED: readonly Stage[] = STAGES.filter((stage) => stage !== 'off' && stage !== 'complete')
/** One look at both stores. */
const COMPARISON: Usage = used({ reads: 1, documentReads: 1 })
/** Of a command and its answer, without the value. */
const CALL_BYTES = 400
