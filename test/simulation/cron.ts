import { CutoverError } from '../../lib/core/error.js'
import { textOf } from './process.js'
import { strandOf } from './random.js'
import type { Scene } from './scene.js'
import type { Whole } from './whole.js'
import type { Instance } from './world.js'

export interface Cron {
  start(): void
  /** From now on regular, this often, and nothing is missed or doubled. */
  calm(everyMs: number): void
  /** No more ticks begin. */
  stop(): void
  /** Ticks that have begun. */
  readonly ticks: number
}

/** More would be a history that does not end. */
const TICKS_MAX = 3_000

/** Fires the tick at any instance, at irregular moments; some do not come, some come twice at once, some overlap. */
export function cronOf(scene: Scene, whole: Whole, fault: (text: string) => void): Cron {
  const { world, scenario, network } = scene
  const random = strandOf(scenario.seed, 'cron')
  let everyMs: number | null = null
  let stopped = false
  let ticks = 0
  /** While a store is out of reach the tick may be waiting in a hold: some of those functions are stopped there. */
  const cutShort = (name: string, instance: Instance): void => {
    const { leaseMs } = scenario
    const own = strandOf(scenario.seed, name)
    if (leaseMs === null || everyMs !== null || !own.chance(0.25)) return
    if (!network.outages.some(({ until }) => until > world.now())) return
    if (!network.mishaps.come(`${name}/kill`, 'kill')) return
    world.after(own.below(2 * leaseMs), () => {
      instance.alive = false
      world.trace(() => `${instance.name} is killed in its tick`)
    })
  }
  const fire = (name: string): void => {
    ticks += 1
    const process = scene.server(random)
    const { instance } = process
    world.trace(() => `${name} at ${instance.name}`)
    scene.pending.set(name, instance)
    cutShort(name, instance)
    instance.deliver(() => {
      process
        .tick()
        .then(
          (report) => world.trace(() => `${name} -> ${JSON.stringify(report)}`),
          (error: unknown) => {
            world.trace(() => `${name} failed: ${String(error)}`)
            if (!(error instanceof CutoverError)) fault(`A tick threw ${textOf(error)}`)
          },
        )
        .finally(() => scene.pending.delete(name))
    })
  }
  const next = (at: number): void => {
    if (stopped || at === TICKS_MAX) return
    const [drawn, pause] = [random.next(), random.next() * 2 * whole.cronMs]
    world.after(everyMs ?? pause, () => {
      if (stopped) return
      const name = `cron/${at}`
      const { cronMissed, cronDoubled } = whole
      const rough = everyMs === null
      if (rough && drawn < cronMissed && network.mishaps.come(name, 'cron-missed')) return next(at + 1)
      fire(name)
      if (rough && drawn > 1 - cronDoubled && network.mishaps.come(name, 'cron-doubled')) fire(`${name}'`)
      next(at + 1)
    })
  }
  return {
    start: () => next(0),
    calm: (ms) => {
      everyMs = ms
    },
    stop: () => {
      stopped = true
    },
    get ticks() {
      return ticks
    },
  }
}
