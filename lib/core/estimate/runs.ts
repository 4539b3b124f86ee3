import { BATCH_START } from '../batch.js'
import { isStrict, type Stage, sourceNumbers } from '../stage.js'
import { backfillBatches, type Pace, type ValidationBatches, validationBatches } from './batches.js'
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
import { GUARDED } from './stages.js'
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
  /** Clients use the application meanwhile: runs keep out of their way. */
  yielding: boolean
}

/** Seconds of work in one delivery: the function's budget of 50 without what is kept free at its end. */
const DELIVERY_SECONDS = 45

export function backfillEstimate(sizes: CollectionSizes, stage: Stage, setting: RunSetting): RunEstimate {
  const partitions = sizes.copies.length
  const strict = isStrict(stage)
  const { batches, copying, looking, seconds } = backfillBatches(sizes.copies, paceOf(sizes, setting))
  const fenceSeen = sourceNumbers(stage) ? NOTHING_USED : FENCE_READ
  const usage = sum(
    started(partitions, setting),
    reconciled(partitions),
    times(partitions, strict ? sum(BEAT, DOCUMENT_READ) : DOCUMENT_READ),
    times(batches, committed(partitions)),
    times(looking, DOCUMENT_READ),
    times(copying, sum(fenceSeen, used({ writes: 1, bytesIn: APPLY_BYTES, bytesOut: 24 }))),
    copiedBytes(sizes),
    times(partitions, stage === 'dualwrite' ? DOCUMENT_READ : OPEN_LISTED),
    strict ? times(partitions, sum(BEAT, DOCUMENT_WRITE, FENCE_READ, FENCE_WRITE, DOCUMENT_WRITE)) : NOTHING_USED,
    strict ? reconciled(partitions) : NOTHING_USED,
  )
  return carried(usage, partitions, batches, seconds, setting)
}

export function validateEstimate(sizes: CollectionSizes, zeroLoss: boolean, setting: RunSetting): RunEstimate {
  const partitions = sizes.copies.length
  const found = validationBatches(copiesOf(sizes), paceOf(sizes, setting))
  // After the last comparison the marks are looked at once more, in a batch of their own.
  const batches = found.batches + (zeroLoss ? 1 : 0)
  const usage = sum(
    started(partitions, setting),
    used({ reads: 2, bytesIn: 70, bytesOut: 40 }),
    times(partitions, used({ documentReads: 2 })),
    zeroLoss ? sum(reconciled(partitions), times(partitions, BEAT)) : NOTHING_USED,
    comparedUsage(sizes, found),
    times(batches, sum(committed(partitions), zeroLoss ? times(partitions, BEAT) : NOTHING_USED)),
    zeroLoss ? sum(reconciled(partitions), CONCLUDED) : NOTHING_USED,
  )
  return carried(usage, partitions, batches, found.seconds, setting)
}

/** `quietMs`: until the last instance has heard of the end; `keys` before and after the removal. */
export function cleanUpEstimate(sizes: CollectionSizes, quietMs: number, setting: RunSetting): RunEstimate {
  const partitions = sizes.copies.length
  const copies = copiesOf(sizes)
  const kept = sizes.records + LEDGER_KEYS
  const removed = copies + 2 * partitions
  const scans = (keys: number): number => Math.ceil(keys / PURGE_SCAN_KEYS)
  // Each of two patterns is looked for until a whole round over the keys has found nothing; fences go one by one at worst.
  const rounds = scans(kept + removed) + 3 * scans(kept)
  const deletions = scans(kept + removed) + 1 + Math.min(partitions, scans(kept))
  const batches = 1 + rounds
  const usage = sum(
    started(partitions, setting),
    GUARDED,
    times(2, reconciled(partitions)),
    times(partitions, sum(FENCE_WRITE, DOCUMENT_WRITE, DOCUMENT_WRITE)),
    times(batches, committed(partitions)),
    used({ reads: rounds, bytesIn: 80 * rounds, bytesOut: 20 * rounds }),
    used({ writes: deletions }),
    used({ bytesIn: metaKeyBytes(sizes), bytesOut: metaKeyBytes(sizes) }),
  )
  const estimate = carried(usage, partitions, batches, copies / REMOVED_PER_SECOND, setting)
  if (quietMs < REST_LEFT_TO_QUEUE_MS) return { ...estimate, seconds: estimate.seconds + quietMs / 1000 }
  return {
    ...estimate,
    usage: sum(estimate.usage, handedOn(partitions)),
    deliveries: estimate.deliveries + 1,
    seconds: estimate.seconds + quietMs / 1000,
  }
}

/** Keys that a purge removes in a second: each SCAN with its removal is a trip or two. */
const REMOVED_PER_SECOND = 5_000
/** Keys that one SCAN looks at; as many as the purge asks for. */
const PURGE_SCAN_KEYS = 500
/** Runs, plans, streams: what the ledger holds by then, roughly. */
const LEDGER_KEYS = 40
/** Longer rests end the delivery, and the queue brings the next. */
const REST_LEFT_TO_QUEUE_MS = 5_000

