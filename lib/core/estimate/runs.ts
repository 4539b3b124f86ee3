import { isStrict, type Stage, sourceNumbers } from '../stage.js'
import { batchesOf, type Pace } from './batches.js'
import {
  BEAT,
  DOCUMENT_READ,
  DOCUMENT_WRITE,
  ENTRY_BYTES,
  FENCE_READ,
  FENCE_WRITE,
  ledgerCommit,
  ledgerRead,
  reconciled,
  runBytes,
} from './calls.js'
import { type CollectionSizes, copiesOf } from './sizes.js'
import { NOTHING_USED, sum, times, type Usage, used } from './usage.js'

/** A run as it will be, if nothing fails and nobody writes meanwhile. */
export interface RunEstimate {
  usage: Usage
  batches: number
  deliveries: number
  /** Of work and of waits that belong to it. */
  seconds: number
}

export interface RunSetting {
  recordsPerSecond: number
  /** Runs of the same kind on the collection before this one, whose document is looked at. */
  before: number
  /** The autopilot gives its runs names of their own, and looks first whether there is one already. */
  byAutopilot: boolean
}

/** Seconds of work in one delivery: the function's budget of 50 without what is kept free at its end. */
const DELIVERY_SECONDS = 45

export function backfillEstimate(sizes: CollectionSizes, stage: Stage, setting: RunSetting): RunEstimate {
  const partitions = sizes.copies.length
  const strict = isStrict(stage)
  const phases = batchesOf(
    [...sizes.copies].flatMap((count) => [count, 0]),
    paceOf(sizes, setting),
  )
  // Every partition has a phase over what its source lists, then one over what its target marks as open.
  const listing = phases.filter((_, at) => at % 2 === 0).flat()
  const batches = phases.flat().length
  const writing = listing.filter((records) => records > 0).length
  const fenceSeen = sourceNumbers(stage) ? NOTHING_USED : FENCE_READ
  const usage = sum(
    started(partitions, setting),
    reconciled(partitions),
    times(partitions, strict ? sum(BEAT, DOCUMENT_READ) : DOCUMENT_READ),
    times(batches, sum(committed(partitions), DOCUMENT_READ)),
    times(writing, sum(fenceSeen, used({ writes: 1, bytesIn: APPLY_BYTES, bytesOut: 24 }))),
    copiedBytes(sizes),
    times(partitions, stage === 'dualwrite' ? NOTHING_USED : OPEN_LISTED),
    strict ? times(partitions, sum(BEAT, DOCUMENT_WRITE, FENCE_READ, FENCE_WRITE, DOCUMENT_WRITE)) : NOTHING_USED,
    strict ? reconciled(partitions) : NOTHING_USED,
  )
  return carried(usage, partitions, batches, copiesOf(sizes), setting)
}

export function validateEstimate(sizes: CollectionSizes, zeroLoss: boolean, setting: RunSetting): RunEstimate {
  const partitions = sizes.copies.length
  const [pages = []] = batchesOf([copiesOf(sizes)], paceOf(sizes, setting))
  // After the last comparison the marks are looked at once more, in a batch of their own.
  const batches = pages.length + (zeroLoss ? 1 : 0)
  const usage = sum(
    started(partitions, setting),
    used({ reads: 2, bytesIn: 70, bytesOut: 40 }),
    times(partitions, used({ documentReads: 2 })),
    zeroLoss ? sum(reconciled(partitions), times(partitions, BEAT)) : NOTHING_USED,
    times(pages.length, sum(PAGE_READ, times(partitions, DOCUMENT_READ))),
    comparedBytes(sizes),
    times(batches, sum(committed(partitions), zeroLoss ? times(partitions, BEAT) : NOTHING_USED)),
    zeroLoss ? sum(reconciled(partitions), CONCLUDED) : NOTHING_USED,
  )
  return carried(usage, partitions, batches, copiesOf(sizes), setting)
}

/** `quietMs`: until the last instance has heard of the end; `keys` before and after the removal. */
export function cleanUpEstimate(sizes: CollectionSizes, quietMs: number, setting: RunSetting): RunEstimate {
  const partitions = sizes.copies.length
  const copies = copiesOf(sizes)
  const kept = sizes.records + LEDGER_KEYS
  const removed = copies + 3 * partitions
  const scans = (keys: number): number => Math.ceil(keys / PURGE_SCAN_KEYS)
  // Each of two patterns is looked for until a whole round over the keys has found nothing.
  const rounds = scans(kept + removed) + 3 * scans(kept)
  const deletions = scans(kept + removed) + 1
  const batches = 1 + rounds
  const usage = sum(
    started(partitions, setting),
    times(2, reconciled(partitions)),
    times(partitions, sum(FENCE_WRITE, DOCUMENT_WRITE, DOCUMENT_WRITE)),
    times(batches, committed(partitions)),
    used({ reads: rounds, bytesIn: 80 * rounds, bytesOut: 20 * rounds }),
    used({ writes: deletions }),
    used({ bytesIn: metaKeyBytes(sizes), bytesOut: metaKeyBytes(sizes) }),
  )
  const estimate = carried(usage, partitions, batches, copies, setting)
  if (quietMs < REST_LEFT_TO_QUEUE_MS) return { ...estimate, seconds: estimate.seconds + quietMs / 1000 }
  return {
    ...estimate,
    usage: sum(estimate.usage, handedOn(partitions)),
    deliveries: estimate.deliveries + 1,
    seconds: estimate.seconds + quietMs / 1000,
  }
}

