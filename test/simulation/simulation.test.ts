import { describe, expect, test } from 'vitest'
import { HISTORIES, seedsOf } from './many.js'
import { play } from './play.js'
import { type Scenario, scenarioOf } from './scenario.js'

describe('a seed plays the same history every time', () => {
  const whole = firstSeed(({ whole }) => whole !== null)
  const redis = firstSeed(({ target }) => target === 'redis')

  test.each([
    ['of the data plane', scenarioOf(firstSeed(({ whole, target }) => whole === null && target === 'memory'))],
    ['of the whole system', scenarioOf(whole)],
    ['over the Redis driver', scenarioOf(redis)],
    ['of the whole system over the Redis driver', { ...scenarioOf(whole), target: 'redis' as const }],
  ])('%s', async (_, scenario) => {
    const first = await play(scenario, true)
    const second = await play(structuredClone(scenario), true)
    expect(second).toEqual(first)
    expect(first.trace.length).toBeGreaterThan(100)
  })

  test('traced or not', async () => {
    const { trace: _, ...untraced } = await play(scenarioOf(whole), false)
    expect(await play(scenarioOf(whole), true)).toMatchObject(untraced)
  })
})

test('the two halves are all seeds of a run, and SEED and SEEDS choose others', () => {
  const both = (environment: { SEED?: string; SEEDS?: string }): number[] =>
    [...seedsOf('even', environment), ...seedsOf('odd', environment)].sort((a, b) => a - b)
  expect(both({})).toEqual(Array.from({ length: HISTORIES }, (_, at) => at + 1))
  expect(both({ SEED: '77' })).toEqual([77])
  expect(both({ SEEDS: '5-8' })).toEqual([5, 6, 7])
  expect(() => both({ SEEDS: 'many' })).toThrow('SEEDS is from-until, not "many".')
})

function firstSeed(is: (scenario: Scenario) => boolean): number {
  for (let seed = 1; seed < 1_000; seed++) if (is(scenarioOf(seed))) return seed
  throw new Error('No seed among the first thousand is such a one.')
}
