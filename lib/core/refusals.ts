import type { ForbiddenReason } from './rollback/forbidden.js'
import type { Refusal } from './transition.js'

/** Why a stage change is not made. */
export type StageRefusal = Refusal | ForbiddenReason | 'epoch-moved'

/** What a refused act was about, as far as it is known. */
export interface RefusedAct {
  collection?: string | undefined
  from?: string | undefined
  to?: string | undefined
  /** As the refusal has them; `message` is a sentence of its own. */
  details?: { readonly [name: string]: unknown } | undefined
}

/** Why an act was refused, in a sentence that names the fault and the mend. A literal that is not known is told as it is. */
export function refusalInWords(reason: string, act: RefusedAct = {}): string {
  return isKnownRefusal(reason) ? IN_WORDS[reason](act) : `It was refused: ${reason}.`
}

export function isKnownRefusal(reason: string): reason is KnownRefusal {
  return Object.hasOwn(IN_WORDS, reason)
}

type KnownRefusal =
  | StageRefusal
  | 'degrade-not-enabled'
  | 'nothing-to-recover'
  | 'not-stopped'
  | 'changed-meanwhile'
  | 'running'
  | 'not-running'
  | 'nothing-new'
  | 'too-many-experiments'
  | 'cohort-gets-nobody'
  | 'shares-differ'
  | 'subjects-kept'
  | 'measured-here'
  | 'revision-moved'
  | 'shipped'

const IN_WORDS: { readonly [reason in KnownRefusal]: (act: RefusedAct) => string } = {
  'already-there': ({ to, ...act }) =>
    `${nameOf(act)} stands ${to === undefined ? 'there' : `at ${to}`} already, with this share or more: there is nothing to be done.`,
  'no-such-step': ({ from, to, ...act }) =>
    `${nameOf(act)} cannot go${from === undefined ? '' : ` from ${from}`}${to === undefined ? ' there' : ` to ${to}`} in one step for every record: go one stage at a time.`,
  'target-not-full': (act) =>
    `It is not known that the target has every record of ${nameOf(act)}: let a back-fill complete in shadow, then ask again.`,
  'source-not-full': (act) =>
    `The source may lack records of ${nameOf(act)} that only the target has: let a back-fill complete in live, then ask again.`,
  'collection-finished': (act) =>
    `${nameOf(act)} is cleaned up, and there is no way back by stages: restore an export or a back-up instead.`,
  'epochs-exhausted': (act) =>
    `${nameOf(act)} has been moved as often as versions can count, and can be moved no more: export its documents and begin a new collection.`,
  'override-in-force': ({ to, details, ...act }) =>
    `The environment forbids that ${nameOf(act)} goes${to === undefined ? ' further' : ` to ${to}`} (${variableOf(details)}): change the variable and deploy again.${said(details)}`,
  'emergency-stopped': ({ details }) =>
    `Everything is stopped, and nothing advances: lift the stop (lift-emergency-stop) when that is safe.${said(details)}`,
  'rollback-under-way': ({ details, ...act }) =>
    `${nameOf(act)} is being rolled back: wait for its end, or stop the rollback (stop-rollback).${said(details)}`,
  'zero-loss-not-proved': ({ details, ...act }) =>
    `The source of ${nameOf(act)} may not be given up: it is not proved that the target has everything that was acknowledged.${said(details) || ' Run check-zero-loss in rampdown, or take the risk by name (acceptRisk).'}`,
  'epoch-moved': ({ details, ...act }) =>
    `${nameOf(act)} was moved by somebody else since you looked, and nothing of this was done: look again, and decide on what you see.${said(details)}`,
  'degrade-not-enabled': () =>
    'Leaving a store behind is switched off here: set CUTOVER_LEAVE_BEHIND to true and deploy again, or bring the store back.',
  'nothing-to-recover': (act) =>
    `${nameOf(act)} stands before shadow or is cleaned up, where a target that lost data is no loss: there is nothing to be recovered.`,
  'not-stopped': () => 'No emergency stop stands: there is nothing to be lifted.',
  'changed-meanwhile': () =>
    'Somebody else changed it since you looked, and nothing of this was done: look again, and say it again if it is still wanted.',
  running: () => 'It is running, and cannot be changed while it does: stop it first.',
  'not-running': () => 'It is not running: start it first.',
  'nothing-new': () => 'Nothing has come in since the last analysis: ask again when there are new events.',
  'too-many-experiments': () => 'There are as many experiments as there may be: delete one that has ended.',
  'cohort-gets-nobody': () =>
    'A cohort would get nobody, by the rollout of the flag or the stage of the collection: raise that first.',
  'shares-differ': () => 'The shares differ from those of the flag that deals the cohorts: make them the same.',
  'subjects-kept': () => 'Its subjects are kept until an hour after the stop: ask again then.',
  'measured-here': () => 'The component is measured by this service itself: record metrics of other components only.',
  'revision-moved': () =>
    'Somebody else changed the rule since you looked, and nothing of this was done: look again, and change what you see.',
  shipped: () =>
    'The rule comes with the service and cannot be deleted: disarm it, or put one of its name in its place.',
}

function nameOf({ collection }: Pick<RefusedAct, 'collection'>): string {
  return collection ?? 'The collection'
}

function variableOf(details: RefusedAct['details']): string {
  const { variable, value } = details ?? {}
  return typeof variable === 'string' ? `${variable}=${String(value)}` : 'a variable that is set'
}

/** What the refusal itself has to say of it. */
function said(details: RefusedAct['details']): string {
  const message = details?.message
  if (typeof message !== 'string' || message === '') return ''
  return ` ${message}${/[.!?]$/.test(message) ? '' : '.'}`
}
