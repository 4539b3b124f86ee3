import { redactionOf } from '../../core/compare/redaction.js'
import type { Verdict } from '../../core/compare/verdict.js'
import { versionOf } from '../../core/copy.js'
import { CutoverError } from '../../core/error.js'
import { checkId } from '../../core/id.js'
import type { Stage } from '../../core/stage.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'
import { locate, partitionStates } from '../data-plane/partition.js'
import { type Examined, type Examining, examine } from './examine.js'
import { repair } from './repair.js'
import { lookAt } from './sight.js'

export interface ValidateIdsOptions {
  /** Paths whose values are not shown, such as `$.secret` (see `core/compare/redaction.ts`). */
  redact?: readonly string[]
  /** Bring mismatches to the same copy by a pass, and look again. */
  repair?: boolean
}

export interface IdOutcome {
  id: string
  /** `null` when no store could be asked. */
  stage: Stage | null
  /** 0: no copy and no tombstone. */
  sourceVersion: number
  targetVersion: number
  /** What was found; with `repaired`, what was found before. */
  verdict: Verdict
  repaired: boolean
}

export const IDS_MAX = 200

/**
 * Compares 1 to 200 records, at once, in the order given (an id given twice is answered once). A store that cannot
 * answer makes the outcome inconclusive, not an error.
 */
export async function validateIds(
  context: Pick<EngineContext, 'clock'>,
  collection: Collection,
  ids: readonly string[],
  options: ValidateIdsOptions = {},
): Promise<IdOutcome[]> {
  const wanted = [...new Set(ids)].map(checkId)
  if (wanted.length === 0 || ids.length > IDS_MAX) {
    throw new CutoverError('invalid-input', `Name 1 to ${IDS_MAX} ids, or validate the whole collection.`)
  }
  const diff = { redaction: redactionOf(options.redact ?? []) }
  const examining: Examining = { clock: context.clock, diff, help: true }
  const states = partitionStates(collection)
  try {
    const located = wanted.map((id) => ({ id, state: locate(collection, states, id).state }))
    const examined = await examine(examining, await lookAt(located))
    if (!options.repair) return examined.map((one) => outcomeOf(one, false))
    return (await repair(examining, examined)).map((one) => outcomeOf(one, one.repaired))
  } catch (error) {
    if (!(error instanceof CutoverError) || error.code !== 'unavailable') throw error
    const verdict: Verdict = { kind: 'inconclusive', reason: 'store-unavailable' }
    return wanted.map((id) => ({ id, stage: null, sourceVersion: 0, targetVersion: 0, verdict, repaired: false }))
  }
}

function outcomeOf({ id, look, verdict }: Examined, repaired: boolean): IdOutcome {
  const { stage, source, target } = look
  return { id, stage, sourceVersion: versionOf(source), targetVersion: versionOf(target), verdict, repaired }
}
