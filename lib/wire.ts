import type { DataPlane } from './core/data-plane.js'
import { parseEnvironment, type Settings } from './core/environment.js'
import { defaultMigration, type Migration } from './define.js'
import { systemClock } from './drivers/clock.js'
import { jsonLog, type Log } from './drivers/json-log.js'
import { redisClient } from './drivers/redis/client.js'
import type { DataPlaneEvent, Surroundings } from './engine/collection.js'
import type { EngineContext } from './engine/context.js'
import { dataPlane } from './engine/data-plane/data-plane.js'
import { metered, type TrafficCounts } from './engine/data-plane/metered.js'
import { meter } from './engine/meter.js'
import { suspecter } from './engine/suspect.js'
import type { DocumentStore } from './ports/document.js'
import { openCollections } from './wire/collections.js'
import { openControl } from './wire/control.js'
import { openDocuments } from './wire/documents.js'
import { keepAlive, platformDeadline } from './wire/platform.js'
import { sampler } from './wire/sampler.js'
import { watcher } from './wire/watcher.js'

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
  const pending = new Set<Promise<unknown>>()
  const background = keepAlive(pending)
  const collections = openCollections(settings, migration, { client, documents })
  let engine: Promise<EngineContext> | undefined
  const control = (): Promise<EngineContext> => {
    const around = { clock: systemClock, background, report }
    engine ??= openControl(settings, { collections, client, documents, dataPlane: served, around })
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
    await tickPlans(await control(), deadlineAt(), 'weigh')
  })
  function count(name: string, what: keyof TrafficCounts): void {
    traffic.count(name, what)
    if ((what === 'mismatched' || what === 'failed') && !plane.isOver(name)) suspect(name)
  }
  const served = metered(plane, count)
  return {
    settings,
    migration,
    documents,
    dataPlane: served,
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
