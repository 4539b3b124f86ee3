import { connectionOf } from '../../../../lib/dashboard/client/live/connection.js'
import { dueInMs, type Effect } from '../../../../lib/dashboard/client/live/due.js'
import { begin, type Live, type LiveEvent } from '../../../../lib/dashboard/client/live/live.js'
import { step } from '../../../../lib/dashboard/client/live/step.js'
import type { Connection } from '../../../../lib/dashboard/page/freshness.js'
import type { DashboardState } from '../../../../lib/dashboard/state.js'

export const START_MS = Date.parse('2026-03-01T12:00:00Z')

/** A page that follows a server, without either: time passes when the test says so. */
export class Playing {
  live: Live
  effects: Effect[] = []
  /** What requests come to; `null`: they stay under way. */
  answer: ((asked: Extract<Effect, { kind: 'ask' }>) => LiveEvent | null) | null
  monoMs = 0
  /** Of the browser: how far its clock is off. */
  wrongMs = 0

  constructor(state: DashboardState | null = stateAt(START_MS), answer: Playing['answer'] = null) {
    this.answer = answer
    this.live = begin(state, this.moment(), 0)
    this.tell({ kind: 'tick' })
  }

  moment() {
    return { monoMs: this.monoMs, wallMs: START_MS + this.monoMs + this.wrongMs, random: 0.5 }
  }

  tell(event: LiveEvent): void {
    const { live, effects } = step(this.live, event, this.moment())
    this.live = live
    this.effects.push(...effects)
    for (const effect of effects) {
      const next = effect.kind === 'ask' ? this.answer?.(effect) : null
      if (next) this.tell(next)
    }
  }

  /** As the one timer would have it. */
  pass(ms: number): void {
    const end = this.monoMs + ms
    for (let turn = 0; turn < 10_000_000; turn++) {
      const dueMs = dueInMs(this.live, this.moment())
      if (dueMs === null || this.monoMs + dueMs > end) break
      this.monoMs += dueMs
      this.tell({ kind: 'tick' })
    }
    this.monoMs = end
  }

  connection(): Connection {
    return connectionOf(this.live, this.moment())
  }

  asks(): Extract<Effect, { kind: 'ask' }>[] {
    return this.effects.filter((effect) => effect.kind === 'ask')
  }

  count(kind: Effect['kind']): number {
    return this.effects.filter((effect) => effect.kind === kind).length
  }
}

/** Answers that are right at once. */
export function answering(playing: () => Playing): Playing['answer'] {
  return ({ number, parts }) => {
    const at = START_MS + playing().monoMs
    return { kind: 'answered', number, state: stateAt(at, parts === null ? {} : { asked: [...parts] }) }
  }
}

export function stateAt(ms: number, more: Partial<DashboardState> = {}): DashboardState {
  const asked: DashboardState['asked'] = [...ALL]
  const nothing = Object.fromEntries(ALL.map((name) => [name, null])) as Omit<
    DashboardState,
    'at' | 'position' | 'asked' | 'missing'
  >
  return { at: new Date(ms).toISOString(), position: null, asked, missing: [], ...nothing, ...more }
}

const ALL: DashboardState['asked'] = [
  'health',
  'emergencyStop',
  'overrides',
  'collections',
  'components',
  'runs',
  'latestRuns',
  'plans',
  'programs',
  'alerts',
  'rollbacks',
  'checkpoints',
  'experiments',
  'breakers',
  'audit',
  'cost',
]
