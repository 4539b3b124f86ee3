import type { Differing } from '../../core/compare/causes.js'
import { type Validated, validatedBy } from '../../core/compare/consistency.js'
import { isEnded, type Run } from '../../core/run.js'
import type { Ledger, Look } from '../../ports/ledger.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'
import { lookingAhead } from '../look-ahead.js'
import { type LatestRun, latestRunId, latestRunKey, listRuns, readRun, runKey } from '../runs/store.js'
import { keptMismatches, mismatchKey } from './mismatches.js'
import { latestZeroLoss, type ZeroLoss, zeroLossKey } from './zero-loss.js'

/** What is known of how the stores of a collection agree. */
export interface Consistency {
  collection: string
  /** The latest validation that has ended, however it did. */
  latest: Validated | null
  /** The one that has not. */
  running: Run | null
  /** Of the latest, what differed: the first of what was kept. */
  differing: readonly Differing[]
  /** More differed than is in `differing`. */
  more: boolean
  /** A back-fill that began after the latest validation and has succeeded: it may have mended some of what differed. */
  passedSince: Run | null
  zeroLoss: ZeroLoss | null
}

type Context = Pick<EngineContext, 'ledger' | 'clock'>

/** Mismatches of one collection that are looked at. */
export const LOOKED_AT_MAX = 100

/**
 * Of several collections at once. It asks the ledger three times at most, however many they are: for what is newest,
 * for those runs, and for mismatches where there are any.
 */
export async function consistencyOf(context: Context, collections: readonly Collection[]): Promise<Consistency[]> {
  const pointers = ahead(context, collections.flatMap(pointersOf))
  const newest = await Promise.all(collections.map((collection) => newestOf(pointers, collection)))
  const runs = ahead(context, newest.flatMap(runsNamed))
  const known = await Promise.all(newest.map((one) => toldOf(runs, one)))
  const kept = ahead(context, known.flatMap(mismatchesOf))
  return Promise.all(known.map(async (one) => ({ ...one, ...(await differingOf(kept, one)) })))
}

/** A look takes a bounded number; for the rest the ledger is asked one by one. */
const AHEAD_MAX = 150

function ahead({ ledger, clock }: Context, looks: readonly Look[]): Ledger {
  return looks.length === 0 ? ledger : lookingAhead(ledger, looks.slice(0, AHEAD_MAX), clock)
}

function pointersOf({ name }: Collection): Look[] {
  return [latestRunKey(name, 'validate'), latestRunKey(name, 'backfill'), zeroLossKey(name)].map(read)
}

/** What is newest, by name. */
interface Newest {
  collection: string
  validate: LatestRun | null
  backfill: LatestRun | null
  zeroLoss: ZeroLoss | null
}

async function newestOf(ledger: Ledger, collection: Collection): Promise<Newest> {
  const { name } = collection
  const [validate, backfill, zeroLoss] = await Promise.all([
    latestRunId(ledger, name, 'validate'),
    latestRunId(ledger, name, 'backfill'),
    latestZeroLoss({ ledger }, collection),
  ])
  return { collection: name, validate, backfill, zeroLoss }
}

function runsNamed({ validate, backfill }: Newest): Look[] {
  const ids = [validate?.runId, validate?.before, validate === null ? null : backfill?.runId]
  return ids.flatMap((id) => (id == null ? [] : [read(runKey(id))]))
}

type Told = Omit<Consistency, 'differing' | 'more'>

async function toldOf(ledger: Ledger, { collection, validate, backfill, zeroLoss }: Newest): Promise<Told> {
  if (validate === null) return { collection, latest: null, running: null, passedSince: null, zeroLoss }
  const { run } = await readRun(ledger, validate.runId)
  const ended = isEnded(run.status) ? run : await before(ledger, collection, validate)
  const pass = ended === null || backfill === null ? null : (await readRun(ledger, backfill.runId)).run
  const since = pass !== null && pass.status === 'succeeded' && pass.createdAt >= (ended?.endedAt ?? 0)
  return {
    collection,
    latest: ended === null ? null : validatedBy(ended),
    running: ended === run ? null : run,
    passedSince: since ? pass : null,
    zeroLoss,
  }
}

/** The validation that ended before the one that is under way began. */
async function before(ledger: Ledger, collection: string, { runId, before: id }: LatestRun): Promise<Run | null> {
  if (id !== undefined) return id === null ? null : (await readRun(ledger, id)).run
  const runs = await listRuns(ledger, { collection, active: false, limit: RUNS_MAX })
  return runs.find((one) => one.kind === 'validate' && one.id !== runId && isEnded(one.status)) ?? null
}

/** Runs that are looked through where a validation does not know the one before it. */
const RUNS_MAX = 1_000

function mismatchesOf({ latest }: Told): Look[] {
  if (latest === null || latest.mismatched === 0) return []
  return [{ kind: 'list', prefix: mismatchKey(latest.run.id, ''), after: null, limit: LOOKED_AT_MAX }]
}

async function differingOf(ledger: Ledger, { latest }: Told): Promise<Pick<Consistency, 'differing' | 'more'>> {
  if (latest === null || latest.mismatched === 0) return { differing: [], more: false }
  const { items } = await keptMismatches(ledger, latest.run.id, null, LOOKED_AT_MAX)
  return { differing: items, more: items.length < latest.mismatched }
}

function read(key: string): Look {
  return { kind: 'read', key }
}
