import type { Compared, Stretch } from '../../core/compare/stretch.js'
import { versionOf } from '../../core/copy.js'
import type { Run } from '../../core/run.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'
import { learn, type PartitionState } from '../data-plane/partition.js'
import { examine } from './examine.js'
import { readSights, readSource } from './listing.js'
import { keepMismatch } from './mismatches.js'
import { type Mended, repair } from './repair.js'
import type { ValidateInput } from './run-input.js'
import { isFinished } from './sight.js'
import { addTallies, NOTHING_TALLIED, type Tally, tallyAgreed, tallyMended } from './tally.js'

interface Comparing {
  context: EngineContext
  collection: Collection
  states: readonly PartitionState[]
  run: Run
  input: ValidateInput
  /** Records read at a time where the stores differ. */
  limit: number
  /** Whether there is time for more than what is begun. */
  mayGoOn: () => boolean
}

export interface Round {
  /** Position after what was compared; `null`: the end. */
  after: string | null
  tally: Tally
  /** The target agreed in all of it. */
  agreed: boolean
}

/**
 * Compares about `wanted` records above `after`. The target itself compares what the source has, stretch by stretch:
 * where it holds exactly that, every record matches, in every stage, since both stores hold the same version by the
 * same operation with the same value. Where it does not, or cannot tell, the stretch is read from both stores and each
 * record is judged as if nobody had been asked. So a stretch that differs for no good reason (a write under way) costs
 * time and nothing else.
 */
export async function compareRound(
  comparing: Comparing,
  after: string | null,
  wanted: number,
  mismatched: number,
): Promise<Round | 'finished'> {
  const { collection, states, input } = comparing
  const source = await readSource(states, after, wanted)
  const { compared, fences } = await collection.target.compare(source, source.copies)
  states.forEach((state, number) => {
    learn(state, fences[number] ?? null)
  })
  if (isFinished(states)) return 'finished'
  let tally = addTallies(NOTHING_TALLIED, { ...NOTHING_TALLIED, counters: { stretches: compared.length } })
  let first = 0
  let agreed = true
  for (const { same, records, ...stretch } of joined(compared)) {
    const copies = source.copies.slice(first, first + records)
    first += records
    if (same) {
      tally = addTallies(tally, tallyAgreed(copies, input.zeroLoss))
      continue
    }
    agreed = false
    const found = await inspect(comparing, stretch, mismatched + (tally.counters.mismatched ?? 0))
    if (found === 'finished') return found
    tally = addTallies(tally, found.tally)
    if (found.after !== stretch.until) return { after: found.after, tally, agreed }
  }
  return { after: source.until, tally, agreed }
}

/** Neighbours with one answer, as one. */
function joined(compared: readonly Compared[]): Compared[] {
  const all: Compared[] = []
  for (const one of compared) {
    const last = all.at(-1)
    if (last?.same !== one.same) all.push(one)
    else all[all.length - 1] = { ...last, until: one.until, records: last.records + one.records }
  }
  return all
}

/** Reads the stretch from both stores, as far as there is time, and one page at least. */
async function inspect(
  comparing: Comparing,
  stretch: Stretch,
  mismatched: number,
): Promise<Omit<Round, 'agreed'> | 'finished'> {
  const { context, collection, states, run, input, limit } = comparing
  const examining = { clock: context.clock, diff: { redaction: input.redaction }, help: true }
  let { after } = stretch
  let tally = NOTHING_TALLIED
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const page = await readSights(collection, states, { ...stretch, after }, limit)
    if (isFinished(states)) return 'finished'
    const examined = await examine(examining, page.sights)
    const mended = input.repair
      ? await repair(examining, examined)
      : examined.map((one) => ({ ...one, repaired: false, now: one.look }))
    const before = mismatched + (tally.counters.mismatched ?? 0)
    await keepSome(context, run, mended, input.mismatchesKept - before)
    const found = tallyMended(mended, input.zeroLoss)
    const counters = { ...found.counters, unlisted: page.unlisted ? 1 : 0 }
    tally = addTallies(tally, { ...found, counters })
    after = page.after
    if (after === stretch.until || !comparing.mayGoOn()) break
  }
  return { after, tally }
}

/** Pages of one stretch; the time for a batch ends it long before. */
const PAGES_MAX = 10_000

async function keepSome(
  { ledger, clock }: EngineContext,
  run: Run,
  mended: readonly Mended[],
  room: number,
): Promise<void> {
  let left = room
  for (const { id, look, verdict, repaired } of mended) {
    if (verdict.kind !== 'mismatch' || left-- <= 0) continue
    const { reason, differences, more } = verdict
    await keepMismatch(ledger, {
      runId: run.id,
      collection: run.collection,
      id,
      reason,
      stage: look.stage,
      sourceVersion: versionOf(look.source),
      targetVersion: versionOf(look.target),
      differences,
      more,
      repaired,
      at: clock.now(),
    })
  }
}
