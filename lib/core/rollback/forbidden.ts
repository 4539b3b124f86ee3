/** Why nothing may be moved up now, whatever the stores would allow. Nothing of this ever forbids a way down. */
export interface Forbidden {
  reason: ForbiddenReason
  /** The variable, the rollback or the stop that stands against it, and a sentence for people. */
  details: { [name: string]: string | number | null }
}

const FORBIDDING = [
  'override-in-force', // a variable of the environment
  'emergency-stopped', // until an operator lifts it
  'rollback-under-way', // until it has ended
  'zero-loss-not-proved', // until a zero-loss check in rampdown has proved it, or somebody takes the risk
] as const
export type ForbiddenReason = (typeof FORBIDDING)[number]

/** Whether it is lifted by somebody some time, and not by the stores. */
export function isForbidding(reason: string): reason is ForbiddenReason {
  return (FORBIDDING as readonly string[]).includes(reason)
}
