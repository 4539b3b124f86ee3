import type { Settings } from '../core/environment.js'
import type { Migration } from '../define.js'
import { systemClock } from '../drivers/clock.js'
import type { RedisClient } from '../drivers/redis/client.js'
import { openShelf } from '../drivers/stores/documents/shelf.js'
import { documentSource } from '../drivers/stores/documents/source.js'
import { redisTarget } from '../drivers/stores/redis/target.js'
import type { Collection } from '../engine/collection.js'
import type { DocumentStore } from '../ports/document.js'
import { documentName } from './documents.js'

/** Every collection of a migration with its two stores. */
export function openCollections(
  settings: Settings,
  migration: Migration,
  { client, documents }: { client: RedisClient; documents: DocumentStore },
): Collection[] {
  const shelf = openShelf(settings.documentsKeptMb * 2 ** 20)
  return migration.collections.map((definition): Collection => {
    const count = definition.documents ?? settings.documents
    const target = redisTarget({
      client,
      collection: definition.name,
      partitions: count,
      prefix: settings.redis.prefix,
      readsByScript: settings.redis.readReplicas,
    })
    const sources = Array.from({ length: count }, (_, number) =>
      documentSource({
        documents,
        clock: systemClock,
        collection: definition.name,
        shelf,
        name: documentName(definition.name, number, count),
        ...(definition.idMember === undefined ? {} : { idMember: definition.idMember }),
        ...(definition.shape === undefined ? {} : { shape: definition.shape }),
      }),
    )
    return {
      name: definition.name,
      source: { partitions: sources, shape: async () => sources[0]?.shape() ?? 'map' },
      target,
      leaseMs: settings.leaseMs,
      ...(definition.bucketKey === undefined ? {} : { bucketKey: definition.bucketKey }),
    }
  })
}
