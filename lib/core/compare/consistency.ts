import { progressOf, type Run } from '../run.js'

/** What a validation that ended has come to. */
export interface Validated {
  run: Run
  /** Everything that either store lists was compared. */
  complete: boolean
  checked: number
  mismatched: number
  /** Of those mismatched; `null`: it was not counted when the run was made. */
  missing: number | null
  extra: number
  repaired: number
  /** Of those checked, what no verdict was come to of. */
  undecided: number
}

export function validatedBy(run: Run): Validated {
  const { compared = 0, mismatched = 0, missing, extra = 0, repaired = 0, inconclusive = 0 } = run.counters
  const { finished = 0, unlisted = 0 } = run.counters
  return {
    run,
    // What is cancelled, or fails before its end, has no result; what a listing could not show may be extra.
    complete: run.result !== null && finished + unlisted === 0,
    checked: compared,
    mismatched,
    missing: missing ?? (mismatched === 0 ? 0 : null),
    extra,
    repaired,
    undecided: inconclusive,
  }
}

/** What is known of how two stores agree, in one sentence. */
export function consistencyInWords(latest: Validated | null, running: Run | null): string {
  const parts = [...(latest === null ? [] : [found(latest)]), ...(running === null ? [] : [underWay(running, latest)])]
  return parts.length === 0 ? 'Never validated.' : `${parts.join('; ')}.`
}

function found({ run, complete, checked, mismatched, repaired, undecided }: Validated): string {
  const unknown = undecided === 0 ? '' : `, ${number(undecided)} could not be judged`
  if (!complete) {
    return `The latest validation ${endOf(run)} after ${records(checked)}, of which ${number(mismatched)} differed${unknown}`
  }
  if (checked === 0) return 'The latest validation found no record in either store'
  if (mismatched === 0)
    return undecided === 0
      ? `All ${records(checked)} agreed`
      : `${number(checked - undecided)} of ${records(checked)} agreed${unknown}`
  const mended = repaired === mismatched ? ', all repaired' : repaired > 0 ? `, ${number(repaired)} repaired` : ''
  return `${number(mismatched)} of ${records(checked)} differed${mended}${unknown}`
}

function endOf({ status, result, counters }: Run): string {
  if (status === 'cancelled') return 'was cancelled'
  if (result === null) return 'failed'
  return counters.finished ? 'ended early' : 'ended without reading everything,'
}

function underWay(run: Run, latest: Validated | null): string {
  const { done, total } = progressOf(run)
  const which = latest === null ? 'The first validation' : 'another'
  const at = total === null ? records(done) : `${number(done)} of ${records(total)}`
  return `${which} is ${run.status === 'paused' ? 'paused ' : ''}at ${at}`
}

function records(count: number): string {
  return `${number(count)} ${count === 1 ? 'record' : 'records'}`
}

function number(count: number): string {
  return count.toLocaleString('en-US')
}
