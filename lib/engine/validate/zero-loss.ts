import { weighZeroLoss } from '../../core/checkpoint/weigh-zero-loss.js'
import { slotsWhere } from '../../core/fence.js'
import type { Json } from '../../core/json.js'
import type { Run } from '../../core/run.js'
import { isStrict, type Stage, sourceNumbers } from '../../core/stage.js'
import type { Entry, Ledger } from '../../ports/ledger.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'
import { deadLetterKey } from '../runs/store.js'
import { furthest, pairsOf } from '../stages/move.js'
import { reconcile, type Standing } from '../stages/reconcile.js'
import { stateEntry } from '../state/journal.js'
import type { ZeroLossFacts } from './zero-loss-marks.js'

/**
 * Whether the target holds every record that was ever acknowledged, and how that is known.
 *
 * What it rests on: from shadow on nothing is acknowledged that the target does not have, and what was acknowledged
 * before was shown to be there by a complete pass (the full flags, or the later stages, which need them) and, here, by
 * comparing every copy of the source with the target's. It holds for the moment of the check and for as long as the
 * target loses nothing and the collection does not go back to dualwrite; the epoch tells whether its stage has changed.
 *
 * What it is not: a promise about records that somebody wrote past cutover, into either store.
 */
export interface ZeroLoss {
  proved: boolean
  /** Sentences: how it is known; or, if it is not proved, all that is missing. */
  because: string[]
  collection: string
  stage: Stage
  epoch: number
  /** Of each partition. */
  epochs: number[]
  /** Copies of the source, tombstones too, that the target was seen to have, or to have later ones of. */
  records: number
  /** Wall-clock milliseconds. */
  checkedAt: number
  runId: string
}

/** The conclusion of a run with `zeroLoss`, from its counters and from how both stores stand now; kept in the ledger. */
export async function concludeZeroLoss(
  context: EngineContext,
  collection: Collection,
  run: Run,
  facts: ZeroLossFacts,
): Promise<ZeroLoss> {
  const standings: Standing[] = []
  for (const [source, target] of pairsOf(collection)) standings.push(await reconcile(source, target))
  const fences = standings.map(({ source }) => source.fence)
  const { items: letters } = await context.ledger.list(deadLetterKey(collection.name, ''), null, 1)
  const reasons = [
    sameEpoch(standings, facts),
    fullTarget(standings),
    notSetBack(run),
    everyCopy(run),
    letters.length === 0
      ? { holds: true, says: 'No record of the collection is set aside as a dead letter.' }
      : { holds: false, says: 'Records are set aside as dead letters; retry or drop them first.' },
  ]
  const proved = reasons.every(({ holds }) => holds)
  const zeroLoss: ZeroLoss = {
    proved,
    because: reasons.filter(({ holds }) => holds === proved).map(({ says }) => says),
    collection: collection.name,
    stage: furthest(fences).stage,
    epoch: Math.max(...fences.map(({ epoch }) => epoch)),
    epochs: fences.map(({ epoch }) => epoch),
    records: run.counters.covered ?? 0,
    checkedAt: context.clock.now(),
    runId: run.id,
  }
  // A check that was asked for with others tells of itself.
  await keep(context.ledger, zeroLoss, run.createdAt, run.input.checkpoint === true ? [] : [entryOf(run, zeroLoss)])
  return zeroLoss
}

/** The conclusion of the latest check of a collection; `null`: there was none. */
export async function latestZeroLoss(
  { ledger }: Pick<EngineContext, 'ledger'>,
  collection: Pick<Collection, 'name'>,
): Promise<ZeroLoss | null> {
  const held = await ledger.read(zeroLossKey(collection.name))
  return held === null ? null : (held.value as unknown as Kept).zeroLoss
}

interface Reason {
  holds: boolean
  says: string
}

function sameEpoch(standings: readonly Standing[], { epochs }: ZeroLossFacts): Reason {
  const holds = standings.every(({ source, target }, number) => {
    const { epoch } = source.fence
    return target.fence?.epoch === epoch && epochs[number] === epoch && !target.hold && !source.hold
  })
  return holds
    ? { holds, says: 'The fences of both stores stood at one epoch before and after the comparison.' }
    : { holds, says: 'The stage changed during the comparison, or the fences of the stores do not agree. Check again.' }
}

function fullTarget(standings: readonly Standing[]): Reason {
  let flagged = 0
  let missing = 0
  // The source's flags: the target may not have heard of them, and is none the emptier for it.
  for (const { fence } of standings.map(({ source }) => source)) {
    flagged += slotsWhere(fence, ({ stage, fullTarget }) => isStrict(stage) && fullTarget)
    missing += slotsWhere(fence, ({ stage, fullTarget }) => sourceNumbers(stage) || (isStrict(stage) && !fullTarget))
  }
  if (missing > 0) {
    return {
      holds: false,
      says: 'Some records are not yet known to be at the target: run a back-fill in shadow or live.',
    }
  }
  const says =
    flagged > 0
      ? 'A complete pass has shown the target to be full, and no write is acknowledged without the target.'
      : 'The target is the store that acknowledges every write, and was full when it became so.'
  return { holds: true, says }
}

function notSetBack({ counters }: Run): Reason {
  const holds = (counters.setBacks ?? 0) === 0
  return holds
    ? { holds, says: 'The target kept every mark that was set between the batches: it was not set back meanwhile.' }
    : { holds, says: 'The target was set back to an earlier state during the comparison: it has lost writes.' }
}

function everyCopy({ counters }: Run): Reason {
  const { covered = 0, uncovered = 0 } = counters
  return uncovered === 0
    ? {
        holds: true,
        says: `Each of the ${covered} copies of the source, deletions too, is at the target or was overtaken there.`,
      }
    : { holds: false, says: `${uncovered} copies of the source were not at the target; repair them and check again.` }
}

interface Kept {
  zeroLoss: ZeroLoss
  runCreatedAt: number
}

const ATTEMPTS_MAX = 5

/** A worker that was frozen must not put an earlier run's conclusion over a later one's. */
async function keep(
  ledger: Ledger,
  zeroLoss: ZeroLoss,
  runCreatedAt: number,
  entries: readonly Entry[],
): Promise<void> {
  const key = zeroLossKey(zeroLoss.collection)
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = await ledger.read(key)
    const kept = held === null ? null : (held.value as unknown as Kept)
    if (kept !== null && kept.runCreatedAt > runCreatedAt) return
    const isTold = kept?.zeroLoss.runId === zeroLoss.runId // by a delivery that did not come to the run's end
    const value = { zeroLoss, runCreatedAt } as unknown as Json
    const answer = await ledger.commit([{ key, ifRevision: held?.revision ?? null, value }], isTold ? [] : entries)
    if (answer.kind === 'committed') return
  }
}

/** A zero-loss check is a checkpoint, whoever has asked for it. */
function entryOf({ id, by, reason, counters }: Run, zeroLoss: ZeroLoss): Entry {
  const { uncovered = 0, setBacks = 0 } = counters
  const { collection: component, checkedAt: at, epochs: _, ...found } = zeroLoss
  const finding = weighZeroLoss({ ...found, uncovered, setBacks })
  const of = { component, id, checkId: id, phase: null, name: null, kind: 'zero-loss', runId: id }
  return stateEntry('validation-checkpoint', { at, ...of, ...finding, rule: { kind: 'zero-loss' }, by, reason })
}

export function zeroLossKey(collection: string): string {
  return `zero-loss/${collection}`
}
