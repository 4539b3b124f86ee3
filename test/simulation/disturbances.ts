import { pairsOf } from '../../lib/engine/stages/move.js'
import { recoverTarget } from '../../lib/engine/stages/recover-target.js'
import { attempt, leaveBehind, MOVER, persistently } from './operators.js'
import { strandOf } from './random.js'
import { durationOf } from './scenario.js'
import type { Outage, Scene } from './scene.js'

/** Less than the lateness that a store accepts, or no write of the instance would be taken. */
export const JUMP_MS_MAX = 9 * 60_000

/** A store goes away, for everybody or for some; where degrade is enabled the watch leaves it behind. */
export async function outage(stage: Scene, name: string, fault: (text: string) => void): Promise<void> {
  const { world, network, scenario } = stage
  const { random } = world
  const duration = durationOf(scenario)
  await world.sleep(random.below(duration))
  const stores = ['source', 'target', ...(scenario.whole === null ? [] : ['queue' as const])] as const
  const store = scenario.weak ?? random.pick(stores)
  const servers = Array.from({ length: scenario.servers }, (_, at) => `s${at + 1}`)
  const partial = scenario.bias?.partial ?? false
  const some = partial || random.chance(0.4) ? new Set(servers.filter(() => random.chance(0.5))) : null
  const lastsMs = random.below(Math.max(duration, 10 * (scenario.leaseMs ?? 0)), 100)
  const one: Outage = { store, until: world.now() + lastsMs, of: some }
  if (scenario.leaseMs !== null && network.outages.some(({ until }) => until > world.now())) return
  if (!network.mishaps.come(name, 'outage')) return
  network.outages.push(one)
  world.trace(() => `the ${store} is out of reach of ${some === null ? 'all' : [...some].join()} for ${lastsMs} ms`)
  // In a history of the whole system the watch does it by itself, if it comes by.
  if (scenario.whole !== null || store === 'queue' || scenario.leaseMs === null) return
  if (!partial && random.chance(0.3)) return
  await world.sleep(random.below(partial ? 400 : lastsMs / 2))
  // A store that was itself left behind cannot know it: whoever leaves the other one behind must, and does not.
  if (await isLevel(stage)) await leaveBehind(world, stage.newDesk('w'), store, fault)
}

/** Both stores stand at one fence, as nobody inside can see while one of them is away. */
async function isLevel({ raw }: Scene): Promise<boolean> {
  for (const [source, target] of pairsOf(raw)) {
    const [here, there] = [await source.control(), await target.control()]
    if (here.fence.epoch !== (there.fence?.epoch ?? 0)) return false
  }
  return true
}

/** A failover to a replica that lags, noticed a moment later. */
export async function lose(stage: Scene, fault: (text: string) => void): Promise<void> {
  const { world, network, scenario, rewind, newDesk } = stage
  const { random } = world
  await world.sleep(random.below(durationOf(scenario)))
  // The ledger and the watch have the target do more in the same time.
  const count = random.below(scenario.whole === null ? 9 : random.pick([10, 60, 250]), 1)
  if (!network.mishaps.come('loss', 'loss')) return
  world.trace(() => `the target forgets its last ${count} changes`)
  await rewind(count)
  stage.oracles.lost()
  if (scenario.whole !== null) return
  await world.sleep(random.below(300))
  const { collection, around } = newDesk('w')
  const recover = () => persistently(world, () => recoverTarget(collection, MOVER, around))
  await attempt(world, 'recover', recover, fault)
}

/** Processes that stop for a while, or for good, in the middle of anything. */
export function disturb({ scenario, world, network, server }: Scene): void {
  const duration = durationOf(scenario)
  for (let at = 0; at < scenario.freezes; at++) {
    const name = `freeze/${at}`
    const random = strandOf(scenario.seed, name)
    world.after(random.below(duration), () => {
      if (!network.mishaps.come(name, 'freeze')) return
      const { instance } = server(random)
      instance.frozenUntil = world.now() + random.below(random.chance(0.2) ? 25_000 : duration / 2, 10)
      world.trace(() => `${instance.name} freezes until ${instance.frozenUntil}`)
    })
  }
  for (let at = 0; at < scenario.kills; at++) {
    const name = `kill/${at}`
    const random = strandOf(scenario.seed, name)
    world.after(random.below(duration), () => {
      if (!network.mishaps.come(name, 'kill')) return
      const { instance } = server(random)
      instance.alive = false
      world.trace(() => `${instance.name} is killed`)
    })
  }
  for (let at = 0; at < (scenario.whole?.jumps ?? 0); at++) {
    const name = `jump/${at}`
    const random = strandOf(scenario.seed, name)
    world.after(random.below(duration), () => {
      if (!network.mishaps.come(name, 'clock-jump')) return
      const { instance } = server(random)
      const mostMs = random.chance(0.5) ? 20_000 : JUMP_MS_MAX
      instance.skewMs = random.below(mostMs, -mostMs)
      world.trace(() => `the clock of ${instance.name} jumps to ${instance.skewMs} ms`)
    })
  }
}
