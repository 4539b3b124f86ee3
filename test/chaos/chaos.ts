import { setTimeout as sleep } from 'node:timers/promises'
import { MCP_CLIENTS } from '../../scripts/demo/clients/mcp.js'
import type { Progress } from '../../scripts/demo/progress.js'
import { randomOf } from '../simulation/random.js'
import type { RecordClient } from './clients/client.js'
import { httpClient } from './clients/http.js'
import { mcpClient } from './clients/mcp.js'
import { conclude } from './end.js'
import { type Course, climb, operate } from './operators.js'
import type { ChaosOptions } from './options.js'
import { Recorder } from './recorder.js'
import { openRecords } from './records.js'
import { type Report, reportOf } from './report.js'
import { runClient } from './traffic.js'
import { storm } from './weather.js'
import { startCron, startWorld, type World } from './world.js'

/**
 * Chaos on real processes: traffic, stage changes and faults for a while, then calm, then the judgement.
 *
 * What it is: the built functions, in several processes that are killed and frozen, a real redis-server that is killed
 * and frozen, a real network that is cut; and one recorder of what the clients saw. What it is not: deterministic. The
 * seed draws what is done and when; processes, kernel and network decide what comes of it. A violation is printed with
 * the whole history of its record, which is the evidence; the same seed may not find it again. What can go unnoticed:
 * a fault that no client was looking for. What cannot: a record whose answers contradict each other, a store that
 * lacks what was acknowledged, an error that is no stable 503, a run or a hold that never ends.
 */
export async function chaos(options: ChaosOptions, progress: Watcher = UNWATCHED): Promise<Report> {
  const startedAt = performance.now()
  const unheard = silenceWarnings()
  const world = await startWorld(options)
  const forced = onSignals(world)
  try {
    progress.say(
      `${options.instances} instances behind ${world.proxy.url}, ${world.redis === null ? 'embedded Redis' : 'redis-server'}`,
    )
    const recorder = new Recorder()
    const clients = await connect(world, options)
    const stopCron = startCron(world)
    const course = await underFaults(world, options, recorder, clients, progress)
    const ending = await conclude(world, recorder, progress.say)
    stopCron()
    const reconnects = clients.reduce((sum, client) => sum + client.reconnects(), 0)
    await Promise.all(clients.map((client) => client.close()))
    const durationMs = Math.round(performance.now() - startedAt)
    return reportOf({ options, world, recorder, course, ending, reconnects, durationMs })
  } finally {
    forced()
    await world.close()
    unheard()
  }
}

/** Who is told how it goes. */
export type Watcher = Pick<Progress, 'say' | 'show'>
const UNWATCHED: Watcher = { say: () => {}, show: () => {} }

/** The gateway warns of every command that a killed Redis does not answer: here that is what is wanted. */
function silenceWarnings(): () => void {
  const listeners = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', () => {})
  return () => {
    process.removeAllListeners('warning')
    for (const listener of listeners) process.on('warning', listener)
  }
}

/** Nothing that was started outlives this process, unless it is killed itself: then its children see its end. */
function onSignals(world: World): () => void {
  const end = (): void => void world.close().finally(() => process.exit(130))
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  return () => {
    process.off('SIGINT', end)
    process.off('SIGTERM', end)
  }
}

/** Some wait as long as the functions may take, others do not. */
const PATIENCE_MS = [1_000, 2_000, 4_000, 12_000]
const MCP_PATIENCE_MS = 6_000

async function connect({ proxy }: World, { seed }: ChaosOptions): Promise<RecordClient[]> {
  // Names are part of values and keys: another run's must not be the same.
  const http = PATIENCE_MS.map((ms, at) => httpClient(proxy.url, `http${at + 1}s${seed}`, ms))
  const mcp = await Promise.all(MCP_CLIENTS.map((kind) => mcpClient(proxy.url, kind, MCP_PATIENCE_MS)))
  return [...http, ...mcp]
}

async function underFaults(
  world: World,
  options: ChaosOptions,
  recorder: Recorder,
  clients: readonly RecordClient[],
  progress: Watcher,
): Promise<Course> {
  const stormy = new AbortController()
  const busy = new AbortController()
  const records = openRecords(recorder)
  const traffic = clients.map((client, at) => {
    const random = randomOf(options.seed * 37 + at)
    return runClient(client, { recorder, records, random, namedShare: 0.5 }, busy.signal)
  })
  progress.say(`traffic begins, in ${(await climb(world, options)).join(' and ')}`)
  const operating = operate(world, options, recorder, busy.signal)
  const storming = options.faults ? storm(world, options, recorder, stormy.signal) : Promise.resolve()
  const everything = Promise.all([operating, storming, ...traffic])
  everything.catch(() => {})
  const showing = setInterval(() => progress.show(recorder.standing()), SHOW_MS)
  const ms = options.seconds * 1_000
  try {
    await Promise.race([sleep(ms * STORMY_SHARE), everything])
    stormy.abort()
    await storming
    progress.say('the faults are over, traffic goes on')
    await Promise.race([sleep(ms * (1 - STORMY_SHARE)), everything])
    busy.abort()
    await everything
  } finally {
    clearInterval(showing)
    stormy.abort()
    busy.abort()
  }
  progress.say('traffic has ended')
  return operating
}

const SHOW_MS = 500
/** The rest of the time is calm: clients see whether everything comes back. */
const STORMY_SHARE = 0.8