/** Keys that one SCAN looks at; as many as the purge asks for. */
const PURGE_SCAN_KEYS = 500
/** Runs, plans, streams: what the ledger holds by then, roughly. */
const LEDGER_KEYS = 40
/** Longer rests end the delivery, and the queue brings the next. */
const REST_LEFT_TO_QUEUE_MS = 5_000

/** The listing of open copies, and a look at those (nobody writes: there are none). */
const OPEN_LISTED: Usage = used({ reads: 2, documentReads: 1, bytesIn: 150, bytesOut: 270 })
/** Two listings (records, tombstones), then values, metas and fences at once. */
const PAGE_READ: Usage = used({ reads: 3, bytesIn: 160, bytesOut: 60 })
/** The conclusion of a zero-loss check: the letters set aside, then the kept conclusion replaced. */
const CONCLUDED: Usage = sum(ledgerRead(20), ledgerRead(20), ledgerCommit(900))
/** A script's call without its records. */
const APPLY_BYTES = 420

/** The run's document, and the message that it is due. */
function started(partitions: number, { before, byAutopilot }: RunSetting): Usage {
  const looks = [
    ledgerRead(20),
    ...(before > 0 ? [ledgerRead(runBytes(partitions))] : []),
    ...(byAutopilot ? [ledgerRead(20)] : []),
  ]
  return sum(...looks, ledgerCommit(runBytes(partitions) + ENTRY_BYTES))
}

/** A batch leaves the run's document, with its position. */
function committed(partitions: number): Usage {
  return ledgerCommit(runBytes(partitions))
}

/** A delivery reads the run, takes its lease, and looks whether any record is set aside. */
function delivered(partitions: number): Usage {
  const read = ledgerRead(runBytes(partitions))
  return sum(read, committed(partitions), ledgerRead(20), used({ messages: 1 }))
}

function handedOn(partitions: number): Usage {
  return sum(committed(partitions), delivered(partitions))
}

/** The run from its first message to its end: deliveries, and the end's commit. */
function carried(
  usage: Usage,
  partitions: number,
  batches: number,
  copies: number,
  { recordsPerSecond }: RunSetting,
): RunEstimate {
  const seconds = copies / recordsPerSecond
  const more = Math.max(0, Math.ceil(seconds / DELIVERY_SECONDS) - 1)
  const ended = ledgerCommit(runBytes(partitions) + ENTRY_BYTES)
  const carriage = sum(delivered(partitions), times(more, handedOn(partitions)), ended)
  return { usage: sum(usage, carriage), batches, deliveries: 1 + more, seconds }
}

function paceOf(sizes: CollectionSizes, { recordsPerSecond }: RunSetting): Pace {
  const copies = copiesOf(sizes)
  return { recordsPerSecond, bytesPerRecord: copies === 0 ? 0 : sizes.valueBytes / copies }
}

/** Each copy goes as two keys and as id, version, operation and value; the answer is a word. */
function copiedBytes(sizes: CollectionSizes): Usage {
  const { collection, idBytes, wireBytes } = sizes
  const copies = copiesOf(sizes)
  // Quotes and commas of six texts, the two prefixes, a version of one digit, no name of an operation.
  const fixed = 2 * collection.length + 12 + 16 + 1
  return used({ bytesIn: wireBytes + 3 * idBytes + copies * fixed, bytesOut: copies * 5 })
}

/** Each copy is asked for by two keys, and comes as id, value and meta. */
function comparedBytes(sizes: CollectionSizes): Usage {
  const { collection, idBytes, wireBytes } = sizes
  const copies = copiesOf(sizes)
  const [asked, answered] = [2 * collection.length + 12 + 6, 3 + 1 + 9]
  return used({ bytesIn: 2 * idBytes + copies * asked, bytesOut: wireBytes + idBytes + copies * answered })
}

function metaKeyBytes({ collection, copies, idBytes }: CollectionSizes): number {
  return idBytes + copiesOf({ copies }) * (collection.length + 14)
}
