import type { Look } from '../ports/ledger.js'
import { PLACE } from './alerts/follow-trail.js'
import { CLOSED, OPEN } from './alerts/kept.js'
import { PAGE as ALERTS_A_PAGE } from './alerts/list.js'
import { DUE_MAX, OUTBOX } from './alerts/outbox.js'
import { FORGOTTEN_AT_ONCE as ALERTS_AT_ONCE, forgettableAlerts } from './alerts/tend.js'
import { AUDIT_STREAM } from './audit.js'
import { PLANS, PLANS_PER_PAGE } from './autopilot/kept.js'
import { OPEN_CHECKS } from './checkpoints/documents.js'
import { CHECKS_MAX } from './checkpoints/turn.js'
import { COMPONENTS, COMPONENTS_MAX } from './components.js'
import type { EngineContext } from './context.js'
import { EXPERIMENTS, LIST_MAX as EXPERIMENTS_MAX } from './experiments/kept.js'
import { noteOfStore } from './failing/board.js'
import { EXPORT_KEY } from './metrics/export.js'
import { FORGOTTEN_AT_ONCE as DECISIONS_AT_ONCE, forgettableDecisions } from './monitor/decisions.js'
import { DECISION, RULE, RULES_MAX, STANDINGS, STANDINGS_MAX } from './monitor/kept.js'
import { PROGRAMS, PROGRAMS_MAX } from './programs/kept.js'
import { POINTER, UNFINISHED_MAX } from './rollback/kept.js'
import { STOPPED } from './rollback/stopped.js'
import { RUNS, PAGE as RUNS_A_PAGE } from './runs/watch.js'
import { auditedKey } from './stages/audited.js'
import { RETENTION_KEY } from './state/retention.js'
import { SEEN } from './switches/seen.js'

/**
 * What a tick asks of the ledger whatever there is to do, so that it is asked in one access. It only says what is likely
 * to be asked, in the words in which it is asked: what is missing here, or asked in other words, costs a command.
 */
export function foreseenOfTick({ collections, clock, notify, telemetry }: EngineContext): Look[] {
  const now = clock.now()
  return [
    ...collections.slice(0, COLLECTIONS_MAX).map(({ name }) => read(auditedKey(name))),
    ...LISTS.map(([prefix, limit]) => list(prefix, null, limit)),
    list(DECISION, forgettableDecisions(now), DECISIONS_AT_ONCE),
    list(CLOSED, forgettableAlerts(now), ALERTS_AT_ONCE),
    ...[SEEN, STOPPED, noteOfStore('source'), PLACE, RETENTION_KEY].map(read),
    { kind: 'newest', stream: AUDIT_STREAM },
    ...(notify === undefined ? [] : [list(OUTBOX, null, DUE_MAX)]),
    ...(telemetry === undefined ? [] : [read(EXPORT_KEY)]),
  ]
}

/** Of further ones the ledger is asked one by one: a look takes a bounded number. */
const COLLECTIONS_MAX = 150

const LISTS: readonly (readonly [prefix: string, limit: number])[] = [
  [RUNS, RUNS_A_PAGE],
  [RULE, RULES_MAX],
  [COMPONENTS, COMPONENTS_MAX],
  [STANDINGS, STANDINGS_MAX],
  [POINTER, UNFINISHED_MAX],
  [OPEN, ALERTS_A_PAGE],
  [OPEN_CHECKS, CHECKS_MAX],
  [PROGRAMS, PROGRAMS_MAX],
  [EXPERIMENTS, EXPERIMENTS_MAX],
  [PLANS, PLANS_PER_PAGE],
]

function read(key: string): Look {
  return { kind: 'read', key }
}

function list(prefix: string, after: string | null, limit: number): Look {
  return { kind: 'list', prefix, after, limit }
}
