import type { DataPlane } from './core/data-plane.js'
import { parseEnvironment, type Settings } from './core/environment.js'
import { defaultMigration, type Migration } from './define.js'
import { systemClock } from './drivers/clock.js'
import { jsonLog, type Log } from './drivers/json-log.js'
import { redisClient } from './drivers/redis/client.js'
import { openShelf } from './drivers/stores/documents/shelf.js'
import { documentSource } from './drivers/stores/documents/source.js'
import { redisTarget } from './drivers/stores/redis/target.js'
import type { Collection, DataPlaneEvent, Surroundings } from './engine/collection.js'
import type { EngineContext } from './engine/context.js'
import { dataPlane } from './engine/data-plane/data-plane.js'
import { metered, type TrafficCounts } from './engine/data-plane/metered.js'
import { type PartitionState, partitionStates } from './engine/data-plane/partition.js'
import { type Meter, meter } from './engine/meter.js'
import type { Trouble } from './engine/react.js'
import { suspecter } from './engine/suspect.js'
import type { DocumentStore } from './ports/document.js'

/**
 * The one place that reads the environment and chooses drivers. The data path is wired at once; what only the control
 * plane needs is loaded when it is first asked for, so that a data function stays small.
 */
export interface Wired {
  settings: Settings
  migration: Migration
  documents: DocumentStore
  dataPlane: DataPlane
  clock: typeof systemClock
  log: Log
  background: Surroundings['background']
  /** Wall-clock milliseconds at which this invocation ends, by the platform's word or by the configured budget. */
  deadlineAt: () => number
  /** Resolves when work after answers is done; for servers that are about to stop. */
  drained: () => Promise<void>
  control: () => Promise<EngineContext>
}

let shared: Promise<Wired> | undefined

/** The wiring of this process, from its environment. */
export function wired(): Promise<Wired> {
  shared ??= wire(process.env)
  return shared
}

export async function wire(
  env: { readonly [name: string]: string | undefined },
  migration = defaultMigration,
): Promise<Wired> {
  const settings = parseEnvironment(env)
  const log = jsonLog(settings.logLevel)
  const documents = await openDocuments(settings)
  const client = redisClient(settings.redis)
  const shelf = openShelf(settings.documentsKeptMb * 2 ** 20)
  const pending = new Set<Promise<unknown>>()
  const background = keepAlive(pending)
  const collections = migration.collections.map((definition): Collection => {
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
  let engine: Promise<EngineContext> | undefined
  const control = (): Promise<EngineContext> => {
    engine ??= wireControl(settings, collections, client, { clock: systemClock, background, report })
    return engine
  }
  const deadlineAt = (): number => platformDeadline() ?? Date.now() + settings.invocationMs
  const lookAfter = watcher(collections, control, background)
  const traffic = meter(
    async () => (await control()).ledger,
    systemClock,
    background,
    settings.meterFlushMs,
    (name) => plane.isOver(name),
  )
  function report(event: DataPlaneEvent): void {
    const { kind, ...fields } = event
    log[kind === 'target-lost-data' ? 'error' : 'info'](kind, fields)
    if (event.kind === 'target-lost-data' || event.kind === 'no-answer') lookAfter(event)
  }
  const plane = dataPlane(collections, {
    clock: systemClock,
    background,
    report,
    sampled: sampler(settings.compareShare, collections, count, background),
  })
  const suspect = suspecter(systemClock, background, async () => {
    await traffic.flush()
    const { tickPlans } = await import('./engine/tick.js')
    await tickPlans(await control(), plane, documents, deadlineAt(), 'weigh')
  })
  function count(name: string, what: keyof TrafficCounts): void {
    traffic.count(name, what)
    if ((what === 'mismatched' || what === 'failed') && !plane.isOver(name)) suspect(name)
  }
  return {
    settings,
    migration,
    documents,
    dataPlane: metered(plane, count),
    clock: systemClock,
    log,
    background,
    deadlineAt,
    drained: async () => {
      background(traffic.flush())
      while (pending.size > 0) await Promise.allSettled([...pending])
    },
    control,
  }
}

/** `projects.json`, or `projects-0.json` and so on when a collection is spread over several documents. */
export function documentName(collection: string, number: number, count: number): string {
  return count === 1 ? `${collection}.json` : `${collection}-${number}.json`
}

async function openDocuments(settings: Settings): Promise<DocumentStore> {
  const { source } = settings
  if (source.kind === 'files') {
    const { filesDocuments } = await import('./drivers/documents/files.js')
    return filesDocuments({ dir: source.dir })
  }
  const { blobDocuments } = await import('./drivers/documents/blob.js')
  const { token, apiUrl, readUrl } = source
  return blobDocuments({ token, access: 'private', ...(apiUrl ? { apiUrl } : {}), ...(readUrl ? { readUrl } : {}) })
}

async function wireControl(
  settings: Settings,
  collections: readonly Collection[],
  client: ReturnType<typeof redisClient>,
  around: Surroundings,
): Promise<EngineContext> {
  const { redisLedger } = await import('./drivers/ledgers/redis.js')
  const { QstashQueue } = await import('./drivers/queues/qstash.js')
  const { url, token } = settings.queue
  return {
    ...around,
    collections,
    notify: webhook(settings.alertWebhookUrl),
    ledger: redisLedger({ client, prefix: `${settings.redis.prefix}cutover:ledger:` }),
    queue: new QstashQueue({ token, publicUrl: settings.publicUrl, ...(url === undefined ? {} : { url }) }),
  }
}

/** Alerts go to the operators' webhook as JSON; one that does not take them loses nothing, for they are kept. */
function webhook(url: string | undefined): NonNullable<EngineContext['notify']> {
  if (url === undefined) return async () => {}
  return async (alert) => {
    const headers = { 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(WEBHOOK_MS)
    await fetch(url, { method: 'POST', headers, body: JSON.stringify(alert), signal })
  }
}

const WEBHOOK_MS = 5_000

/** A store that does not answer, or has lost data, is looked after at once, and not more often than every few seconds. */
function watcher(
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
        const { reactTo } = await import('./engine/react.js')
        await reactTo(await control(), collection, event)
      })(),
    )
  }
}

