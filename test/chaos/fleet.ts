import { setTimeout as sleep } from 'node:timers/promises'
import { type Launched, launchFrom, unpack } from '../../scripts/build/launch.js'
import type { ProxyServer, Route } from '../../scripts/demo/proxy.js'
import type { Random } from '../simulation/random.js'
import { type Liar, startLiar } from './liar.js'
import { type Link, startLink } from './link.js'
import type { Sabotage } from './options.js'

/** Servers that instances reach over the network. */
export const SERVICES = ['redis', 'blob', 'queue'] as const
export type Service = (typeof SERVICES)[number]

/** One process of all built functions, with a network of its own to each server. */
export interface Instance {
  name: string
  launched: Launched
  route: Route
  links: { [service in Service]: Link }
  noticed: NodeJS.Timeout | undefined
}

export interface Fleet {
  instances: readonly Instance[]
  /** What any instance has answered with 5xx other than 503. */
  faults(): string[]
  /** How often the logs tell of each event. */
  events(): { [event: string]: number }
  /** SIGKILL; another one takes its place, as the platform would see to. */
  kill(instance: Instance): Promise<void>
  freeze(instance: Instance): void
  thaw(instance: Instance): void
  close(): Promise<void>
}

export interface FleetOptions {
  size: number
  random: Random
  proxy: ProxyServer
  /** Origin of each server. */
  servers: { [service in Service]: string }
  /** The environment of an instance whose servers are at these origins. */
  env: (origins: { [service in Service]: string }) => { [name: string]: string }
  vercelJson: string
  sabotage: Sabotage | null
}

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { size, random, proxy, servers, env, vercelJson, sabotage } = options
  const unpacked = await unpack()
  const instances: Instance[] = []
  const ended: Launched[] = []
  const liars: Liar[] = []
  let count = 0
  let closing = false

  async function startOne(): Promise<void> {
    const [redis, blob, queue] = await Promise.all(
      [servers.redis, servers.blob, servers.queue].map((to) => startLink(to, random)),
    )
    if (redis === undefined || blob === undefined || queue === undefined) throw new Error('A link is missing.')
    const links = { redis, blob, queue }
    const origins = { redis: redis.origin, blob: blob.origin, queue: queue.origin }
    const launched = await launchFrom(unpacked, { env: env(origins), vercelJson })
    if (closing) return void process.kill(launched.pid, 'SIGKILL')
    const liar = sabotage === null ? null : await startLiar(launched.url, sabotage)
    if (liar !== null) liars.push(liar)
    const route = proxy.add(Number(new URL(liar?.url ?? launched.url).port))
    instances.push({ name: `instance-${++count}`, launched, route, links, noticed: undefined })
  }

  async function remove(instance: Instance): Promise<void> {
    const at = instances.indexOf(instance)
    if (at < 0) return
    instances.splice(at, 1)
    clearTimeout(instance.noticed)
    ended.push(instance.launched)
    process.kill(instance.launched.pid, 'SIGKILL')
    await instance.launched.gone
    instance.route.remove()
    await Promise.all(SERVICES.map((service) => instance.links[service].close()))
  }

  await Promise.all(Array.from({ length: size }, startOne))
  return {
    instances,
    faults: () => [...ended, ...instances.map(({ launched }) => launched)].flatMap(faultsOf),
    events: () => eventsOf([...ended, ...instances.map(({ launched }) => launched)]),
    async kill(instance) {
      await remove(instance)
      await sleep(random.below(RESTART_MS_MAX))
      await startOne()
    },
    freeze(instance) {
      process.kill(instance.launched.pid, 'SIGSTOP')
      // The platform notices that it answers nothing; what it has been given is stuck.
      instance.noticed = setTimeout(() => {
        instance.route.accepts = 'nothing'
      }, random.below(NOTICED_MS_MAX))
    },
    thaw(instance) {
      clearTimeout(instance.noticed)
      instance.route.accepts = 'everything'
      if (instances.includes(instance)) process.kill(instance.launched.pid, 'SIGCONT')
    },
    async close() {
      closing = true
      await Promise.all([...instances].map(remove))
      await Promise.all(liars.map((liar) => liar.close()))
      await unpacked.remove()
    },
  }
}

const RESTART_MS_MAX = 500
const NOTICED_MS_MAX = 300

function faultsOf({ invocations }: Launched): string[] {
  return invocations
    .filter(({ path, status }) => status >= 500 && status !== 503 && !(status === 504 && !isClients(path)))
    .map(({ method, path, status }) => `${method} ${path} was answered ${status}.`)
}

/**
 * The platform's own answer to the queue or the cron where a deadline came first: a process that was frozen cannot
 * keep it. Clients' functions have deadlines far beyond any freeze.
 */
function isClients(path: string): boolean {
  return !/^\/api\/(jobs|cron)\//.test(path)
}

function eventsOf(all: readonly Launched[]): { [event: string]: number } {
  const counts: { [event: string]: number } = {}
  for (const line of all.flatMap((launched) => launched.log().split('\n'))) {
    const event = /^\{"at":"[^"]*","level":"\w+","event":"([\w-]+)"/.exec(line)?.[1]
    if (event !== undefined) counts[event] = (counts[event] ?? 0) + 1
  }
  return counts
}
