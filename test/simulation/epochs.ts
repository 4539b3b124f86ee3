import type { Collection } from '../../lib/engine/collection.js'
import { pairsOf } from '../../lib/engine/stages/move.js'
import { readStandsOfBoth } from '../../lib/engine/stages/stands.js'

/** Epochs from which a step was taken by somebody who had asked for it. */
export type TakenEpochs = Set<number>

export async function epochOfBoth(collection: Collection): Promise<number> {
  return (await readStandsOfBoth(pairsOf(collection))).epoch
}

/**
 * What is wrong with the answer to a step that was asked for at an epoch. One who asks is done from it at most, and a
 * refusal says that the collection stands elsewhere.
 */
export function faultOfStep(taken: TakenEpochs, ifEpoch: number, answer: StepAnswer): string | null {
  if (answer.kind === 'refused') {
    const isElsewhere = answer.reason !== 'epoch-moved' || answer.details?.epoch !== ifEpoch
    return isElsewhere ? null : `A step from epoch ${ifEpoch} was refused as if the collection stood elsewhere.`
  }
  if (answer.kind !== 'moved') return null
  if (answer.epoch !== undefined && answer.epoch <= ifEpoch)
    return `A step from epoch ${ifEpoch} led to ${answer.epoch}.`
  if (taken.has(ifEpoch)) return `Two steps were taken from epoch ${ifEpoch}.`
  taken.add(ifEpoch)
  return null
}

interface StepAnswer {
  kind: string
  epoch?: number
  reason?: string
  details?: { readonly [name: string]: unknown } | undefined
}
