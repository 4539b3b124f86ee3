import { partitionOf } from '../../lib/core/slot.js'
import { nextVersion } from '../../lib/core/version.js'
import type { Collection } from '../../lib/engine/collection.js'
import { pairsOf } from '../../lib/engine/stages/move.js'
import { COLLECTION } from './clients.js'

/** Above all ids of the clients. */
export const DAMAGED = 'zz'

/**
 * One record that both stores hold under one version by one operation, each with a value of its own, as no protocol
 * can make it and no pass can mend it: somebody has written past cutover. Only a comparison of values shows it.
 */
export async function plantDamage(raw: Collection): Promise<void> {
  const pairs = pairsOf(raw)
  const pair = pairs[partitionOf(COLLECTION, DAMAGED, pairs.length)]
  if (pair === undefined) throw new Error('A partition is missing.')
  const [source, target] = pair
  const { fence } = await source.control()
  const version = nextVersion(0, fence.epoch)
  const copyOf = (text: string) => ({ version, op: 'damage', value: { id: DAMAGED, text } })
  await source.apply(fence, DAMAGED, copyOf('right'))
  await target.applyMany(fence, [{ id: DAMAGED, copy: copyOf('wrong') }])
}
