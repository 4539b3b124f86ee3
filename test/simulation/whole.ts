import type { Stage } from '../../lib/core/stage.js'
import type { Weather } from './network.js'
import type { Random } from './random.js'
import type { Scenario } from './scenario.js'

/** The control plane of a history: everything but the clients, their servers and the stores. */
export interface Whole {
  /** About how long the clients are at work, in milliseconds. */
  durationMs: number
  /** Mean time between ticks. */
  cronMs: number
  /** Shares of the ticks that do not come, or come twice at once. */
  cronMissed: number
  cronDoubled: number
  /** Shares of the deliveries that never come, come late, or come twice. */
  queue: { lost: number; late: number; duplicated: number }
  /** What a worker may work at a time; the shortest is one batch. */
  workMs: number
  /** Operators who move stages, start, steer and cancel runs, and use the emergency brake. */
  staff: number
  staffTurns: number
  /** The autopilot's plan, and how much longer it takes on paper than here. */
  plan: 'none' | 'short' | 'week'
  timeScale: number
  /** How much of the traffic may fail before the plan turns back. */
  maxErrorShare: number
  /** An operator who looks after the plan: pauses, resumes, overrules. */
  overrules: boolean
  /** Share of the reads that are compared with the other store. */
  compareShare: number
  /** Wall clocks that jump. */
  jumps: number
  /** A record outside the clients' keys has two values under one version. */
  damage: boolean
  /** No verb and no plan goes beyond. */
  ceiling: Stage
  /** The collection is cleaned up at the end: by the plan, or by an operator. */
  cleanUp: boolean
}

/**
 * The whole system in one history. Left out, and why:
 * - Two stores lost at once or in a row, where the watch may leave one behind: nobody can tell then which one went on
 *   alone (the README says so). One store is the weak one: only it goes out of reach, and its requests alone are lost.
 * - A target that loses data in live and beyond: in rampdown and complete it is the only holder, and what is lost is
 *   lost; in live reads are stale until the loss is found. So the ceiling is shadow.
 * - Late requests together with a loss, and processes that freeze: what was sent before the loss and arrives after it
 *   is known to break shadow until the new epoch closes the window.
 * - Duplicates, names and ETags of before together with a clean-up: cleaned up, the target has neither versions nor a
 *   memory of operations, by definition.
 */
export function wholeOf(scenario: Scenario, random: Random): Scenario {
  const clients = random.below(4, 2)
  const pauseMs = random.pick([600, 2_000, 6_000, 12_000])
  const operationsEach = pauseMs < 2_000 ? random.below(25, 15) : random.below(15, 7)
  const durationMs = operationsEach * (pauseMs / 2 + 60)
  const plan = random.pick(['none', 'short', 'week', 'week'] as const)
  const soakMs = durationMs * random.pick([0.1, 0.3])
  const whole: Whole = {
    durationMs,
    cronMs: durationMs / random.pick(plan === 'week' ? [15, 30] : [6, 12, 20]),
    cronMissed: random.pick([0, 0.1, 0.4]),
    cronDoubled: random.pick([0, 0.1, 0.4]),
    queue: queueOf(random),
    workMs: random.pick([1_600, 1_600, 4_000, 10_000]),
    staff: plan === 'none' ? random.below(3, 1) : random.pick([0, 0, 1]),
    staffTurns: random.below(14, 6),
    plan,
    timeScale: (7 * 86_400_000) / soakMs,
    maxErrorShare: random.pick([0.01, 0.3, 1]),
    overrules: random.chance(0.4),
    compareShare: random.pick([0.3, 1]),
    jumps: random.chance(0.4) ? random.below(5, 1) : 0,
    damage: random.chance(0.1),
    ceiling: 'complete',
    cleanUp: false,
  }
  // The control plane makes many requests for every turn it takes: in a steady storm it would not get on.
  const share = random.pick([0, 0.15, 0.15, 0.5, 1])
  const [source, target] = [milder(scenario.weather.source, share), milder(scenario.weather.target, share)]
  const weather = { source, target, queue: { ...target, late: 0 } }
  const outages = random.chance(0.3) ? random.below(3, 1) : 0
  const start: Stage = plan === 'none' ? scenario.start : 'off'
  const pace = { clients, pauseMs, operationsEach, operators: 0, turns: 0, outages, start }
  const full: Scenario = { ...scenario, ...pace, weather, whole, kills: random.pick([0, 1, 3]), loss: false }
  if (random.chance(0.12)) return withLoss(full, whole)
  if (scenario.leaseMs !== null) return withWeakStore(full, whole, random)
  return random.chance(0.2) ? withCleanUp(full, whole) : full
}

function milder({ lost, unanswered, late, duplicated }: Weather, share: number): Weather {
  return { lost: lost * share, unanswered: unanswered * share, late: late * share, duplicated }
}

function queueOf(random: Random): Whole['queue'] {
  const storm = random.pick([0, 0.1, 0.3])
  return { lost: storm * random.next(), late: storm * random.next(), duplicated: storm * random.next() }
}

function withWeakStore(scenario: Scenario, whole: Whole, random: Random): Scenario {
  const weak = random.pick(['source', 'target'] as const)
  const calm: Weather = { lost: 0, unanswered: 0, late: 0, duplicated: 0.02 }
  const strong = weak === 'source' ? 'target' : 'source'
  const weather = { ...scenario.weather, [strong]: calm }
  const strict = { ...scenario, weather, weak, outages: random.below(3, 1) }
  if (whole.plan !== 'none' && random.chance(0.4)) return strict
  const staff = random.below(3)
  return { ...strict, start: random.pick(['shadow', 'live', 'live']), whole: { ...whole, plan: 'none', staff } }
}

function withLoss(scenario: Scenario, whole: Whole): Scenario {
  const lossy: Weather = { lost: 0.06, unanswered: 0, late: 0, duplicated: 0 }
  const weather = { source: lossy, target: lossy, queue: lossy }
  const plan = whole.plan === 'week' ? 'short' : whole.plan
  const start: Stage = plan === 'none' ? 'shadow' : 'off'
  const still = { outages: 0, freezes: 0, leaseMs: null }
  return {
    ...scenario,
    ...still,
    start,
    weather,
    loss: true,
    whole: { ...whole, plan, ceiling: 'shadow', damage: false },
  }
}

function withCleanUp(scenario: Scenario, whole: Whole): Scenario {
  const { source, target, queue } = scenario.weather
  const weather = { source, target: { ...target, duplicated: 0 }, queue }
  return { ...scenario, namedShare: 0, weather, whole: { ...whole, cleanUp: true, damage: false } }
}
