import type { DataPlane } from '../../../lib/core/data-plane.js'
import {
  encodeSession,
  NEW_SESSION,
  parseSession,
  type Session,
  seenBy,
  versionTold,
} from '../../../lib/core/session.js'
import type { Stage } from '../../../lib/core/stage.js'
import { type CacheParts, cached, type Entry } from '../../../lib/engine/data-plane/cached.js'
import { dataPlane } from '../../../lib/engine/data-plane/data-plane.js'
import { change, go, ids, type World, world } from '../runs/world.js'

/** An instance of its own over the same stores, with a cache. */
export function instance(at: World, more: Partial<CacheParts> = {}): { plane: DataPlane; kept: Map<string, Entry> } {
  const kept = new Map<string, Entry>()
  const stores = dataPlane(at.context.collections, at.context)
  const { clock } = at
  return { plane: cached(stores, { cache: kept, clock, msMax: 60_000, epochOf: stores.epochOf, ...more }), kept }
}

interface Client {
  session: Session
  /** By id: the highest version that this client has been told of. */
  seen: Map<string, number>
}

function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return Math.floor((state / 2_147_483_647) * below)
  }
}

/**
 * Clients with sessions, several instances, writes, deletions and stage changes by chance. Answers how often a client was
 * shown a version older than one it had seen before, and how often the cache answered at all.
 */
export async function history(seed: number): Promise<{ older: number; hits: number; reads: number }> {
  const at = world({ partitions: 2, names: ['projects', 'resources'] })
  const instances = Array.from({ length: 3 }, () => instance(at).plane)
  const draw = random(seed)
  const clients: Client[] = Array.from({ length: 3 }, () => ({ session: NEW_SESSION, seen: new Map() }))
  const stages: Stage[] = ['dualwrite', 'shadow', 'live', 'rampdown']
  const found = { older: 0, hits: 0, reads: 0 }
  const names = ids(draw(2) === 0 ? 3 : 40)
  for (let step = 0; step < 120; step++) {
    const client = clients[draw(clients.length)]
    const plane = instances[draw(instances.length)]
    const id = names[draw(names.length)] ?? 'r0000'
    if (client === undefined || plane === undefined) continue
    at.clock.time += draw(400)
    const told = (etag: string | undefined, epoch: number): void => {
      const version = etag === undefined ? 0 : (versionTold(etag) ?? 0)
      if (version < (client.seen.get(id) ?? 0)) found.older += 1
      client.seen.set(id, Math.max(version, client.seen.get(id) ?? 0))
      const next = seenBy(client.session, [{ collection: 'projects', id, epoch, version }])
      client.session = parseSession(encodeSession(next))
    }
    const kind = draw(20)
    if (kind === 0) {
      const stage = stages.shift()
      if (stage !== undefined) await go(at, stage)
    } else if (kind < 5) {
      const { etag, epoch } = await change(at, id, { kind: 'put', value: { id, step } }, plane)
      told(etag, epoch)
    } else if (kind === 5) {
      const gone = await change(at, id, { kind: 'delete' }, plane).catch(() => null)
      if (gone !== null) told(gone.etag, gone.epoch)
    } else {
      found.reads += 1
      const kept = plane.recall?.('projects', id, { session: client.session }) ?? null
      if (kept !== null) found.hits += 1
      const outcome = kept ?? (await plane.get('projects', id))
      told(outcome.etag, outcome.epoch)
    }
  }
  await at.settled()
  return found
}
