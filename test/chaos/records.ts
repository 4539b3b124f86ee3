import { COLLECTION_NAMES, type CollectionName } from '../../scripts/demo/manifests.js'
import type { Random } from '../simulation/random.js'
import type { Address } from './clients/client.js'
import type { Recorder } from './recorder.js'

/**
 * The records that clients use at a time: a few, so that they meet, and new ones every few seconds, so that a
 * record's history stays short enough to be judged however long the whole lasts. The last ones are still visited.
 */
export interface Records {
  choose(random: Random): Address
  /** The text by which a search finds the records of the same window. */
  about(id: string): string
}

const WINDOW_MS = 6_000
const EACH = 4
const LAST_SHARE = 0.15
/** The newest come first in every listing. */
const WINDOWS_MAX = 99_999

export function openRecords(recorder: Recorder): Records {
  const startedAt = performance.now()
  let opened = -1
  const idOf = (window: number, number: number): string =>
    `${String(WINDOWS_MAX - window).padStart(5, '0')}/ü ${number}`
  function open(window: number): void {
    for (; opened < window; opened++) {
      for (const collection of COLLECTION_NAMES)
        for (let number = 0; number < EACH; number++) recorder.introduce(collection, idOf(opened + 1, number))
    }
  }
  return {
    choose(random) {
      const now = Math.floor((performance.now() - startedAt) / WINDOW_MS)
      open(now)
      const window = now > 0 && random.chance(LAST_SHARE) ? now - 1 : now
      const collection: CollectionName = random.pick(COLLECTION_NAMES)
      return { collection, id: idOf(window, random.below(EACH)) }
    },
    about: (id) => `window ${id.split('/')[0]}`,
  }
}
