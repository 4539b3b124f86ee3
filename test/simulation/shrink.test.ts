import { describe, expect, test } from 'vitest'
import { actsOf } from './acts.js'
import { type Outcome, play } from './play.js'
import { failureText } from './report.js'
import { type Scenario, scenarioOf } from './scenario.js'
import { kindOf, type Play, shrink } from './shrink.js'
import { forgetsOperations, ignoresFence, neverOpen } from './shrink-broken.js'
import type { Tamper } from './target-side.js'

/** A busy day of the data plane, on which every one of the broken targets shows itself within a few seeds. */
const rough = { lost: 0.04, unanswered: 0.04, late: 0.04, duplicated: 0.04 }
const busy: Scenario = {
  ...scenarioOf(1),
  partitions: 1,
  ids: ['a', 'b'],
  servers: 3,
  clients: 4,
  operationsEach: 12,
  namedShare: 0.3,
  pauseMs: 100,
  operators: 1,
  turns: 14,
  start: 'live',
  weather: { source: rough, target: rough, queue: rough },
  leaseMs: null,
  outages: 0,
  freezes: 1,
  kills: 1,
  loss: false,
  weak: null,
  whole: null,
  target: 'memory',
}

describe('a target with a fault is found, and what finds it is made small', () => {
  test.each([
    ['ignores the fence', ignoresFence],
    ['forgets its operations', forgetsOperations],
    ['never marks a copy as open', neverOpen],
  ])('one that %s', { timeout: 120_000 }, async (name, tamper) => {
    const broken = tampered(tamper)
    const { scenario, fault } = await firstToFail(broken)
    const shrunk = await shrink(scenario, broken)
    console.log(`${name}: ${JSON.stringify(shrunk.was)} to ${JSON.stringify(shrunk.is)} in ${shrunk.replays} replays`)
    expect(shrunk.complete).toBe(true)
    expect(kindOf(shrunk.outcome.faults[0] ?? '', scenario)).toBe(kindOf(fault, scenario))
    expect(shrunk.is.operations).toBeLessThan(shrunk.was.operations / 2)
    expect(shrunk.is.mishaps).toBeLessThan(Math.max(3, shrunk.was.mishaps / 2))
    // As data it plays again, exactly, and the sound product does not fail in it.
    const printed = /--scenario '(.*)'/.exec(failureText(scenario.seed, shrunk))?.[1] ?? ''
    expect(await broken(JSON.parse(printed) as Scenario, true)).toEqual(shrunk.outcome)
    expect((await play(shrunk.scenario, false)).faults).toEqual([])
  })
})

describe('the search', () => {
  const quiet = { operations: 0, trace: [], counts: { stageChanges: 0, runs: 0, ticks: 0 } }
  /** Fails where two acts and two mishaps come together. */
  const two: Play = async (scenario) => {
    const acts = actsOf(scenario).filter((name) => scenario.skip?.includes(name) !== true)
    const mishaps = ['s1/1', 's1/2', 's2/7', 'kill/0'].filter((name) => scenario.only?.includes(name) ?? true)
    const fails =
      acts.includes('c1-3') && acts.includes('o0/turn2') && mishaps.includes('s1/2') && mishaps.includes('s2/7')
    return { ...quiet, mishaps, faults: fails ? [`The stores differ in a: ${acts.length}.`] : [] }
  }

  test('leaves nothing but what the failure takes', async () => {
    const { scenario, complete, replays } = await shrink(busy, two)
    expect(complete).toBe(true)
    const { clients, operationsEach, operators, turns, only, skip = [] } = scenario
    expect({ clients, operationsEach, operators, turns }).toEqual({
      clients: 2,
      operationsEach: 4,
      operators: 1,
      turns: 3,
    })
    expect(actsOf(scenario).filter((name) => !skip.includes(name))).toEqual(['c1-3', 'o0/turn2'])
    expect(skip.every((name) => actsOf(scenario).includes(name))).toBe(true)
    expect(only).toEqual(['s1/2', 's2/7'])
    expect(scenario).toMatchObject({ servers: 1, freezes: 0, kills: 0, ids: ['a'] })
    expect(replays).toBeLessThan(300)
  })

  test('does not take another failure for this one', async () => {
    const other: Play = async (scenario, traced) => {
      const outcome = await two(scenario, traced)
      return outcome.faults.length > 0 ? outcome : { ...outcome, faults: ['The pass did not end.'] }
    }
    const { outcome } = await shrink(busy, other)
    expect(outcome.faults[0]).toMatch(/^The stores differ/)
  })

  test('ends after so many replays, and says that there may be less', async () => {
    const { complete, replays, outcome } = await shrink(busy, two, { replays: 20 })
    expect({ complete, replays }).toEqual({ complete: false, replays: 20 })
    expect(outcome.faults).toHaveLength(1)
    expect(await shrink(busy, two, { seconds: 0 })).toMatchObject({ complete: false, scenario: busy })
  })

  test('takes a history that cannot be played to its end for one that fails', async () => {
    const breaks: Play = async ({ clients }) => {
      if (clients > 1) throw new Error('Out of order.')
      return { ...quiet, mishaps: [], faults: [] }
    }
    const { scenario, outcome } = await shrink(busy, breaks)
    expect(scenario.clients).toBe(2)
    expect(outcome.faults[0]).toContain('Out of order.')
  })

  test('refuses a history that does not fail', async () => {
    const well: Play = async () => ({ ...quiet, mishaps: [], faults: [] })
    await expect(shrink(busy, well)).rejects.toThrow('does not fail')
  })
})

test('what is left of a fault is its kind', () => {
  const kind = (fault: string): string => kindOf(fault, { ids: ['a', 'b'] })
  expect(kind('The stores differ in a: {"version":1} and {"version":2}.')).toBe(
    kind('The stores differ in b: null and {"v":2}.'),
  )
  expect(kind('c0-3 was acknowledged as 4294967297 and again as 4294967298.')).toBe(
    kind('c2-11 was acknowledged as 17 and again as 18.'),
  )
  expect(kind('The history of a is not linearizable.\n  [1, 2] c0.1 reads x')).toBe(
    kind('The history of b is not linearizable.\n  [5, 9] c0.1 reads y'),
  )
  expect(kind('The version a 4294967297 names two writes: c0-1 and c1-2+c0-3.')).toBe(
    kind('The version b 8589934592 names two writes: c3-4+c1-1 and c0-9.'),
  )
  expect(kind('The pass did not end.')).not.toBe(kind('The last pass did not end.'))
})

function tampered(tamper: Tamper): Play {
  return (scenario, traced) => play(scenario, traced, tamper)
}

async function firstToFail(broken: Play): Promise<{ scenario: Scenario; fault: string }> {
  for (let seed = 1; seed <= 60; seed++) {
    const scenario = { ...busy, seed }
    const { faults }: Outcome = await broken(scenario, false)
    if (faults[0] !== undefined) return { scenario, fault: faults[0] }
  }
  throw new Error('No seed shows the fault.')
}
