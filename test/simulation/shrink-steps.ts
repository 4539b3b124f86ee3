import type { Scenario } from './scenario.js'

/**
 * Every scenario that is one step smaller than the given one, the largest steps first. A step changes one thing; what
 * others draw stays the same, since each actor has chance of its own.
 */
export function smallerOf(scenario: Scenario): Scenario[] {
  return [
    ...without(scenario),
    ...COUNTS.flatMap(([name, least]) => fewer(scenario[name], least).map((count) => ({ ...scenario, [name]: count }))),
    ...scenario.ids.flatMap((id) => {
      const ids = scenario.ids.filter((other) => other !== id)
      return ids.length === 0 ? [] : [{ ...scenario, ids }]
    }),
    ...calmer(scenario),
    ...smallerWholes(scenario),
  ]
}

/** Numbers of a scenario, with the least that it can be played with. */
const COUNTS = [
  ['clients', 1],
  ['operationsEach', 1],
  ['turns', 0],
  ['operators', 0],
  ['outages', 0],
  ['freezes', 0],
  ['kills', 0],
  ['partitions', 1],
  ['servers', 1],
  ['namedShare', 0],
] as const

const WHOLE_COUNTS = ['staff', 'staffTurns', 'jumps'] as const
const WHOLE_SHARES = ['cronMissed', 'cronDoubled', 'compareShare'] as const
const WHOLE_FLAGS = ['overrules', 'damage', 'cleanUp'] as const

function without(scenario: Scenario): Scenario[] {
  const { whole, leaseMs, loss, bias } = scenario
  const smaller: Scenario[] = []
  if (whole !== null) smaller.push({ ...scenario, whole: null })
  if (loss) smaller.push({ ...scenario, loss: false })
  if (leaseMs !== null) smaller.push({ ...scenario, leaseMs: null })
  if (bias !== undefined) {
    const { bias: _, ...rest } = scenario
    smaller.push(rest)
  }
  return smaller
}

/** The least, the half, and one less; shares are there or not. */
function fewer(count: number, least: number): number[] {
  if (count <= least) return []
  if (!Number.isInteger(count)) return [least]
  return [...new Set([least, Math.max(least, Math.floor(count / 2)), count - 1])]
}

function calmer(scenario: Scenario): Scenario[] {
  const stores = Object.keys(scenario.weather) as (keyof Scenario['weather'])[]
  return stores.flatMap((store) => {
    const weather = scenario.weather[store]
    const calm = { lost: 0, unanswered: 0, late: 0, duplicated: 0 }
    const rough = (Object.keys(calm) as (keyof typeof calm)[]).filter((kind) => weather[kind] > 0)
    const kinds = rough.map((kind) => ({ ...weather, [kind]: 0 }))
    const all = rough.length > 1 ? [calm, ...kinds] : kinds
    return all.map((one) => ({ ...scenario, weather: { ...scenario.weather, [store]: one } }))
  })
}

function smallerWholes(scenario: Scenario): Scenario[] {
  const { whole } = scenario
  if (whole === null) return []
  const wholes = [
    ...(whole.plan === 'none' ? [] : [{ ...whole, plan: 'none' as const }]),
    ...WHOLE_COUNTS.flatMap((name) => fewer(whole[name], 0).map((count) => ({ ...whole, [name]: count }))),
    ...WHOLE_SHARES.filter((name) => whole[name] > 0).map((name) => ({ ...whole, [name]: 0 })),
    ...WHOLE_FLAGS.filter((name) => whole[name]).map((name) => ({ ...whole, [name]: false })),
    ...(Object.values(whole.queue).some((share) => share > 0)
      ? [{ ...whole, queue: { lost: 0, late: 0, duplicated: 0 } }]
      : []),
  ]
  return wholes.map((one) => ({ ...scenario, whole: one }))
}
