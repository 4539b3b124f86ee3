import type { DataPlane } from '../core/data-plane.js'
import type { FailingSettings } from '../core/environment.js'
import { systemClock } from '../drivers/clock.js'
import type { DataPlaneOnStores } from '../engine/data-plane/data-plane.js'

/** The data plane with a cache beside it, where one is asked for; what it is made of is loaded then alone. */
export async function openCache(
  { cache }: FailingSettings,
  plane: DataPlane,
  { epochOf }: Pick<DataPlaneOnStores, 'epochOf'>,
): Promise<DataPlane> {
  if (cache === null) return plane
  const { lruCache } = await import('../drivers/cache/lru.js')
  const { cached } = await import('../engine/data-plane/cached.js')
  return cached(plane, { cache: lruCache(cache), clock: systemClock, msMax: cache.ms, epochOf })
}
