import { comparePositions } from '../../../core/position.js'
import type { DashboardState } from '../../state.js'

/** What was shown, with the parts that an answer is about; the others, and what is said of them, stay as they are. */
export function merged(shown: DashboardState | null, answer: DashboardState): DashboardState {
  if (shown === null) return answer
  const asked = new Set<string>(answer.asked)
  const kept = Object.entries(shown).filter(([name]) => name in answer && !isAbout(asked, name))
  const missing = [...shown.missing.filter(({ part }) => !asked.has(part)), ...answer.missing]
  return { ...answer, ...Object.fromEntries(kept), missing }
}

const ALWAYS: readonly string[] = ['at', 'position', 'asked', 'missing']

function isAbout(asked: ReadonlySet<string>, name: string): boolean {
  return asked.has(name) || ALWAYS.includes(name)
}

/** The ledger's counter decides, where both know it; the clocks of two instances may differ. */
export function isOlder(answer: DashboardState, shown: DashboardState): boolean {
  if (answer.position !== null && shown.position !== null) {
    const order = comparePositions(answer.position, shown.position)
    if (order !== 0) return order < 0
  }
  return Date.parse(answer.at) < Date.parse(shown.at)
}

/** Something happened that other parts tell of as well: a run ended, a stage changed, an alert was raised. */
export function isTurn(before: DashboardState | null, after: DashboardState): boolean {
  return before === null || turnOf(before) !== turnOf(after)
}

function turnOf({ collections, runs, alerts, emergencyStop, missing }: DashboardState): string {
  const stands = (collections ?? []).map(({ collection, epoch, stage }) => [collection, epoch, stage])
  const active = (runs ?? []).map(({ id, status }) => [id, status])
  const raised = (alerts?.items ?? []).map(({ id, status }) => [id, status])
  return JSON.stringify([stands, active, raised, emergencyStop?.kind, missing.length])
}
