import type { Act, Change, Entry, Only, State } from './linearizable.js'

/**
 * The same question as `linearizable.ts`, answered with no idea but the definition: every order of the operations that
 * respects real time, with every choice of those of unknown outcome. Shares no line with what it judges.
 */
export function isRegisterByForce(entries: readonly Entry[], initial: State): boolean {
  const left = new Set(entries)
  const search = (state: State): boolean => {
    if ([...left].every(({ ended }) => ended === null)) return true
    for (const entry of [...left]) {
      if (![...left].every((other) => other.ended === null || other.ended > entry.began)) continue
      const next = registerAfter(entry.act, state)
      if (next === 'impossible') continue
      left.delete(entry)
      const found = search(next.state)
      left.add(entry)
      if (found) return true
    }
    return false
  }
  return search(initial)
}

/** A register that does `act` and answers as it was answered; an act of unknown outcome that does nothing is no act. */
export function registerAfter(act: Act, state: State): { state: State } | 'impossible' {
  if (act.do === 'read') return act.saw === state ? { state } : 'impossible'
  const does = allows(act.condition, state) && (state !== null || isPut(act.change))
  if (act.outcome === 'refused') return does ? 'impossible' : { state }
  if (!does) return act.outcome === null ? { state } : 'impossible'
  const next = changed(act.change, state)
  return act.result !== undefined && act.result !== next ? 'impossible' : { state: next }
}

function isPut(change: Change): change is { put: string } {
  return change !== 'delete' && 'put' in change
}

function changed(change: Change, state: State): State {
  if (change === 'delete') return null
  return 'put' in change ? change.put : `${state}+${change.add}`
}

function allows(only: Only | null, state: State): boolean {
  switch (only) {
    case null:
      return true
    case 'never':
      return false
    case 'present':
      return state !== null
    case 'absent':
      return state === null
    default:
      return only.is === state
  }
}
