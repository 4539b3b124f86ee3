/**
 * Everything that a simulation does to a history on purpose, each under a name that only depends on the seed and on
 * who is struck: `s1/17` is what befell the 17th request of s1. Given `only`, others stay away, and nothing else is drawn
 * differently for it: so a failing history can be told with fewer and fewer of them.
 */
export interface Mishaps {
  /** Whether the mishap that was drawn comes; if so it is counted. */
  come(name: string, kind: Mishap): boolean
  /** Those that came, in order. */
  readonly names: readonly string[]
  readonly counts: { readonly [kind in Mishap]?: number }
}

export type Mishap =
  | 'lost'
  | 'unanswered'
  | 'late'
  | 'duplicated'
  | 'outage'
  | 'freeze'
  | 'kill'
  | 'loss'
  | 'queue-lost'
  | 'queue-late'
  | 'queue-duplicated'
  | 'cron-missed'
  | 'cron-doubled'
  | 'clock-jump'
  | 'damage'

export function mishapsOf(only?: readonly string[]): Mishaps {
  const admitted = only === undefined ? null : new Set(only)
  const names: string[] = []
  const counts: { [kind in Mishap]?: number } = {}
  return {
    names,
    counts,
    come(name, kind) {
      if (admitted !== null && !admitted.has(name)) return false
      names.push(name)
      counts[kind] = (counts[kind] ?? 0) + 1
      return true
    },
  }
}
