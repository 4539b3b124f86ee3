import { furthest, type Place } from '../../core/collection-move.js'
import { CutoverError } from '../../core/error.js'
import type { Plan, SourceControl } from '../../core/protocol/answers.js'
import type { Forbidden } from '../../core/rollback/forbidden.js'
import type { Stage } from '../../core/stage.js'
import type { Source, Target } from '../../ports/store.js'
import { sideBySide } from '../side-by-side.js'

/** Where a collection stands by the latest decision about it, whether that is carried out yet or not. */
export interface Stands extends Place {
  epoch: number
  /** Who decided it, when and why; `null`: a source that was out of reach then does not know. */
  decided: Pick<Plan, 'by' | 'reason' | 'at'> | null
}

/** Why an act that was asked for at another epoch was not done: what to tell whoever asked. */
export interface EpochMoved {
  kind: 'refused'
  reason: 'epoch-moved'
  from: Stage
  to: Stage
  details: Forbidden['details']
}

/** `targets`: the epochs of the targets, which may be ahead of a source that was left behind. */
export function standsAt(controls: readonly SourceControl[], targets: readonly number[] = []): Stands {
  const newest = controls.map(({ fence, plan }) =>
    plan !== null && plan.fence.epoch > fence.epoch ? plan.fence : fence,
  )
  const epoch = Math.max(...newest.map((fence) => fence.epoch), ...targets)
  const decided = controls.flatMap(({ plan }) => (plan?.fence.epoch === epoch ? [plan] : []))[0] ?? null
  return { ...furthest(newest), epoch, decided }
}

export async function readStands(sources: readonly Source[]): Promise<Stands> {
  return standsAt(await sideBySide(sources, (source) => source.control()))
}

/** With the targets: one that is ahead of a source that was left behind counts, one that does not answer is passed over. */
export async function readStandsOfBoth(pairs: readonly [Source, Target][]): Promise<Stands> {
  const both = await sideBySide(pairs, ([source, target]) =>
    Promise.all([source.control(), target.control().catch(unlessUnavailable)]),
  )
  return standsAt(
    both.map(([source]) => source),
    both.map(([, target]) => target?.fence?.epoch ?? 0),
  )
}

function unlessUnavailable(error: unknown): null {
  if (error instanceof CutoverError && error.code === 'unavailable') return null
  throw error
}

export function epochMoved(collection: string, ifEpoch: number, stands: Stands, to: Stage): EpochMoved {
  const { stage, percent, epoch, decided } = stands
  const details = {
    epoch,
    ifEpoch,
    stage,
    rolloutPercent: percent,
    by: decided?.by ?? null,
    at: decided === null ? null : new Date(decided.at).toISOString(),
    because: decided?.reason ?? null,
    message: `${inWords(collection, stands)} You looked at epoch ${ifEpoch}; nothing was done.`,
  }
  return { kind: 'refused', reason: 'epoch-moved', from: stage, to, details }
}

/** Of two who decide at the same moment one is told this. */
export function decidedBefore(collection: string, stands: Stands, to: Stage): CutoverError {
  const { epoch, stage, decided } = stands
  return new CutoverError(
    'conflict',
    `Somebody else was faster. ${inWords(collection, stands)} The step to ${to} was not taken: look again, and say it again if it is still wanted.`,
    { details: { reason: 'epoch-moved', epoch, stage, by: decided?.by ?? null } },
  )
}

function inWords(collection: string, { stage, percent, epoch, decided }: Stands): string {
  const where = `${percent < 100 ? `${percent} % of ${collection} stands` : `${collection} stands`} at ${stage}, epoch ${epoch}`
  if (decided === null) return `${where}.`
  return `${where}, as ${decided.by} decided at ${new Date(decided.at).toISOString()} (${decided.reason}).`
}
