import type { Collection, Surroundings } from '../engine/collection.js'
import type { EngineContext } from '../engine/context.js'
import type { Trouble } from '../engine/react.js'

/** A store that does not answer, or has lost data, is looked after at once, and not more often than every few seconds. */
export function watcher(
  collections: readonly Collection[],
  control: () => Promise<EngineContext>,
  background: Surroundings['background'],
): (event: Trouble) => void {
  const last = new Map<string, number>()
  return (event) => {
    const now = performance.now()
    const collection = collections.find(({ name }) => name === event.collection)
    const key = event.kind === 'no-answer' ? event.collection : `${event.collection}/${event.partition}`
    if (collection === undefined || now - (last.get(key) ?? Number.NEGATIVE_INFINITY) < WATCH_EVERY_MS) return
    last.set(key, now)
    background(
      (async () => {
        const { reactTo } = await import('../engine/react.js')
        await reactTo(await control(), collection, event)
      })(),
    )
  }
}

const WATCH_EVERY_MS = 3_000
