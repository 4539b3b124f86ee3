import { join } from 'node:path'
import { bundle } from './bundle.js'
import type { Hunter } from './mutant.js'
import type { Pins } from './pins.js'
import type { Workers } from './workers.js'

/** Searches every order of requests in the model's chains, that which is pinned first. Seeds are nothing to it. */
export function modelHunter(folder: string, workers: Workers, pins: Pins): Hunter {
  let bundles = 0
  return async (mutant, { seeds }) => {
    const pin = pins[mutant.name]
    if (!mutant.hunt.includes('model') || (seeds === 0 && pin?.ground !== 'model')) return null
    bundles += 1
    const path = join(folder, `model-${bundles}.mjs`)
    await bundle('test/model/search.ts', mutant.edits, path)
    const first = pin?.ground === 'model' ? { first: String(pin.seed) } : {}
    const answer = await workers.run({ kind: 'model', bundle: path, ...first })
    if (answer.kind !== 'caught') return null
    return { ground: 'model', seed: answer.seed, steps: answer.operations, fault: answer.fault }
  }
}
