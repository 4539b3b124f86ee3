import type { Flag, FlagDefinition } from './definition.js'

/**
 * The percentage of a flag's rollout at a time: its own, or that of the last step whose time has come. Nothing has to run
 * for a step; instances whose clocks differ disagree about it for as long as they differ, and each subject is then in on
 * one and out on the other.
 */
export function percentAt({ rollout, schedule }: FlagDefinition, now: number): number {
  for (let step = schedule.length - 1; step >= 0; step--) {
    const { at, percent } = schedule[step] ?? { at: Number.POSITIVE_INFINITY, percent: 0 }
    if (now >= at) return percent
  }
  return rollout.percent
}

/** The percentage that takes effect: 0 while the flag gives everybody the fallback. */
export function effectivePercent(flag: Flag, now: number): number {
  const outside = (flag.from !== null && now < flag.from) || (flag.until !== null && now >= flag.until)
  return flag.killed !== null || !flag.on || outside ? 0 : percentAt(flag, now)
}
