import { type Cause, causesOf } from '../../core/compare/causes.js'
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
  collection: Collection
  /** The latest validation that has ended, however it did. */
  latest: Validated | null
  /** The one that has not. */
  running: Run | null
  /** Of the latest, why records differed: told from the first that were kept. */
  causes: readonly Cause[]
  /** More differed than the causes were told from. */
  more: boolean
  /** A back-fill that began after the latest validation and has succeeded: it may have mended some of what differed. */
  passedSince: Run | null
  zeroLoss: ZeroLoss | null
}

type Context = Pick<EngineContext, 'ledger' | 'clock' | 'dataPlane'>

/** Mismatches of one collection that are looked at. */
export const LOOKED_AT_MAX = 100

/**
 * Of several collections at once. It asks the ledger three times at most, however many they are: for what is newest,
 * for those runs, and once for the mismatches of a validation that found some.
 */
export async function consistencyOf(context: Context, collections: readonly Collection[]): Promise<Consistency[]> {
  const pointers = ahead(context, collections.flatMap(pointersOf))
  const newest = await Promise.all(collections.map((collection) => newestOf(pointers, collection)))
  const runs = ahead(context, newest.flatMap(runsNamed))
  const known = await Promise.all(newest.map((one) => toldOf(runs, one)))
  const remembered = rememberedBy(context)
  const kept = ahead(
    context,
    known.flatMap((one) => (recalled(remembered, one) === null ? mismatchesOf(one) : [])),
  )
  return Promise.all(known.map(async (one) => ({ ...one, ...(await causesIn(kept, remembered, one)) })))
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
  collection: Collection
  validate: LatestRun | null
  backfill: LatestRun | null
  zeroLoss: ZeroLoss | null
}

async function newestOf(ledger: Ledger, collection: Collection): Promise<Newest> {
  const [validate, backfill, zeroLoss] = await Promise.all([
    latestRunId(ledger, collection.name, 'validate'),
    latestRunId(ledger, collection.name, 'backfill'),
    latestZeroLoss({ ledger }, collection),
  ])
  return { collection, validate, backfill, zeroLoss }
}

function runsNamed({ validate, backfill }: Newest): Look[] {
  const ids = [validate?.runId, validate?.before, validate === null ? null : backfill?.runId]
  return ids.flatMap((id) => (id == null ? [] : [read(runKey(id))]))
}

type Told = Omit<Consistency, 'causes' | 'more'>

async function toldOf(ledger: Ledger, { collection, validate, backfill, zeroLoss }: Newest): Promise<Told> {
  if (validate === null) return { collection, latest: null, running: null, passedSince: null, zeroLoss }
  const { run } = await readRun(ledger, validate.runId)
  const ended = isEnded(run.status) ? run : await before(ledger, collection.name, validate)
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

type Causes = Pick<Consistency, 'causes' | 'more'>

async function causesIn(ledger: Ledger, remembered: Remembered, told: Told): Promise<Causes> {
  const known = recalled(remembered, told)
  if (known !== null) return known
  if (told.latest === null) return { causes: [], more: false }
  const { run, mismatched, undecided } = told.latest
  const differing = mismatched === 0 ? [] : (await keptMismatches(ledger, run.id, null, LOOKED_AT_MAX)).items
  const more = differing.length < mismatched
  const found = { causes: causesOf(differing, { undecided, more }), more }
  remembered.set(told.collection.name, { runId: run.id, found })
  return found
}

/** By collection: the latest of each, and no more. */
type Remembered = Map<string, { runId: string; found: Causes }>

/** What a validation that has ended has kept stays as it is, and a page asks for it again and again. */
const MEMORY = new WeakMap<EngineContext['dataPlane'], Remembered>()

/** Of this instance, however its context was wrapped for one answer. */
function rememberedBy({ dataPlane }: Context): Remembered {
  const remembered = MEMORY.get(dataPlane) ?? new Map()
  MEMORY.set(dataPlane, remembered)
  return remembered
}

function recalled(remembered: Remembered, { collection, latest }: Told): Causes | null {
  const known = remembered.get(collection.name)
  return latest !== null && known?.runId === latest.run.id ? known.found : null
}

function read(key: string): Look {
  return { kind: 'read', key }
}
