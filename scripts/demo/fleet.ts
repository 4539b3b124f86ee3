import { setTimeout as sleep } from 'node:timers/promises'
import type { Child, Children } from './children.js'
import type { ProxyServer, Route } from './proxy.js'

/** Function instances behind the proxy, replaced as deployments replace them, and ended as machines end them. */
export interface Fleet {
  replaced: number
  killed: number
  /** A new instance takes the place of the one that has been there longest; that one answers what it has and ends. */
  replaceOne(): Promise<void>
  /** One instance ends at once, in the midst of requests of HTTP clients, and a new one comes. */
  killOne(): Promise<void>
  stop(): Promise<void>
}

interface Instance {
  child: Child
  route: Route
}

const DRAIN_MS_MAX = 120_000
const KILL_MOMENT_MS_MAX = 10_000
const WATCH_MS = 2

export async function startFleet(
  size: number,
  env: { [name: string]: string },
  children: Children,
  proxy: ProxyServer,
): Promise<Fleet> {
  const script = new URL('../instance.ts', import.meta.url)
  const instances: Instance[] = []
  const startOne = async (): Promise<void> => {
    const child = await children.start(script, env)
    instances.push({ child, route: proxy.add(Number(child.ready.port)) })
  }
  await Promise.all(Array.from({ length: size }, startOne))

  // One change at a time: a deployment does not begin while another one is under way.
  let busy: Promise<void> = Promise.resolve()
  const inTurn = (change: () => Promise<void>): Promise<void> => {
    const mine = busy.then(change)
    busy = mine.catch(() => {})
    return mine
  }
  const fleet: Fleet = {
    replaced: 0,
    killed: 0,
    replaceOne: () =>
      inTurn(async () => {
        await startOne()
        const [oldest] = instances
        if (oldest === undefined) return
        instances.shift()
        oldest.route.accepts = 'nothing'
        await until(() => oldest.route.underWay() === 0, DRAIN_MS_MAX)
        oldest.route.remove()
        await oldest.child.stop()
        fleet.replaced++
      }),
    killOne: () =>
      inTurn(async () => {
        const victim = instances.shift()
        if (victim === undefined) return
        victim.route.accepts = 'http-clients'
        await until(() => victim.route.underWay('others') === 0, DRAIN_MS_MAX)
        await until(() => victim.route.underWay('http-clients') >= 2, KILL_MOMENT_MS_MAX)
        const gone = victim.child.kill()
        victim.route.accepts = 'nothing'
        await gone
        victim.route.remove()
        fleet.killed++
        await startOne()
      }),
    stop: () => inTurn(async () => void (await Promise.all(instances.map(({ child }) => child.stop())))),
  }
  return fleet
}

/** Waits for a state, at most so long: past that the change goes on without it. */
async function until(holds: () => boolean, msMax: number): Promise<void> {
  const end = performance.now() + msMax
  while (!holds() && performance.now() < end) await sleep(WATCH_MS)
}
