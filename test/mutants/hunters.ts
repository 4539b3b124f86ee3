import { bundleFolder } from './bundle.js'
import { byHandHunter } from './by-hand-hunter.js'
import { contractHunter } from './contract-hunter.js'
import { modelHunter } from './model-hunter.js'
import type { Hunter } from './mutant.js'
import type { Pins } from './pins.js'
import { simulationHunter } from './simulation-hunter.js'
import { openWorkers } from './workers.js'

/** The hunters in the order in which they are sent; the model and the tests by hand, which take longest, last. */
export async function openHunters(
  workers: number,
  pins: Pins,
): Promise<{ quick: Hunter[]; all: Hunter[]; close: () => Promise<void> }> {
  const folder = bundleFolder()
  const threads = await openWorkers(folder.path, workers)
  const contract = contractHunter(folder.path, pins)
  const quick = [await simulationHunter(folder.path, threads, pins), contract.hunt]
  return {
    quick,
    all: [...quick, modelHunter(folder.path, threads, pins), byHandHunter(pins)],
    async close() {
      await threads.close()
      await contract.close()
      folder.close()
    },
  }
}
