import { reach } from '../../core/fence.js'
import { sourceNumbers } from '../../core/stage.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'
import { tellWatch } from '../stages/marks.js'
import { pairsOf } from '../stages/move.js'

/** A run has found a partition's target set back: the watch is to find it too, and recovers it; an alert is raised. */
export async function tellOfLoss(context: EngineContext, collection: Collection, partition: number): Promise<void> {
  const pair = pairsOf(collection)[partition]
  if (pair === undefined) return
  const [source, target] = pair
  const { fence } = await source.control()
  // Before shadow nobody relies on the target.
  if (sourceNumbers(reach(fence).stage)) return
  await tellWatch(source, target)
  const { epoch } = fence
  context.report({ kind: 'target-lost-data', collection: collection.name, partition, epoch, sign: 'set-back', id: '' })
}
