import type { Look } from '../ports/ledger.js'
import { OPEN } from './alerts/kept.js'
import { PAGE as ALERTS_A_PAGE } from './alerts/list.js'
import { HOLDERS } from './autopilot/holders.js'
import { PLANS, PLANS_PER_PAGE } from './autopilot/kept.js'
import { COMPONENTS, COMPONENTS_MAX } from './components.js'
import type { EngineContext } from './context.js'
import { ESTIMATES, ESTIMATES_MAX } from './estimate/kept.js'
import { EXPERIMENTS, LIST_MAX as EXPERIMENTS_MAX } from './experiments/kept.js'
import { noteOfStore } from './failing/board.js'
import { keyOfOrder } from './failing/orders.js'
import { FLAG, PAGE as FLAGS_A_PAGE, GROUP, INDEX } from './flags/kept.js'
import { RULE, RULES_MAX, STANDINGS, STANDINGS_MAX } from './monitor/kept.js'
import { PROGRAMS, PROGRAMS_MAX } from './programs/kept.js'
import { KEPT as ROLLBACKS } from './rollback/kept.js'
import { PAGE as ROLLBACKS_A_PAGE } from './rollback/list.js'
import { STOPPED } from './rollback/stopped.js'
import { latestRunKey, PAGE as RUNS_A_PAGE } from './runs/store.js'

/**
 * What a look at the dashboard asks of the ledger, so that the first question brings all of it. It only says what is
 * likely: what is missing here, or asked in other words, costs a command. `all`: not only what changes often.
 */
export function foreseenOfDashboard({ collections }: Pick<EngineContext, 'collections'>, all: boolean): Look[] {
  const runs = collections
    .slice(0, COLLECTIONS_MAX)
    .flatMap(({ name }) => [latestRunKey(name, 'backfill'), latestRunKey(name, 'validate')])
  const stores = [keyOfOrder('source'), keyOfOrder('target'), noteOfStore('source')]
  const keys = [...runs, STOPPED, ...stores, ...(all ? [HOLDERS, INDEX] : [])]
  return [...keys.map((key): Look => ({ kind: 'read', key })), ...OFTEN.map(list), ...(all ? SELDOM.map(list) : [])]
}

/** A look takes a bounded number of questions. */
const COLLECTIONS_MAX = 80

type Listed = readonly [prefix: string, limit: number]

const OFTEN: readonly Listed[] = [
  ['run/', RUNS_A_PAGE],
  [OPEN, ALERTS_A_PAGE],
]
const SELDOM: readonly Listed[] = [
  [COMPONENTS, COMPONENTS_MAX],
  [PLANS, PLANS_PER_PAGE],
  [PROGRAMS, PROGRAMS_MAX],
  [EXPERIMENTS, EXPERIMENTS_MAX],
  [ESTIMATES, ESTIMATES_MAX],
  [RULE, RULES_MAX],
  [STANDINGS, STANDINGS_MAX],
  [ROLLBACKS, ROLLBACKS_A_PAGE],
  [GROUP, FLAGS_A_PAGE],
  [FLAG, FLAGS_A_PAGE],
]

function list([prefix, limit]: Listed): Look {
  return { kind: 'list', prefix, after: null, limit }
}