const WATCH_EVERY_MS = 3_000

/** Compares a share of the reads with the other store, after their answers. */
function sampler(
  share: number,
  collections: readonly Collection[],
  count: Meter['count'],
  background: Surroundings['background'],
): NonNullable<Surroundings['sampled']> {
  const states = new Map<string, PartitionState[]>()
  return (name, partition, id) => {
    if (share === 0 || systemClock.random() >= share) return
    const collection = collections.find((candidate) => candidate.name === name)
    if (collection === undefined) return
    background(
      (async () => {
        const { compareSampled } = await import('./engine/validate/sample.js')
        states.set(name, states.get(name) ?? partitionStates(collection))
        const state = states.get(name)?.[partition]
        if (state === undefined) return
        const { kind } = await compareSampled(state, id, systemClock)
        count(name, kind === 'match' ? 'matched' : kind === 'mismatch' ? 'mismatched' : 'inconclusive')
      })(),
    )
  }
}

interface RequestContext {
  waitUntil?: (work: Promise<unknown>) => void
  deadline?: number | string
}

/** What Vercel tells the functions it runs; nothing elsewhere. */
function requestContext(): RequestContext {
  const holder = (globalThis as { [key: symbol]: { get?: () => RequestContext | undefined } | undefined })[
    Symbol.for('@vercel/request-context')
  ]
  return holder?.get?.() ?? {}
}

function platformDeadline(): number | null {
  const { deadline } = requestContext()
  const at = deadline === undefined ? Number.NaN : new Date(deadline).getTime()
  return Number.isNaN(at) ? null : at
}

function keepAlive(pending: Set<Promise<unknown>>): Surroundings['background'] {
  return (work) => {
    const kept = work
      .catch(() => {}) // whoever began the work has reported what matters
      .finally(() => pending.delete(kept))
    pending.add(kept)
    requestContext().waitUntil?.(kept)
  }
}
