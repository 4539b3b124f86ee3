import { CALM } from '../simulation/network.js'
import { type Random, randomOf } from '../simulation/random.js'
import { type Scenario, scenarioOf } from '../simulation/scenario.js'
import { any, deaf, outOfReach, storm, travelling, twice, unfilled, weatherOf } from './profile-parts.js'

/**
 * Where a missing guard shows sooner than on an ordinary day: small histories of one record, with much of what the
 * guard is there for. Each is a function of the seed alone. All must pass on the production code as it is.
 */
export const PROFILES = {
  ordinary: scenarioOf,
  /** Everybody at one record at once, nothing goes wrong, and the stages move. */
  crowd: hunt((random) => ({ turns: random.below(16, 4), pauseMs: 5, start: any(random) })),
  /** Up through the stages, with passes, while requests of clients are long under way. */
  climb: hunt((random) => ({ ...travelling(random), start: random.pick(['off', 'dualwrite', 'dualwrite', 'shadow']) })),
  /** Down through the stages, likewise. */
  descend: hunt((random) => ({ ...travelling(random), start: random.pick(['complete', 'complete', 'rampdown']) })),
  /** To and fro between neighbouring stages, likewise. */
  swing: hunt((random) => ({ ...travelling(random, 0.5), start: any(random) })),
  /** Conditions, at once. */
  bound: hunt((random) => ({
    ...travelling(random, random.pick([0.05, 0.4])),
    start: any(random),
    bias: { ...travelling(random).bias, turnsBack: random.pick([0.05, 0.4]), bound: 0.9, creations: 0.35, gets: 0.15 },
  })),
  /** Conditions while answers are lost. */
  'bound-deaf': hunt((random) => ({
    turns: random.below(12),
    start: any(random),
    ...deaf(random),
    bias: {
      bound: 0.8,
      creations: 0.3,
      gets: 0.2,
      turnsBack: 0.2,
      down: random.chance(0.5),
      deskSpared: true,
      shares: 0,
    },
  })),
  /** Answers of the stores are lost, and requests come late, while the stages move. */
  deaf: hunt((random) => ({
    turns: random.below(14),
    start: any(random),
    ...deaf(random),
    bias: { turnsBack: random.pick([0.05, 0.4]), down: random.chance(0.5), deskSpared: true, shares: 0 },
  })),
  /** The same with retries under one name, by other processes. */
  named: hunt((random) => ({
    turns: random.below(14, 3),
    start: any(random),
    namedShare: 1,
    kills: random.below(3),
    ...(random.chance(0.7) ? deaf(random) : {}),
    bias: {
      turnsBack: random.pick([0.05, 0.3]),
      down: random.chance(0.5),
      deskSpared: true,
      shares: 0,
      gets: 0.2,
      slow: 0.1,
    },
  })),
  /** Requests lost, unanswered, late, twice, those of operators too. */
  storm: hunt((random) => ({ turns: random.below(20, 6), start: any(random), ...storm(random, 0.6) })),
  /** What came before comes again, long afterwards. */
  strays: hunt((random) => ({
    turns: random.pick([0, 0, 3, 10]),
    start: any(random),
    ...twice(random),
    bias: { turnsBack: 0.4 },
  })),
  /** Processes that sleep while the stages move on. */
  sleepers: hunt((random) => ({
    ...travelling(random, random.pick([0.05, 0.4])),
    start: any(random),
    freezes: random.below(10, 4),
    servers: 3,
    pauseMs: random.pick([60, 300]),
  })),
  /** Downwards from live and shadow, while requests of clients are long under way. */
  downwards: hunt((random) => {
    const { bias, ...rest } = travelling(random)
    const start = random.pick(['live', 'shadow'] as const)
    return { ...rest, turns: random.below(8, 2), start, bias: { ...bias, down: true } }
  }),
  /** Into the strict stages, while copies to the store that is to be filled are lost. */
  unfilled: hunt((random) => {
    const { bias, ...rest } = unfilled(random)
    return { ...rest, turns: random.below(10, 3), bias: { ...bias, gets: 0.45 } }
  }),
  /** Passes of one operator while another one moves a share after the other. */
  'passes-and-shares': hunt((random) => {
    const { bias, ...rest } = unfilled(random)
    const ids = ['a', 'b', 'c', 'd'].slice(0, random.below(5, 2))
    return { ...rest, ids, operators: 2, turns: random.below(26, 10), bias: { ...bias, shares: 0.7, gets: 0.5 } }
  }),
  /** A stage change that reaches one store at once and the other one late. */
  'half-raised': hunt((random) => {
    const start = random.pick(['live', 'shadow'] as const)
    const bad = { lost: random.pick([0.3, 0.6]), unanswered: 0, late: 0, duplicated: 0 }
    return {
      ...outOfReach(random),
      start,
      weak: start === 'live' ? 'target' : 'source',
      weather: start === 'live' ? { ...CALM, source: bad } : { ...CALM, target: bad },
      turns: random.below(6, 1),
      bias: { gets: 0.55, lists: 0, shares: 0, turnsBack: 0.1, down: start === 'shadow', partial: true },
    }
  }),
  /** A store is out of reach of some processes, nobody is left behind: reads fall back. */
  outages: hunt((random) => {
    const start = random.pick(['shadow', 'live'] as const)
    return { ...outOfReach(random), turns: random.pick([0, 0, 4]), start, weak: start === 'live' ? 'target' : 'source' }
  }),
  /** Likewise where the other store does not have everything yet. */
  'outages-not-full': hunt((random) => {
    const { bias, start, ...rest } = unfilled(random)
    const weak = start === 'rampdown' ? 'target' : 'source'
    const { bias: _, ...out } = outOfReach(random)
    return { ...rest, ...out, start, weak, turns: random.below(6, 2), bias: { ...bias, gets: 0.55, partial: true } }
  }),
  /** A store out of reach, and left behind. */
  'left-behind': hunt((random) => {
    const start = random.pick(['shadow', 'live'] as const)
    return {
      turns: random.pick([0, 0, 0, 4]),
      ids: ['a', 'b', 'c'].slice(0, random.below(4, 1)),
      start,
      weak: random.chance(0.7) ? (start === 'live' ? 'target' : 'source') : null,
      leaseMs: 800,
      outages: 1,
      clients: 3,
      operationsEach: random.below(30, 14),
      pauseMs: random.pick([30, 60, 150]),
      servers: 3,
      bias: { gets: 0.5, lists: 0, turnsBack: 0.3, shares: 0, slow: random.pick([0.01, 0.1]), partial: true },
    }
  }),
  /** The target forgets, and is recovered. */
  loss: hunt((random) => ({
    start: 'shadow',
    operators: 0,
    turns: 1,
    loss: true,
    pauseMs: random.pick([5, 30]),
    operationsEach: random.below(14, 6),
    ...weatherOf({ lost: 0.1, unanswered: 0, late: 0, duplicated: 0 }),
    bias: { bound: random.pick([0.2, 0.8]), deletions: 0.1 },
  })),
  /** Several records, some pages, stages that move share by share. */
  lists: hunt((random) => ({
    ids: ['a', 'b', 'c', 'd'].slice(0, random.below(5, 2)),
    ...travelling(random, random.pick([0.05, 0.4])),
    start: random.pick(['live', 'live', 'rampdown', 'shadow', 'complete']),
    bias: { ...travelling(random).bias, lists: 0.4, gets: 0.05, deletions: 0.3, shares: random.pick([0, 0.5]) },
  })),
  /** Passes over several records while their stage changes, by two operators. */
  passes: hunt((random) => ({
    ids: ['a', 'b', 'c', 'd'].slice(0, random.below(5, 2)),
    turns: random.below(30, 16),
    operators: 2,
    start: random.pick(['off', 'dualwrite', 'shadow', 'rampdown', 'complete']),
    ...storm(random, random.pick([0, 0.4])),
    bias: { turnsBack: random.pick([0.1, 0.4]), shares: random.pick([0, 0.4]), slow: 0.1 },
  })),
} as const satisfies { [name: string]: (seed: number) => Scenario }

export type ProfileName = keyof typeof PROFILES

function hunt(choose: (random: Random) => Partial<Scenario>): (seed: number) => Scenario {
  return (seed) => {
    const random = randomOf(seed * 104_729 + 5)
    const tiny: Partial<Scenario> = {
      target: 'memory',
      whole: null,
      weak: null,
      partitions: 1,
      ids: ['a'],
      servers: random.below(4, 2),
      clients: random.below(4, 2),
      operationsEach: random.below(12, 5),
      namedShare: random.pick([0, 0, 0.5]),
      pauseMs: random.pick([5, 60, 300]),
      operators: 1,
      weather: CALM,
      leaseMs: null,
      outages: 0,
      freezes: 0,
      kills: 0,
      loss: false,
      byEpoch: false,
    }
    return { ...scenarioOf(seed), ...tiny, ...choose(random) }
  }
}
