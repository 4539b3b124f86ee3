import type { Part } from '../state.js'

export type MonitorRule = Part<'monitor'>[number]['rules'][number]
export type RulesOf = Part<'monitor'>[number]
export type Nearness = 'far' | 'near' | 'very-near' | 'at-the-limit' | 'beyond' | 'no-evidence' | 'not-armed'

/** Nearest first, within a component and among components; what has no evidence after what has, what is not armed last. */
export function byCloseness(monitor: readonly RulesOf[]): RulesOf[] {
  return monitor
    .filter(({ rules }) => rules.length > 0)
    .map(({ component, rules }) => ({ component, rules: rules.toSorted((a, b) => rank(b) - rank(a)) }))
    .sort((a, b) => nearest(b) - nearest(a))
}

export function nearness({ armed, status, closeness }: MonitorRule): Nearness {
  if (!armed) return 'not-armed'
  // A breach stands until it is cleared, whatever the last window has shown.
  if (status === 'breached') return 'beyond'
  if (closeness === null) return 'no-evidence'
  // Beyond it, but not proven, or not for long enough.
  if (closeness >= 1) return 'at-the-limit'
  return closeness >= 0.9 ? 'very-near' : closeness >= 0.7 ? 'near' : 'far'
}

/** What is shown at first, and what is behind a click: whatever says nothing, and more than a dozen. */
export function atFirst(all: readonly RulesOf[]): { first: RulesOf[]; rest: RulesOf[] } {
  const first: RulesOf[] = []
  const rest: RulesOf[] = []
  let left = AT_FIRST
  for (const { component, rules } of all) {
    const telling = rules.filter((rule) => !SILENT.has(nearness(rule)))
    // A breach is never behind a click.
    const breached = telling.filter((rule) => nearness(rule) === 'beyond').length
    const shown = telling.slice(0, Math.max(left, breached))
    left = Math.max(0, left - shown.length)
    const others = rules.filter((rule) => !shown.includes(rule))
    if (shown.length > 0) first.push({ component, rules: shown })
    if (others.length > 0) rest.push({ component, rules: others })
  }
  return { first, rest }
}

const AT_FIRST = 8
const SILENT: ReadonlySet<Nearness> = new Set(['no-evidence', 'not-armed'])

function rank(rule: MonitorRule): number {
  const near = nearness(rule)
  if (near === 'beyond') return 1e6 + Math.min(1e5, rule.closeness ?? 1)
  if (near === 'not-armed') return -2
  return rule.closeness ?? -1
}

function nearest({ rules: [first] }: RulesOf): number {
  return first === undefined ? Number.NEGATIVE_INFINITY : rank(first)
}
