import { setTimeout as sleep } from 'node:timers/promises'
import { shuffle } from '../../scripts/stack/qstash/random.js'
import { type Random, randomOf } from '../simulation/random.js'
import type { Instance, Service } from './fleet.js'
import type { Trouble } from './link.js'
import type { ChaosOptions } from './options.js'
import type { Recorder } from './recorder.js'
import type { World } from './world.js'

/**
 * Faults until told to stop, each drawn from the seed: on machines, on the way to the stores, on the way to the queue.
 *
 * Where lost stores are left behind, the other store is not touched before both have been seen together again: two
 * outages in a row that nobody could look between are what cutover says it does not bear. Without leaving behind, both
 * may go at once.
 */
export async function storm(world: World, options: ChaosOptions, recorder: Recorder, stop: AbortSignal): Promise<void> {
  const parts: Parts = { world, recorder, stop, alone: options.leaseMs !== null }
  world.queue.faults.set(QUEUE_FAULTS)
  const loops = [machines, stores, queue].map((loop, at) => loop(parts, randomOf(options.seed * 1_009 + at)))
  await Promise.all(loops)
  world.queue.faults.clear()
}

const QUEUE_FAULTS = {
  duplicate: 0.2,
  lose: 0.03,
  delayMs: [0, 150] as [number, number],
  reorder: true,
  dropBefore: 0.05,
  dropAfter: 0.05,
}

interface Parts {
  world: World
  recorder: Recorder
  stop: AbortSignal
  alone: boolean
}

async function machines({ world, recorder, stop }: Parts, random: Random): Promise<void> {
  const { fleet } = world
  for (const fate of endlessly(['kill', 'freeze', 'freeze', 'freeze-and-kill'] as const, random)) {
    await pause(random.below(3_500, 1_000), stop)
    const { instances } = fleet
    const instance = instances[random.below(instances.length)]
    const freezeMs = random.below(random.chance(0.3) ? 5_000 : 1_200, 100)
    if (stop.aborted) return
    if (instance === undefined) continue
    const over = recorder.trouble(`${fate} instance`)
    if (fate !== 'kill') {
      fleet.freeze(instance)
      await pause(freezeMs, stop)
      if (fate === 'freeze') fleet.thaw(instance)
    }
    if (fate !== 'freeze') await fleet.kill(instance)
    over()
  }
}

type StoreFault = { side: 'target' | 'source' } & (
  | { kind: 'kill redis' | 'freeze redis' }
  | { kind: Trouble['kind']; everywhere: boolean }
)

const CUTS: readonly { kind: Trouble['kind']; everywhere: boolean }[] = [
  { kind: 'refuse', everywhere: true },
  { kind: 'refuse', everywhere: false },
  { kind: 'blackhole', everywhere: true },
  { kind: 'blackhole', everywhere: false },
  { kind: 'reset', everywhere: true },
  { kind: 'slow', everywhere: true },
]

function deckOf(withRedis: boolean): StoreFault[] {
  const mortal: StoreFault[] = [
    { side: 'target', kind: 'kill redis' },
    { side: 'target', kind: 'kill redis' },
    { side: 'target', kind: 'freeze redis' },
  ]
  const cuts = (['target', 'source'] as const).flatMap((side) => CUTS.map((cut): StoreFault => ({ side, ...cut })))
  return [...(withRedis ? mortal : []), ...cuts]
}

/** Without end; a few of one side after the other where sides have to wait for each other. */
function* storeFaults(withRedis: boolean, alone: boolean, random: Random): Generator<StoreFault> {
  // However short the run: what only a real server can show.
  if (withRedis) yield { side: 'target', kind: 'kill redis' }
  for (;;) {
    const deck = shuffle(deckOf(withRedis), () => random.next())
    if (!alone) yield* deck
    const [target, source] = [
      deck.filter(({ side }) => side === 'target'),
      deck.filter(({ side }) => side === 'source'),
    ]
    while (alone && target.length + source.length > 0) {
      yield* target.splice(0, IN_A_ROW)
      yield* source.splice(0, IN_A_ROW)
    }
  }
}

const IN_A_ROW = 3

