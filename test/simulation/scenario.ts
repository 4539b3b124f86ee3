import type { Stage } from '../../lib/core/stage.js'
import { CALM, type StoreName, type Weather } from './network.js'
import { type Random, randomOf, strandOf } from './random.js'
import { type Whole, wholeOf } from './whole.js'

/** What one seed stands for. */
export interface Scenario {
  seed: number
  partitions: number
  ids: string[]
  servers: number
  clients: number
  operationsEach: number
  namedShare: number
  pauseMs: number
  operators: number
  turns: number
  /** Where the collection stands when the clients come. */
  start: Stage
  weather: { [store in StoreName]: Weather }
  /** Degrade is enabled, and one of the stores goes away for a while. */
  leaseMs: number | null
  outages: number
  /** Processes frozen, and killed. */
  freezes: number
  kills: number
  /** The target loses acknowledged data once, and is recovered. */
  loss: boolean
  /** The one store that goes out of reach; `null`: either may. */
  weak: 'source' | 'target' | null
  /** The control plane, in histories of the whole system; `null`: stages are moved and passes made by hand. */
  whole: Whole | null
  /** The driver under simulation behind the target's port. */
  target: 'memory' | 'redis'
  /** The clients' servers have breakers before their stores. */
  breakers?: boolean
  /** Operators ask for steps from the epoch that they have looked at; absent: from wherever the collection stands. */
  byEpoch?: boolean
  /** How long copies to the other store are gathered. */
  copiesWindowMs?: number
  /** Of the mishaps that are drawn these alone come; see `mishaps.ts`. Absent: all do. */
  only?: readonly string[]
  /** Operations (`c0-3`) and turns (`o1/turn4`) that are left out. */
  skip?: readonly string[]
  /** Hunts only: other shares than those of an ordinary day. */
  bias?: Bias
}

/** Each is a probability; what is absent is as on an ordinary day. */
export interface Bias {
  /** That an operation is a reading of one record, or a listing. */
  gets?: number
  lists?: number
  /** That a write is a patch, a deletion, a creation; and that one of the others is bound to what was seen. */
  patches?: number
  deletions?: number
  creations?: number
  bound?: number
  /** That an operator turns back before a step, and that a step is for a share of the slots. */
  turnsBack?: number
  /** Operators begin downwards. */
  down?: boolean
  shares?: number
  /** Outages are for some of the processes, and the watch, which is not among them, acts at once. */
  partial?: boolean
  /** That a trip between a process that serves clients and a store is a long one. */
  slow?: number
  /** The weather strikes only processes that serve clients. */
  deskSpared?: boolean
}

/** Histories over Redis are slower, and only differ below the port. */
const REDIS_SHARE = 0.03

export function scenarioOf(seed: number): Scenario {
  const random = randomOf(seed * 7919 + 17)
  const breakers = strandOf(seed, 'breakers').chance(0.5)
  const copiesWindowMs = strandOf(seed, 'copies').pick([0, 0, 30, 400])
  const byEpoch = strandOf(seed, 'by-epoch').chance(0.4)
  const scenario = { ...ordinary(seed, random), breakers, copiesWindowMs, byEpoch }
  if (random.chance(WHOLE_SHARE)) return wholeOf(scenario, random)
  if (!random.chance(0.08)) return scenario
  // The target loses what it was told last. Late requests of before the loss are known to defeat the recovery, and in
  // live and beyond so are reads: those the watch keeps short, and this leaves out.
  const weather = { lost: 0.1, unanswered: 0, late: 0, duplicated: 0 }
  const still = { operators: 0, outages: 0, freezes: 0, kills: 0, leaseMs: null }
  return { ...scenario, ...still, start: 'shadow', weather: { ...CALM, source: weather, target: weather }, loss: true }
}

/** The others are quicker, and busier with the data plane. */
const WHOLE_SHARE = 1 / 3

function ordinary(seed: number, random: Random): Scenario {
  const storm = random.pick([0, 0.02, 0.08, 0.2])
  const leaseMs = random.chance(0.3) ? random.pick([800, 3_000]) : null
  return {
    seed,
    partitions: random.chance(0.3) ? 2 : 1,
    ids: ['a', 'b', 'c', 'd'].slice(0, random.pick([1, 1, 2, 3, 4])),
    servers: random.below(5, 2),
    clients: random.below(5, 2),
    operationsEach: random.below(18, 10),
    namedShare: random.pick([0, 0.3, 0.8]),
    pauseMs: random.pick([5, 200, 2_000]),
    operators: leaseMs === null && random.chance(0.25) ? 2 : 1,
    turns: random.below(22, 6),
    start: random.pick(['off', 'dualwrite', 'shadow', 'shadow', 'live', 'live', 'rampdown', 'rampdown', 'complete']),
    weather: { ...CALM, source: weatherOf(random, storm), target: weatherOf(random, storm) },
    leaseMs,
    outages: leaseMs !== null ? random.below(3, 1) : random.chance(0.2) ? 1 : 0,
    freezes: random.chance(0.4) ? random.below(5, 1) : 0,
    kills: random.chance(0.4) ? random.below(5, 1) : 0,
    loss: false,
    target: strandOf(seed, 'target').chance(REDIS_SHARE) ? 'redis' : 'memory',
    weak: null,
    whole: null,
  }
}

/** One of the stores may be the worse one. */
function weatherOf(random: Random, storm: number): Weather {
  const share = random.pick([0, 0.3, 1])
  const rate = (): number => storm * share * random.next()
  return { lost: rate(), unanswered: rate(), late: rate(), duplicated: rate() }
}

/** About how long the clients will be at work, in milliseconds. */
export function durationOf({ operationsEach, pauseMs, whole }: Scenario): number {
  if (whole !== null) return whole.durationMs
  return operationsEach * (pauseMs / 2 + 60)
}