/** The listing of open copies, and a look at those (nobody writes: there are none). */
const OPEN_LISTED: Usage = used({ reads: 2, documentReads: 1, bytesIn: 150, bytesOut: 270 })
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

/**
 * A delivery reads the run, takes its lease, looks whether any record is set aside, and whether clients use any of the
 * collections.
 */
function delivered(partitions: number): Usage {
  const read = ledgerRead(runBytes(partitions))
  const looks = times(2, ledgerRead(20))
  return sum(read, committed(partitions), looks, used({ messages: 1 }))
}

function handedOn(partitions: number): Usage {
  return sum(committed(partitions), delivered(partitions))
}

/** The run from its first message to its end: deliveries, the looks that keep it out of the way, and the end's commit. */
function carried(usage: Usage, partitions: number, batches: number, seconds: number, setting: RunSetting): RunEstimate {
  const more = Math.max(0, Math.ceil(seconds / DELIVERY_SECONDS) - 1)
  const ended = ledgerCommit(runBytes(partitions) + ENTRY_BYTES)
  const asked = Math.floor(seconds / IN_USE_ASKED_SECONDS)
  const carriage = sum(
    delivered(partitions),
    times(more, handedOn(partitions)),
    times(asked, ledgerRead(20)),
    times(setting.yielding ? LOOKS_OF_A_BATCH * batches : 0, FENCE_READ),
    ended,
    WAITED_FOR,
  )
  return { usage: sum(usage, carriage), batches, deliveries: 1 + more, seconds }
}

/** Whether a rollback waits for the end of this run (`afterRun` of `lib/engine/rollback/turn.ts`). */
const WAITED_FOR: Usage = ledgerRead(20)

/** How often a run asks whether clients use the application; its looks at the target while they do. */
const IN_USE_ASKED_SECONDS = 5
const LOOKS_OF_A_BATCH = 1

function paceOf(sizes: CollectionSizes, { recordsPerSecond, yielding }: RunSetting): Pace {
  const copies = Math.max(1, copiesOf(sizes))
  const keyBytes = 2 * (sizes.collection.length + sizes.idBytes / copies) + KEY_PREFIX_BYTES
  return { recordsPerSecond, yielding, keyBytes, bytesPerRecord: sizes.valueBytes / copies }
}

/** Of a value's and a version's key: `:`, `cutover:m:` and `:`. */
const KEY_PREFIX_BYTES = 12

/** Each copy goes as two keys, its meta and its value; the answer is a letter. */
function copiedBytes(sizes: CollectionSizes): Usage {
  const { collection, idBytes, wireBytes } = sizes
  const copies = copiesOf(sizes)
  // Prefixes and colons of the keys, quotes and commas of four texts, a meta without a name of an operation.
  const fixed = 2 * collection.length + 12 + 10 + 6
  return used({ bytesIn: wireBytes + 2 * idBytes + copies * fixed, bytesOut: copies })
}

/** Each copy is named by two keys; a stretch by its ends, counts and hash. No value travels. */
function comparedUsage(sizes: CollectionSizes, { rounds, commands, stretches }: ValidationBatches): Usage {
  const { collection, idBytes } = sizes
  const copies = copiesOf(sizes)
  const perCopy = 2 * collection.length + 12 + 6
  const perStretch = 2 * (idBytes / Math.max(1, copies)) + STRETCH_BYTES
  const fences = sizes.copies.length * COMPARED_FENCE_BYTES
  return sum(
    used({ writes: commands, bytesIn: 2 * idBytes + copies * perCopy + stretches * perStretch }),
    times(commands, used({ bytesIn: SCRIPT_CALL_BYTES + fences / 8, bytesOut: fences })),
    times(rounds * sizes.copies.length, DOCUMENT_READ),
  )
}

/** Bytes of the first batch and of the first comparison, which go twice: at first without the script's text. */
export function sentAgain(sizes: CollectionSizes): number {
  const copies = Math.max(1, copiesOf(sizes))
  const share = (count: number): number => Math.min(1, count / copies)
  const compared = comparedUsage(sizes, { batches: 1, rounds: 1, commands: 1, stretches: 1, seconds: 0 }).bytesIn
  return copiedBytes(sizes).bytesIn * share(BATCH_START) + compared * share(COMPARED_AT_ONCE)
}

/** Two ends, two counts and a hash, with their quotes. */
const STRETCH_BYTES = 64
const COMPARED_FENCE_BYTES = 240
const SCRIPT_CALL_BYTES = 120
/** Copies of one command. */
const COMPARED_AT_ONCE = 2_048

function metaKeyBytes({ collection, copies, idBytes }: CollectionSizes): number {
  return idBytes + copiesOf({ copies }) * (collection.length + 14)
}
