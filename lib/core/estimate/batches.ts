import { BATCH_MAX, BATCH_START, LANES_MAX, nextBatchSize } from '../batch.js'
import {
  COMMAND_CHARS_MAX,
  COMMAND_RECORDS_MAX,
  LIGHTER,
  ROUND_RECORDS_MAX,
  ROUND_RECORDS_MIN,
  ROUNDS_MS,
} from '../compare/round.js'
import { STRETCH_CHARS_MAX, STRETCH_RECORDS_MAX } from '../compare/stretch.js'
import { FIRST_THROTTLE, RECORDS_MIN, restAfter } from '../throttle.js'

/** How fast a run is, and what it is about. */
export interface Pace {
  /** Copies that a back-fill brings over in a second of work. */
  recordsPerSecond: number
  bytesPerRecord: number
  /** Of a record's keys. */
  keyBytes: number
  /** The application is in use, and the run keeps out of its way: reckoned with the smallest batches it may come to. */
  yielding: boolean
}

export interface BackfillBatches {
  batches: number
  /** Batches of single partitions in which there was something to copy; several of them may be in one batch. */
  copying: number
  /** Those, and the ones that found an empty partition: each reads the document. */
  looking: number
  /** Seconds, the rests between batches included. */
  seconds: number
}

/**
 * The batches of a back-fill, by the very rules that it follows: partitions side by side, in lanes, each first what its
 * source lists, then what its target marks as open; sizes that grow while batches are quick.
 */
export function backfillBatches(copies: readonly number[], pace: Pace): BackfillBatches {
  const lanesMax = pace.yielding ? 1 : LANES_MAX
  const found: BackfillBatches = { batches: 0, copying: 0, looking: 0, seconds: 0 }
  let size = BATCH_START
  let lanes: Lane[] = []
  let next = 0
  while (next < copies.length || lanes.length > 0) {
    for (; lanes.length < lanesMax && next < copies.length; next++)
      lanes.push({ left: copies[next] ?? 0, phase: 'source' })
    const limit = pace.yielding ? Math.min(size, RECORDS_MIN) : size
    const taken = lanes.map(({ left, phase }) => (phase === 'source' ? Math.min(limit, left) : 0))
    const records = taken.reduce((sum, count) => sum + count, 0)
    const seconds = records / pace.recordsPerSecond
    const bytes = records * pace.bytesPerRecord
    const nextSize = nextBatchSize(size, { records, bytes, ms: seconds * 1000, throttled: false })
    const times = nextSize === size ? 1 + alikeAfter(lanes, limit) : 1
    found.batches += times
    found.copying += times * taken.filter((count) => count > 0).length
    found.seconds += times * (seconds + restSeconds(seconds, pace))
    found.looking += times * lanes.filter(({ phase }) => phase === 'source').length
    lanes = lanes.flatMap((lane, at) => laneAfter(lane, times * (taken[at] ?? 0)))
    size = nextSize
  }
  return found
}

/** How long the application is left alone after a batch. */
function restSeconds(worked: number, { yielding }: Pace): number {
  return yielding ? restAfter(FIRST_THROTTLE, worked * 1000) / 1000 : 0
}

interface Lane {
  left: number
  phase: 'source' | 'open'
}

/** Batches that will be just like this one, so that a large collection is not walked through batch by batch. */
function alikeAfter(lanes: readonly Lane[], limit: number): number {
  if (lanes.some(({ phase }) => phase === 'open')) return 0
  const least = lanes.reduce((low, { left }) => Math.min(low, left), Number.POSITIVE_INFINITY)
  return Math.max(0, Math.floor(least / limit) - 2)
}

function laneAfter({ left, phase }: Lane, taken: number): Lane[] {
  if (phase === 'open') return []
  return [{ left: left - taken, phase: left > taken ? 'source' : 'open' }]
}

export interface ValidationBatches {
  batches: number
  /** Each reads every document. */
  rounds: number
  /** Commands by which the target compares for itself. */
  commands: number
  stretches: number
  seconds: number
}

/**
 * The batches of a validation of stores that agree: one small round, then large ones for so long as a batch may last. A
 * run that keeps out of the way has one round a batch, a few times as large as a batch of a back-fill.
 */
export function validationBatches(copies: number, pace: Pace): ValidationBatches {
  const perSecond = pace.recordsPerSecond * COMPARED_TO_COPIED
  const found: ValidationBatches = { batches: 0, rounds: 0, commands: 0, stretches: 0, seconds: 0 }
  let left = copies
  let size = BATCH_START
  let wanted = ROUND_RECORDS_MIN
  do {
    let seconds = 0
    do {
      const most = pace.yielding ? LIGHTER * Math.min(size, RECORDS_MIN) : wanted
      const records = Math.min(left, most)
      const { commands, stretches } = comparing(records, pace.bytesPerRecord + pace.keyBytes)
      left -= records
      found.rounds++
      found.commands += commands
      found.stretches += stretches
      seconds += records / perSecond
      wanted = ROUND_RECORDS_MAX
    } while (left > 0 && seconds * 1000 < ROUNDS_MS && !pace.yielding)
    size = Math.min(2 * size, BATCH_MAX)
    found.batches++
    found.seconds += seconds + restSeconds(seconds, pace)
  } while (left > 0)
  return found
}

/** Consecutive records are cut into stretches, and so many stretches go with one command. */
function comparing(records: number, bytes: number): { commands: number; stretches: number } {
  const chars = Math.max(1, bytes)
  const inStretch = Math.max(1, Math.min(STRETCH_RECORDS_MAX, Math.floor(STRETCH_CHARS_MAX / chars)))
  const stretches = Math.max(1, Math.ceil(records / inStretch))
  const inCommand = Math.max(1, Math.floor(Math.min(COMMAND_RECORDS_MAX, COMMAND_CHARS_MAX / chars) / inStretch))
  return { commands: Math.ceil(stretches / inCommand), stretches }
}

/** A comparison is so much quicker than a copy, at the least. */
const COMPARED_TO_COPIED = 20

/** The largest batch there is: what a rate has to be told from. */
export const TELLING_RECORDS = BATCH_MAX

/** Where no back-fill has told: what a database in the functions' own region bears easily. */
export const ASSUMED_PER_SECOND = 2_000
