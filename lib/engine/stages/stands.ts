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
  /** Where the latest decision leads; partitions that it has not come to yet stand elsewhere. */
  led: Place
  /** Who decided it, when and why; `null`: a source that was out of reach then does not know. */
  decided: Pick<Plan, 'by' | 'reason' | 'at' | 'from' | 'to'> | null
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
  const latest = Math.max(...newest.map((fence) => fence.epoch))
  const epoch = Math.max(latest, ...targets)
  const led = furthest(newest.filter((fence) => fence.epoch === latest))
  const plans = controls.flatMap(({ plan }) => (plan?.fence.epoch === epoch ? [plan] : []))
  // A partition that stood there already tells less than one that was moved.
  const decided = plans.find(({ from, to }) => from !== to) ?? plans[0] ?? null
  return { ...furthest(newest), epoch, led, decided }
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
  const { epoch, led, decided } = stands
  const details = {
    epoch,
    ifEpoch,
    stage: led.stage,
    rolloutPercent: led.percent,
    by: decided?.by ?? null,
    at: decided === null ? null : new Date(decided.at).toISOString(),
    because: decided?.reason ?? null,
    message: `${inWords(collection, stands)} You looked at epoch ${ifEpoch}; nothing was done.`,
  }
  return { kind: 'refused', reason: 'epoch-moved', from: stands.stage, to, details }
}

/** Of two who decide at the same moment one is told this. */
export function decidedBefore(collection: string, stands: Stands, to: Stage): CutoverError {
  const what = `Nothing of the step to ${to} was done: look again, and say it again if it is still wanted.`
  return conflict(`Somebody else was faster. ${inWords(collection, stands)} ${what}`, stands)
}

/** Who was the first of two, and then was overtaken while the step was being carried out. */
export function overtaken(collection: string, stands: Stands, to: Stage): CutoverError {
  const what = 'Look again, and say it again if it is still wanted.'
  return conflict(
    `The step to ${to} was begun, and turned by somebody else. ${inWords(collection, stands)} ${what}`,
    stands,
  )
}

function conflict(message: string, { epoch, led, decided }: Stands): CutoverError {
  const details = { reason: 'epoch-moved', epoch, stage: led.stage, by: decided?.by ?? null }
  return new CutoverError('conflict', message, { details })
}

function inWords(collection: string, { led, epoch, decided }: Stands): string {
  if (decided === null) return `${collection} stands at ${led.stage}, epoch ${epoch}.`
  const { by, at, reason, from, to } = decided
  const did = from === to ? `changed the share of ${collection} at ${to}` : `moved ${collection} from ${from} to ${to}`
  return `${by} ${did} at ${new Date(at).toISOString()} (${reason}): that made epoch ${epoch}.`
}
