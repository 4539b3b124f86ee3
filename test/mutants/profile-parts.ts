import type { Stage } from '../../lib/core/stage.js'
import { CALM, type Weather } from '../simulation/network.js'
import type { Random } from '../simulation/random.js'
import type { Bias, Scenario } from '../simulation/scenario.js'

export function travelling(random: Random, turnsBack = 0.04): Pick<Scenario, 'turns' | 'pauseMs'> & { bias: Bias } {
  const bias = { turnsBack, shares: 0, slow: random.pick([0.1, 0.3, 0.5]), gets: 0.4, lists: 0 }
  return { turns: random.below(18, 8), pauseMs: random.pick([5, 60, 200]), bias }
}

export function outOfReach(random: Random): Partial<Scenario> & { bias: Bias } {
  return {
    outages: random.below(5, 2),
    operationsEach: random.below(14, 8),
    pauseMs: random.pick([60, 300]),
    servers: random.pick([2, 3]),
    bias: { gets: 0.55, lists: 0, turnsBack: 0.3, shares: 0, slow: random.pick([0.1, 0.3]), partial: true },
  }
}

/** Up from dualwrite, or down from rampdown: what is copied to the other store after the acknowledgement is often lost. */
export function unfilled(random: Random): Partial<Scenario> & { bias: Bias; start: Stage } {
  const down = random.chance(0.5)
  const lost = { lost: random.pick([0.4, 0.7]), unanswered: 0, late: 0, duplicated: 0 }
  return {
    start: down ? 'rampdown' : 'dualwrite',
    weather: down ? { ...CALM, source: lost } : { ...CALM, target: lost },
    pauseMs: random.pick([5, 60]),
    bias: { down, deskSpared: true, turnsBack: 0.1, shares: 0, lists: 0 },
  }
}

export function any(random: Random): Stage {
  return random.pick(['dualwrite', 'shadow', 'shadow', 'live', 'live', 'rampdown', 'rampdown', 'complete'])
}

export function storm(random: Random, share: number): Pick<Scenario, 'weather'> {
  const rates = (): Weather => {
    const strength = random.pick([0, share, share / 2])
    const rate = (): number => (strength * random.next()) / 2
    return { lost: rate() / 2, unanswered: rate(), late: rate(), duplicated: rate() }
  }
  return { weather: { ...CALM, source: rates(), target: rates() } }
}

/** One store, or both, whose answers are lost and whose requests come late, and the other one as usual. */
export function deaf(random: Random): Pick<Scenario, 'weather'> {
  const bad = (): Weather => ({
    lost: random.pick([0, 0.3]),
    unanswered: random.pick([0, 0.3, 0.5]),
    late: random.pick([0, 0.2]),
    duplicated: 0,
  })
  const { source, target } = CALM
  const kind = random.below(4)
  const weather = { ...CALM, source: kind === 0 ? source : bad(), target: kind === 1 ? target : bad() }
  return { weather }
}

export function twice(random: Random): Pick<Scenario, 'weather'> {
  const rates = (): Weather => ({
    lost: 0,
    unanswered: 0,
    late: random.pick([0, 0.2]),
    duplicated: random.pick([0, 0.6]),
  })
  return { weather: { ...CALM, source: rates(), target: rates() } }
}

export function weatherOf(weather: Weather): Pick<Scenario, 'weather'> {
  return { weather: { ...CALM, source: weather, target: weather } }
}
