import type { Collection, DataPlaneEvent } from './collection.js'
import type { EngineContext } from './context.js'
import { recover } from './recover.js'
import { type WatchFinding, watchCollection } from './watch.js'

/** What the data plane tells of and somebody must see to at once. */
export type Trouble = Extract<DataPlaneEvent, { kind: 'target-lost-data' | 'no-answer' }>

/**
 * Sees to what an operation has met. A loss that an operation has proved is a loss, whatever the heartbeat says: that
 * counter only tells of losses that go back further than the last watch. Where the epoch of the proof is over,
 * somebody has seen to it, and only the watch looks.
 */
export async function reactTo(context: EngineContext, collection: Collection, event: Trouble): Promise<WatchFinding> {
  if (event.kind === 'target-lost-data' && event.epoch !== undefined) {
    const mover = { by: 'watch', reason: 'an operation has found that the target lost acknowledged data' }
    const found = new Map([[event.partition, event.epoch]])
    const { partitions } = await recover(context, collection, mover, found)
    if (partitions.length > 0) return 'target-recovered'
  }
  return watchCollection(context, collection)
}
