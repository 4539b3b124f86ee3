import { CutoverError } from '../error.js'
import { isStrict, type Stage, stageIndex } from '../stage.js'
import type { Procedure, ProcedureStep } from './procedure.js'
import { BUILT_IN } from './procedure.js'

export const PROCEDURE_NAME = /^[a-z][a-z0-9-]{0,63}$/
export const PROCEDURE_STEPS_MAX = 20
/** A day: what waits longer is no rollback. */
export const STEP_SECONDS_MAX = 86_400

/** Answers the procedure, or throws `invalid-input` with every fault; each names its step and the mend. */
export function checkProcedure(procedure: Procedure): Procedure {
  const faults = faultsOfProcedure(procedure)
  if (faults.length === 0) return procedure
  throw new CutoverError('invalid-input', `The procedure ${procedure.name} is not accepted. ${faults.join(' ')}`, {
    details: { faults },
  })
}

export function faultsOfProcedure({ name, for: kind, steps }: Procedure): string[] {
  const faults: string[] = []
  if (!PROCEDURE_NAME.test(name)) faults.push('The name is a small letter, then up to 63 of a-z, 0-9 and "-".')
  if (BUILT_IN.some((one) => one.name === name)) faults.push(`The name ${name} is that of a default: take another.`)
  if (steps.length === 0 || steps.length > PROCEDURE_STEPS_MAX) faults.push(`It has 1 to ${PROCEDURE_STEPS_MAX} steps.`)
  const wanted = kind === 'collection' ? 'move' : 'rollout'
  if (steps.length > 0 && !steps.some((step) => step.kind === wanted))
    faults.push(`It has no step of the kind "${wanted}", and so turns nothing back: add one.`)
  for (const [at, step] of steps.entries()) faults.push(...faultsOfStep(steps, at, step, kind))
  return faults
}

function faultsOfStep(
  steps: readonly ProcedureStep[],
  at: number,
  step: ProcedureStep,
  kind: Procedure['for'],
): string[] {
  const place = `Step ${at + 1} (${step.kind})`
  const before = steps.slice(0, at)
  switch (step.kind) {
    case 'move':
      return kind === 'flag' ? [ofFlag(place)] : moveFaults(place, before, step.to)
    case 'pass':
    case 'validate':
      return kind === 'flag' ? [ofFlag(place)] : inStrict(place, before, step.kind)
    case 'rollout':
      return kind === 'collection' ? [ofCollection(place)] : rolloutFaults(place, before, step.percent)
    case 'wait':
    case 'checkpoint':
      return secondsFaults(place, step.seconds)
  }
}

function ofFlag(place: string): string {
  return `${place} is for collections: a part that a flag switches takes rollout, wait and checkpoint.`
}

function ofCollection(place: string): string {
  return `${place} is for parts that a flag switches: a collection takes move, pass, validate, wait and checkpoint.`
}

function moveFaults(place: string, before: readonly ProcedureStep[], to: Stage): string[] {
  if (to === 'complete') return [`${place} leads to complete, and nothing stands beyond it: name a stage before.`]
  const last = lastMove(before)
  if (last !== null && stageIndex(to) >= stageIndex(last))
    return [`${place} leads to ${to} and comes after a move to ${last}: name a stage before ${last}, or drop it.`]
  const passed = before.some(({ kind }) => kind === 'pass')
  if (stageIndex(to) <= stageIndex('shadow') && !passed)
    return [
      `${place} leads to ${to}, and from rampdown and complete the source may lack something by then: put {"kind":"move","to":"live"} and {"kind":"pass","when":"needed"} before it.`,
    ]
  return []
}

/** Elsewhere a pass shows nothing that lasts, and stores may lawfully differ. */
function inStrict(place: string, before: readonly ProcedureStep[], kind: 'pass' | 'validate'): string[] {
  const last = lastMove(before)
  if (last !== null && isStrict(last)) return []
  const what = kind === 'pass' ? 'shows that the source has everything' : 'finds both stores alike'
  return [`${place} ${what} only in live and shadow: put {"kind":"move","to":"live"} before it.`]
}

function lastMove(before: readonly ProcedureStep[]): Stage | null {
  const last = before.findLast((step) => step.kind === 'move')
  return last?.kind === 'move' ? last.to : null
}

function rolloutFaults(place: string, before: readonly ProcedureStep[], percent: number): string[] {
  if (!(percent >= 0 && percent < 100)) return [`${place} leads to ${percent} %: name a share from 0 to below 100.`]
  const last = before.findLast((step) => step.kind === 'rollout')
  if (last?.kind === 'rollout' && percent >= last.percent)
    return [`${place} leads to ${percent} % and comes after ${last.percent} %: name a smaller share, or drop it.`]
  return []
}

function secondsFaults(place: string, seconds: number): string[] {
  if (seconds > 0 && seconds <= STEP_SECONDS_MAX) return []
  return [`${place} takes ${seconds} s: name more than 0 and at most ${STEP_SECONDS_MAX}.`]
}
