import type { Json, JsonObject } from './json.js'
import type { Throttle } from './throttle.js'

/**
 * A run: a job over a whole collection (or some ids of it) in bounded batches, carried from one queue message to the
 * next. The document below is all there is of it: position, counts, who works on it, and the message that must follow
 * are committed together, so a crash at any moment loses at most one batch of work and no knowledge.
 */
export interface Run {
  id: string
  kind: RunKindName
  collection: string
  status: RunStatus
  by: string
  reason: string
  /** Why it stands where it stands; `null` while there is nothing to say. */
  note: string | null
  /** Wall-clock milliseconds. */
  createdAt: number
  endedAt: number | null
  /** The message that may work on this run carries this number; earlier ones are late and do nothing. */
  step: number
  /** Who works on it now. A worker whose token is not here any more cannot commit. */
  lease: { token: string; until: number } | null
  /** The message of `step` is due at `since`; the watch sends it again when nothing comes of it. */
  outbox: { since: number; sent: number } | null
  input: JsonObject
  /** Where to go on; what it means is the kind's affair. */
  cursor: Json
  counters: { [name: string]: number }
  done: number
  total: number | null
  /** Time spent in batches, in milliseconds. */
  workedMs: number
  batchSize: number
  /** Wall-clock milliseconds before which no batch begins: pacing, or a wait that belongs to the work. */
  restUntil: number | null
  /** What an operator did to it last; absent: nobody has. */
  steered?: { action: RunSteering; by: string; reason: string; at: number }
  /** How it keeps out of the application's way; absent while the application is not in use. */
  throttle?: Throttle
  result: Json
}

export const RUN_KINDS = [
  'backfill',
  'validate',
  'clean-up',
  'back-up',
  'check-backup',
  'restore',
  'checkpoint',
] as const
export type RunKindName = (typeof RUN_KINDS)[number]

export type RunSteering = 'pause-run' | 'resume-run' | 'cancel-run'

export type RunStatus = 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled'

export function isEnded(status: RunStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled'
}

/** What an operator did to bring it where it stands; `null`: it came there otherwise, or nobody knows. */
export function steeredTo({ status, steered }: Run): Run['steered'] | null {
  return steered !== undefined && DID[steered.action].status === status ? steered : null
}

/** How it came to stand where it stands: who did that, when and why, as far as that is known. */
export function standingInWords(run: Run): string {
  const { status, note, endedAt } = run
  const steered = steeredTo(run)
  if (steered) return `${steered.by} ${DID[steered.action].verb} it at ${timeOf(steered.at)} (${steered.reason})`
  const why = note === null ? '' : ` (${note})`
  if (!isEnded(status)) return `it is ${status}${why}`
  return `it has ended${endedAt === null ? '' : ` at ${timeOf(endedAt)}`}, ${status}${why}`
}

const DID: { readonly [action in RunSteering]: { status: RunStatus; verb: string } } = {
  'pause-run': { status: 'paused', verb: 'paused' },
  'resume-run': { status: 'running', verb: 'resumed' },
  'cancel-run': { status: 'cancelled', verb: 'cancelled' },
}

function timeOf(at: number): string {
  return new Date(at).toISOString()
}

export interface Progress {
  done: number
  total: number | null
  /** Records a second: of working time and of the rests for the application's sake, or the pace asked for if that is slower. */
  perSecond: number | null
  secondsLeft: number | null
}

export function progressOf(run: Run): Progress {
  const ms = run.workedMs + (run.throttle?.restedMs ?? 0)
  const worked = ms > 0 && run.done > 0 ? (run.done * 1000) / ms : null
  const perSecond = worked === null ? null : Math.min(worked, paceOf(run) ?? worked)
  const left = run.total === null ? null : Math.max(0, run.total - run.done)
  return {
    done: run.done,
    total: run.total,
    perSecond: perSecond === null ? null : Math.round(perSecond * 10) / 10,
    secondsLeft: isEnded(run.status) ? 0 : perSecond === null || left === null ? null : Math.ceil(left / perSecond),
  }
}

/** Slowest pace, in records a second: one in a quarter of an hour. Below it the rest after a batch never ends. */
export const PACE_MIN = 0.001

/** Records a second that the run was limited to when it was started. */
export function paceOf({ input }: Pick<Run, 'input'>): number | null {
  const { recordsPerSecondMax } = input
  return typeof recordsPerSecondMax === 'number' && recordsPerSecondMax > 0 ? recordsPerSecondMax : null
}

/** Fewest commands a second that a run may be limited to. */
export const COMMANDS_MIN = 0.1

/** Redis commands a second that the run was limited to when it was started. */
export function commandsPaceOf({ input }: Pick<Run, 'input'>): number | null {
  const { commandsPerSecondMax } = input
  return typeof commandsPerSecondMax === 'number' && commandsPerSecondMax > 0 ? commandsPerSecondMax : null
}

/** Nobody has asked the run to be slow, and it has the stores to itself. */
export function isFree(run: Pick<Run, 'input' | 'throttle'>): boolean {
  return paceOf(run) === null && commandsPaceOf(run) === null && run.throttle === undefined
}

/** A record that was set aside after its attempts, with why. */
export interface DeadLetter {
  collection: string
  id: string
  runId: string
  /** Code and sentence of the last error; never a value. */
  code: string
  error: string
  attempts: number
  /** Wall-clock milliseconds. */
  at: number
}

export function addCounters(counters: Run['counters'], more: Run['counters']): Run['counters'] {
  const sum = { ...counters }
  for (const [name, count] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + count
  return sum
}
