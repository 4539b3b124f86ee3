import { join } from 'node:path'
import { bundle } from './bundle.js'
import type { Catch, Hunter, Mutant } from './mutant.js'
import type { Pins } from './pins.js'
import { PROFILES, type ProfileName } from './profiles.js'
import type { Workers } from './workers.js'

/** Seeds of one profile played in one go; then the mutant's next profile has its turn. */
const CHUNK = 20

/** Hunts in histories: first the one that is pinned for the mutant, then seeds of each of its profiles in turn. */
export async function simulationHunter(folder: string, workers: Workers, pins: Pins): Promise<Hunter> {
  const control = join(folder, 'control.mjs')
  await bundle(ENTRY, [], control)
  let bundles = 0
  const bundled = async (mutant: Mutant): Promise<string> => {
    bundles += 1
    const path = join(folder, `mutant-${bundles}.mjs`)
    await bundle(ENTRY, mutant.edits, path)
    return path
  }
  const search = async (path: string, ground: ProfileName, from: number, seeds: number): Promise<Catch | null> => {
    const chunk = Array.from({ length: seeds }, (_, more) => from + more)
    const answer = await workers.run({ kind: 'histories', bundle: path, control, profile: ground, seeds: chunk })
    if (answer.kind === 'control-failed')
      throw new Error(`The code as it is fails at ${ground}, seed ${answer.seed}: ${answer.fault}`)
    if (answer.kind === 'survived') return null
    return { ground, seed: answer.seed, steps: answer.operations, fault: answer.fault }
  }
  const searchAll = async (path: string, grounds: readonly ProfileName[], seeds: number): Promise<Catch | null> => {
    for (let from = 1; from <= seeds; from += CHUNK) {
      for (const ground of grounds) {
        const found = await search(path, ground, from, Math.min(CHUNK, seeds + 1 - from))
        if (found !== null) return found
      }
    }
    return null
  }
  return async (mutant, { seeds }) => {
    const grounds = mutant.hunt.filter(isProfile)
    const pin = pins[mutant.name]
    if (seeds > 0) return grounds.length === 0 ? null : searchAll(await bundled(mutant), grounds, seeds)
    return pin && isProfile(pin.ground) ? search(await bundled(mutant), pin.ground, Number(pin.seed), 1) : null
  }
}

const ENTRY = 'test/mutants/quarry.ts'

function isProfile(ground: string): ground is ProfileName {
  return ground in PROFILES
}
