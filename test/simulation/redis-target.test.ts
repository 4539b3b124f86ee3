import { describe, expect, test } from 'vitest'
import { LATENESS_MAX_MS } from '../../lib/core/operation.js'
import { mishapsOf } from './mishaps.js'
import { CALM, placeOf, send } from './network.js'
import { play } from './play.js'
import { randomOf } from './random.js'
import { openRedisHouse, type RedisSide, redisSide } from './redis-target.js'
import { type Scenario, scenarioOf } from './scenario.js'
import { played } from './shrink.js'
import { instanceOf, START, type World, worldOf } from './world.js'

const fence = (epoch: number) => ({
  epoch,
  ranges: [
    { until: 10_000, stage: 'rampdown' as const, era: 1, eraAt: 0, period: 0, fullSource: false, fullTarget: true },
  ],
})
const write = (id: string, op: string, startedAt = START) => ({
  id,
  op,
  startedAt,
  value: { id, text: op },
  fenceExpected: false,
})

describe('the Redis of a history', () => {
  test('has the time of the world: TIME, and what expires', async () => {
    const { side, wait } = await sideOf()
    const partition = side.target.partitions[0]
    expect(await partition?.begin(fence(1), write('a', 'one'))).toMatchObject({ kind: 'ok' })
    expect(await partition?.begin(fence(1), write('a', 'one'))).toMatchObject({ kind: 'known' })
    await wait(LATENESS_MAX_MS + 1_000)
    expect(await partition?.begin(fence(1), write('a', 'two'))).toMatchObject({ kind: 'expired' })
    expect(await partition?.probe(fence(1), 'one')).toMatchObject({ kind: 'known' })
    await wait(LATENESS_MAX_MS)
    expect(await partition?.probe(fence(1), 'one')).toEqual({ kind: 'none' })
    expect(Math.abs(Date.now() - START)).toBeGreaterThan(LATENESS_MAX_MS)
  })

  test('answers within one turn of the event loop, the first script too', async () => {
    const { side } = await sideOf()
    let answered = false
    side.target.partitions[0]?.begin(fence(1), write('a', 'one')).then(() => (answered = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(answered).toBe(true)
  })

  test('forgets the last changes, and keeps the others as old as they were', async () => {
    const { side, wait } = await sideOf()
    const partition = side.target.partitions[0]
    const at = (ms: number) => START + ms
    await partition?.begin(fence(1), write('a', 'one', at(0)))
    await wait(LATENESS_MAX_MS)
    await partition?.begin(fence(1), write('a', 'two', at(LATENESS_MAX_MS)))
    await partition?.begin(fence(2), write('b', 'three', at(LATENESS_MAX_MS)))
    await side.rewind(2)
    expect(await partition?.get('a')).toMatchObject({ fence: { epoch: 1 }, copy: { op: 'one' } })
    expect(await partition?.get('b')).toMatchObject({ copy: null })
    await wait(LATENESS_MAX_MS + 1_000)
    expect(await partition?.probe(fence(1), 'one')).toEqual({ kind: 'none' })
  })

  test('begins empty', async () => {
    const before = await sideOf()
    await before.side.target.partitions[0]?.begin(fence(1), write('a', 'one'))
    const { side } = await sideOf()
    expect(await side.target.partitions[0]?.get('a')).toEqual({ fence: null, hold: false, copy: null })
    expect(await side.target.page(null, 10)).toMatchObject({ items: [], end: true })
  })

  test('each request of the driver meets a fate of its own', async () => {
    const { side, world, wait } = await sideOf()
    const instance = instanceOf(world, 's1', 0)
    const mishaps = mishapsOf()
    const lost = { lost: 1, unanswered: 0, late: 0, duplicated: 0 }
    const network = { mishaps, weather: { ...CALM, target: lost }, strays: 0, cut: () => false }
    const place = placeOf(world, network, instance, 1)
    const seen: string[] = []
    const far = side.reach((label, effect) => {
      seen.push(label().split(' ')[0] ?? '')
      return send(place, 'target', label, effect)
    })
    const asked = far.partitions[0]?.begin(fence(1), write('a', 'one')).catch((error: unknown) => error)
    await wait(2_000)
    expect(await asked).toMatchObject({ code: 'unavailable' })
    expect(mishaps.names).toEqual(['s1/1'])
    network.weather = CALM
    // The server has not the script yet: the text is sent after it; a page is two requests.
    const again = far.partitions[0]?.begin(fence(1), write('a', 'one'))
    await wait(2_000)
    expect(await again).toMatchObject({ kind: 'ok' })
    const page = far.page(null, 10)
    await wait(2_000)
    expect((await page).items).toHaveLength(1)
    expect(seen).toEqual(['EVALSHA', 'EVALSHA', 'EVAL', 'pipeline', 'MGET'])
  })
})

describe('histories over the Redis driver', () => {
  test('some of the normal run are, also those that lose data', () => {
    const scenarios = Array.from({ length: 2_000 }, (_, at) => scenarioOf(at + 1))
    const redis = scenarios.filter(({ target }) => target === 'redis')
    expect(redis.length).toBeGreaterThan(30)
    expect(redis.some(({ loss }) => loss)).toBe(true)
    expect(redis.some(({ whole }) => whole !== null)).toBe(true)
  })

  test('that lose data are those of a register', { timeout: 60_000 }, async () => {
    let played = 0
    for (let seed = 1; played < 3; seed++) {
      const scenario = scenarioOf(seed)
      if (!scenario.loss) continue
      played += 1
      const { faults, counts } = await play({ ...scenario, target: 'redis' }, false)
      expect(faults).toEqual([])
      expect(counts.loss).toBe(1)
    }
  })

  test.each([
    ['no operation memory', 'if known then', 'if false then'],
    ['no versions where copies are kept', 'if w > record.v then', 'if true then'],
    ['no open mark', "w .. ':1:0:' .. ARGV[4]", "w .. ':0:0:' .. ARGV[4]"],
    ['no base', 'if not holds then', 'if false then'],
  ])('show scripts that know %s', { timeout: 60_000 }, async (_, guard, without) => {
    await findsCut(busy, guard, without)
  })

  test('show scripts that know no fence', { timeout: 120_000 }, async () => {
    await findsCut(leftBehind, "if f > e then return {'stale', raw} end", '')
  })
})

/** Plays histories over scripts with a guard cut out of them, until one fails. */
async function findsCut(scenario: Scenario, guard: string, without: string): Promise<void> {
  const { redis } = await openRedisHouse()
  const { run } = redis
  redis.run = (command, now) =>
    run(command[0] === 'EVAL' ? command.map((word) => cut(word, guard, without)) : command, now)
  try {
    for (let seed = 1; seed <= SEEDS_MAX; seed++) {
      const { faults } = await played(play, { ...scenario, seed }, false)
      if (faults.length > 0) return
    }
    throw new Error('No seed shows it.')
  } finally {
    redis.run = run
  }
}

const SEEDS_MAX = 200

const rough = { lost: 0.04, unanswered: 0.04, late: 0.04, duplicated: 0.04 }
const busy: Scenario = {
  ...scenarioOf(1),
  ids: ['a', 'b'],
  clients: 4,
  namedShare: 0.5,
  pauseMs: 100,
  turns: 14,
  start: 'live',
  weather: { source: rough, target: rough, queue: rough },
  leaseMs: null,
  outages: 0,
  loss: false,
  weak: null,
  whole: null,
  target: 'redis',
}

/** Requests come late at a target that is out of reach now and then, and left behind meanwhile. */
const leftBehind: Scenario = {
  ...busy,
  partitions: 1,
  ids: ['a'],
  servers: 2,
  clients: 3,
  operationsEach: 16,
  namedShare: 0.3,
  pauseMs: 5,
  operators: 1,
  turns: 20,
  start: 'complete',
  leaseMs: 800,
  outages: 2,
  freezes: 0,
  kills: 2,
  weather: { ...CALM, target: { lost: 0, unanswered: 0.02, late: 0.15, duplicated: 0.05 } },
}

function cut(word: unknown, guard: string, without: string): unknown {
  return typeof word === 'string' ? word.replace(guard, without) : word
}

interface Stand {
  side: RedisSide
  world: World
  /** Lets so much virtual time go by. */
  wait(ms: number): Promise<void>
}

async function sideOf(): Promise<Stand> {
  const world = worldOf(randomOf(1), null)
  const { clock } = instanceOf(world, 'target', 0)
  const house = await openRedisHouse()
  const side = redisSide({ house, clock, collection: 'projects', partitions: 1, changed: () => {} })
  const wait = async (ms: number): Promise<void> => {
    const until = world.now() + ms
    world.after(ms, () => {})
    await world.run(() => world.now() >= until)
  }
  return { side, world, wait }
}