async function stores({ world, recorder, stop, alone }: Parts, random: Random): Promise<void> {
  let side: StoreFault['side'] | null = null
  for (const fault of storeFaults(world.redis !== null, alone, random)) {
    await pause(random.below(1_500, 300), stop)
    if (alone && side !== null && side !== fault.side) await seenTogether(world, stop)
    side = fault.side
    const ms = random.below(random.chance(0.2) ? 2_500 : 800, 100)
    const victims = victimsOf(world, 'everywhere' in fault ? fault.everywhere : true, random)
    const trouble = troubleOf(fault.kind, random)
    if (stop.aborted) return
    await strike({ world, recorder, stop, alone }, fault, { ms, victims, trouble })
    await backToWork(recorder, stop)
  }
}

interface Blow {
  ms: number
  victims: readonly Instance[] | null
  trouble: Trouble
}

async function strike({ world, recorder, stop }: Parts, fault: StoreFault, blow: Blow): Promise<void> {
  const { redis } = world
  const service = fault.side === 'target' ? 'redis' : 'blob'
  if (fault.kind === 'kill redis' || fault.kind === 'freeze redis') {
    if (redis === null) return
    const over = recorder.trouble(fault.kind)
    if (fault.kind === 'kill redis') await redis.kill()
    else redis.freeze()
    await pause(blow.ms, stop)
    if (fault.kind === 'kill redis') await redis.restart()
    else redis.thaw()
    return over()
  }
  const over = recorder.trouble(`${fault.kind} ${service} ${blow.victims === null ? 'for all' : 'for one'}`)
  await troubled(world, service, blow, stop)
  over()
}

async function queue({ world, recorder, stop }: Parts, random: Random): Promise<void> {
  for (const kind of endlessly(['refuse', 'blackhole', 'reset', 'slow'] as const, random)) {
    await pause(random.below(8_000, 2_000), stop)
    const victims = victimsOf(world, random.chance(0.6), random)
    const trouble = troubleOf(kind, random)
    if (stop.aborted) return
    const over = recorder.trouble(`${kind} queue`)
    await troubled(world, 'queue', { ms: random.below(2_000, 300), victims, trouble }, stop)
    over()
  }
}

/** The trouble, for these or for all, those too that come meanwhile. */
async function troubled({ fleet }: World, service: Service, { ms, victims, trouble }: Blow, stop: AbortSignal) {
  const until = performance.now() + ms
  const struck = new Set<Instance>()
  while (performance.now() < until && !stop.aborted) {
    for (const instance of victims ?? fleet.instances) {
      if (struck.has(instance)) continue
      instance.links[service].trouble(trouble)
      struck.add(instance)
    }
    await sleep(STEP_MS)
  }
  for (const instance of struck) instance.links[service].trouble(null)
}

const STEP_MS = 20

function victimsOf({ fleet }: World, all: boolean, random: Random): Instance[] | null {
  const one = fleet.instances[random.below(Math.max(1, fleet.instances.length))]
  return all || one === undefined ? null : [one]
}

function troubleOf(kind: StoreFault['kind'], random: Random): Trouble {
  if (kind === 'blackhole') return { kind, ends: random.chance(0.6) ? 'late' : 'reset' }
  if (kind === 'reset') return { kind, share: 0.1 + 0.4 * random.next() }
  if (kind === 'slow') return { kind, ms: random.below(250, 20) }
  return { kind: 'refuse' }
}

/** Until clients were answered again, or for a while: on a slow machine faults would otherwise be all there is. */
async function backToWork(recorder: Recorder, stop: AbortSignal): Promise<void> {
  const enough = recorder.answered + ANSWERS_BETWEEN
  for (const until = performance.now() + RECOVERY_MS_MAX; performance.now() < until && !stop.aborted; )
    if (recorder.answered >= enough) return
    else await pause(STEP_MS, stop)
}

const ANSWERS_BETWEEN = 25
const RECOVERY_MS_MAX = 2_000

/** Until the watch says of every collection that both stores were seen, at one fence. */
async function seenTogether({ tick }: World, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const report = (await tick()) as { watch?: { collections?: { [name: string]: string } } } | null
    const findings = Object.values(report?.watch?.collections ?? {})
    if (findings.length > 0 && findings.every((finding) => finding === 'well')) return
    await pause(STEP_MS * 5, stop)
  }
}

function* endlessly<T>(kinds: readonly T[], random: Random): Generator<T> {
  for (;;) yield* shuffle([...kinds], () => random.next())
}

/** Ends early when told to stop. */
async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stop }).catch(() => {})
}
