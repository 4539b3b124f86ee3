import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type RedisGateway, startRedisGateway } from '../../scripts/stack/redis/gateway.js'
import { bundle } from './bundle.js'
import type { Hunter } from './mutant.js'
import type { Pins } from './pins.js'
import type * as Twin from './twin.js'

/** Scripts of the Redis target, against the target in memory; see `twin.ts`. The embedded Redis is opened when needed. */
export function contractHunter(folder: string, pins: Pins): { hunt: Hunter; close: () => Promise<void> } {
  let gateway: Promise<RedisGateway> | undefined
  let bundles = 0
  const load = async (name: string, edits: Parameters<typeof bundle>[1]): Promise<typeof Twin> => {
    const path = join(folder, `${name}.mjs`)
    await bundle('test/mutants/twin.ts', edits, path)
    return (await import(pathToFileURL(path).href)) as typeof Twin
  }
  let control: Promise<typeof Twin> | undefined
  return {
    async hunt(mutant, { seeds }) {
      const pin = pins[mutant.name]
      const pinned = pin?.ground === 'contract' ? [Number(pin.seed)] : []
      const chosen = seeds === 0 ? pinned : Array.from({ length: Math.min(seeds, SEEDS_MAX) }, (_, at) => at + 1)
      if (!mutant.hunt.includes('contract') || chosen.length === 0) return null
      gateway ??= startRedisGateway({ backend: 'embedded' })
      control ??= load('twin-control', [])
      bundles += 1
      const name = `twin-${bundles}`
      const twin = await load(name, mutant.edits)
      for (const seed of chosen) {
        const found = await twin.compare(seed, await gateway, `${name}/${seed}:`)
        if (found === null) continue
        const wrong = await (await control).compare(seed, await gateway, `${name}/${seed}/control:`)
        if (wrong !== null) throw new Error(`The code as it is fails at contract, seed ${seed}: ${wrong.fault}`)
        return { ground: 'contract', seed, steps: found.steps, fault: found.fault }
      }
      return null
    },
    close: async () => (await gateway)?.close(),
  }
}

const SEEDS_MAX = 60
