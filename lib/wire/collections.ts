import type { Settings } from '../core/environment.js'
import type { Migration } from '../define.js'
import { systemClock } from '../drivers/clock.js'
import type { RedisClient } from '../drivers/redis/client.js'
import { openShelf } from '../drivers/stores/documents/shelf.js'
import { documentSource } from '../drivers/stores/documents/source.js'
import { redisTarget } from '../drivers/stores/redis/target.js'
import type { Collection } from '../engine/collection.js'
import type { DocumentStore } from '../ports/document.js'
import type { TargetCollection } from '../ports/store.js'
import { documentName } from './documents.js'

/** What a collection is reached by, which is counted for each. */
export type StoresOf = (collection: string) => { client: RedisClient; patient: RedisClient; documents: DocumentStore }

/** Every collection of a migration with its two stores. */
export function openCollections(settings: Settings, migration: Migration, storesOf: StoresOf): Collection[] {
  const shelf = openShelf(settings.documentsKeptMb * 2 ** 20)
  return migration.collections.map((definition): Collection => {
    const count = definition.documents ?? settings.documents
    const { client, documents } = storesOf(definition.name)
    const target = targetOf(settings, definition.name, count, client)
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

/**
 * The same collections for the control plane, whose commands are counted by what they are for. Where commands are
 * limited, what runs ask of many records at once waits until the application has no command waiting; fences, counters
 * and single records do not.
 */
export function patientCollections(
  settings: Settings,
  collections: readonly Collection[],
  storesOf: StoresOf,
): readonly Collection[] {
  return collections.map((collection): Collection => {
    const { client, patient } = storesOf(collection.name)
    const count = collection.target.partitions.length
    const { partitions, ...target } = targetOf(settings, collection.name, count, client)
    if (settings.failing.commands === null) return { ...collection, target: { ...target, partitions } }
    const later = targetOf(settings, collection.name, count, patient)
    return {
      ...collection,
      target: {
        ...target,
        page: later.page,
        compare: later.compare,
        partitions: partitions.map((partition, number) => {
          const { applyMany, settleMany, getMany, openIds } = later.partitions[number] ?? partition
          return { ...partition, applyMany, settleMany, getMany, openIds }
        }),
      },
    }
  })
}

function targetOf(settings: Settings, collection: string, partitions: number, client: RedisClient): TargetCollection {
  const { prefix, readReplicas } = settings.redis
  return redisTarget({ client, collection, partitions, prefix, readsByScript: readReplicas })
}
