import { type Fence, slotsWhere } from './fence.js'

/**
 * How far away the way back is: until reads come from the source again and nothing that was acknowledged is missing.
 */
export type RollbackReadiness = (
  | {
      /** The operator's call is all it takes. `nothing-to-undo`: reads come from the source already. */
      kind: 'instant'
      because: 'nothing-to-undo' | 'source-is-full'
    }
  | {
      /**
       * First these records must be brought to the source; `null`: the target does not answer, so nobody knows how
       * many. `seconds` is an estimate from the last back-fill, if there is one: of a pass, which looks at every record
       * that the source has, too.
       */
      kind: 'after-pass'
      records: number | null
      seconds: number | null
    }
  | { kind: 'impossible'; because: 'cleaned-up' }
) & {
  /** The same for people: "instant", "1,204 records, about 8 s". */
  inWords: string
}

/** What the estimate is made from. */
export interface PassFacts {
  /** How many copies the source may lack; `null`: nobody knows. */
  open: number | null
  /** How many records the source lists, which a pass looks at as well. `null`: nobody knows. */
  listed: number | null
  /** Records a second of the last back-fill. */
  perSecond: number | null
}

/** A partition in which some slot reads from the target and the source is not known to be full needs a pass. */
export function rollbackReadiness(fences: readonly Fence[], facts: PassFacts): RollbackReadiness {
  if (fences.some(({ plain }) => plain))
    return { kind: 'impossible', because: 'cleaned-up', inWords: 'impossible: the collection is cleaned up' }
  const fromTarget = (fence: Fence): number =>
    slotsWhere(fence, ({ stage }) => stage === 'live' || stage === 'rampdown' || stage === 'complete')
  if (fences.every((fence) => fromTarget(fence) === 0))
    return { kind: 'instant', because: 'nothing-to-undo', inWords: 'instant' }
  if (sourceIsFull(fences)) return { kind: 'instant', because: 'source-is-full', inWords: 'instant' }
  const records = facts.open
  const seconds = secondsOfPass(facts)
  return { kind: 'after-pass', records, seconds, inWords: inWords(records, seconds) }
}

/** Nothing that was acknowledged is at the target alone. */
export function sourceIsFull(fences: readonly Fence[]): boolean {
  const lacking = (fence: Fence): number =>
    slotsWhere(
      fence,
      ({ stage, fullSource }) => (stage === 'live' && !fullSource) || stage === 'rampdown' || stage === 'complete',
    )
  return fences.every((fence) => lacking(fence) === 0)
}

/** How long a pass takes, in seconds; `null`: it cannot be told. */
export function secondsOfPass({ open, listed, perSecond }: PassFacts): number | null {
  if (open === null || listed === null || perSecond === null || perSecond === 0) return null
  return Math.ceil((open + listed) / perSecond)
}

function inWords(records: number | null, seconds: number | null): string {
  const much =
    records === null
      ? 'an unknown number of records'
      : `${records.toLocaleString('en-US')} ${records === 1 ? 'record' : 'records'}`
  return `${much}, ${seconds === null ? 'time unknown' : `about ${spanOf(seconds)}`}`
}

/** Seconds up to two minutes, then minutes, then hours. */
export function spanOf(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`
  if (seconds < 7_200) return `${Math.ceil(seconds / 60)} min`
  return `${Math.ceil(seconds / 3_600)} h`
}
