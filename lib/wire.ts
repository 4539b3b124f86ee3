import type { DataPlane } from './core/data-plane.js'
import { parseEnvironment, type Settings } from './core/environment.js'
import { OWN_COMPONENT, type Purpose } from './core/estimate/metered.js'
import { defaultMigration, type Migration } from './define.js'
import { systemClock } from './drivers/clock.js'
import { jsonLog, type Log } from './drivers/json-log.js'
import { redisClients } from './drivers/redis/client.js'
import type { DataPlaneEvent, Surroundings } from './engine/collection.js'
import type { EngineContext } from './engine/context.js'
import { dataPlane } from './engine/data-plane/data-plane.js'
import { metered } from './engine/data-plane/metered.js'
import { type Recorder, recorder } from './engine/metrics/recorder.js'
import { Spending } from './engine/metrics/spending.js'
import { suspecter } from './engine/suspect.js'
import type { DocumentStore } from './ports/document.js'
import { openCache } from './wire/cache.js'
import { openCollections, patientCollections, type StoresOf } from './wire/collections.js'
import { openControl } from './wire/control.js'
import { openDocuments } from './wire/documents.js'
import { memoryPeaks } from './wire/memory.js'
import { meteredDocuments } from './wire/metering.js'
import { keepAlive, platformDeadline, untilDue } from './wire/platform.js'
import { type Requests, requestRecorder } from './wire/requests.js'
import { sampler } from './wire/sampler.js'
import { gateOf, limitedDocuments, openBreakers } from './wire/stores.js'
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
  /** What this process measures; absent: nothing is. */
  metrics?: Recorder
  /** Has what was used of what is paid for written, if it is worth it; for instances that measure nothing else. */
  writeSpending?: () => void
  /** Takes some of the requests for records; absent: none are recorded. */
  requests?: Requests
  clock: typeof systemClock
  log: Log
  background: Surroundings['background']
  /** Wall-clock milliseconds at which this invocation ends, by the platform's word or by the configured budget. */
  deadlineAt: () => number
  /** Resolves when work after answers is done; for servers that are about to stop. */
  drained: () => Promise<void>
  /** What is used of what is paid for is counted as being for this; default: for moving. */
  control: (purpose?: Purpose) => Promise<EngineContext>
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
  if (settings.alertWebhookUrl !== undefined && settings.alertWebhookSecret === undefined)
    log.info('alert-webhook-unsigned', { mend: 'set CUTOVER_ALERT_WEBHOOK_SECRET' })
  const { failing } = settings
  const documents = limitedDocuments(await openDocuments(settings), failing)
  const spending = new Spending(systemClock, settings.meterFlushMs)
  const limits = { gate: gateOf('the target', failing.requestsMax), commands: failing.commands }
  const clients = redisClients({ ...settings.redis, limits })
  const storesFor =
    (purpose: Purpose): StoresOf =>
    (component) => ({
      ...clients.metered((commands) => spending.countFor(purpose, component, 'commands', commands)),
      documents: meteredDocuments(documents, spending, component),
    })
  const pending = new Set<Promise<unknown>>()
  const background = keepAlive(pending)
  const collections = openCollections(settings, migration, storesFor('traffic'))
  const ledger = async () => (await control('traffic')).ledger
  const { breakers, collections: guarded } = openBreakers(failing, collections, {
    ...{ documents: storesFor('traffic')(OWN_COMPONENT).documents, ledger, background },
  })
  const engines = new Map<Purpose, Promise<EngineContext>>()
  const control = (purpose: Purpose = 'moving'): Promise<EngineContext> => {
    const known = engines.get(purpose)
    if (known !== undefined) return known
    const storesOf = storesFor(purpose)
    const { client, documents } = storesOf(OWN_COMPONENT)
    const engine = openControl(settings, {
      // What a back-up reads and a restore writes is no traffic of the application: nothing is held against a store for it.
      ...{ client, documents, dataPlane: plane, around: { clock: systemClock, background, report }, spending, purpose },
      ...(breakers === undefined ? {} : { breakers }),
      collections: patientCollections(settings, collections, storesOf),
    })
    engines.set(purpose, engine)
    return engine
  }
  const deadlineAt = (): number => platformDeadline() ?? Date.now() + settings.invocationMs
  const lookAfter = watcher(collections, () => control('watching'), background)
  const metrics = recorder({
    metrics: async () => (await control('traffic')).metrics,
    clock: systemClock,
    background,
    flushMs: settings.meterFlushMs,
    bucketMs: settings.metricsBucketMs,
    isOver: (name) => plane.collections.includes(name) && plane.isOver(name),
    spent: () => spending.take(),
    peaks: memoryPeaks(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
    wait: untilDue,
    lost: (operations, code) => log.error('measurements-lost', { operations, code }),
  })
  function report(event: DataPlaneEvent): void {
    const { kind, ...fields } = event
    log[kind === 'target-lost-data' ? 'error' : 'info'](kind, fields)
    if (event.kind === 'target-lost-data' || event.kind === 'no-answer') lookAfter(event)
  }
  const plane = dataPlane(guarded, {
    copiesWindowMs: failing.copiesWindowMs,
    clock: systemClock,
    background,
    report,
    sampled: sampler({
      share: settings.compareShare,
      collections,
      recorder: () => metrics,
      background,
      differed: suspected,
    }),
  })
  const suspect = suspecter(systemClock, background, async () => {
    await metrics.flush()
    const [{ tickPlans }, { weighRules }] = await Promise.all([
      import('./engine/tick.js'),
      import('./engine/monitor/weigh-rules.js'),
    ])
    const context = await control('watching')
    await Promise.allSettled([weighRules(context, deadlineAt()), tickPlans(context, deadlineAt(), 'weigh')])
  })
  function suspected(name: string): void {
    if (!plane.isOver(name)) suspect(name)
  }
  const { recordShare: share } = settings
  const requests = requestRecorder({
    share,
    control: () => control('traffic'),
    background,
    isOver: (name) => plane.isOver(name),
  })
  const counted = metered(plane, { recorder: metrics, clock: systemClock, failed: suspected })
  const served = await openCache(failing, counted, plane)
  return {
    settings,
    migration,
    documents,
    dataPlane: served,
    metrics,
    writeSpending: () => background(control('watching').then((context) => spending.write(context.metrics))),
    ...(requests === undefined ? {} : { requests }),
    clock: systemClock,
    log,
    background,
    deadlineAt,
    drained: async () => {
      background(metrics.flush())
      if (requests !== undefined) background(requests.flush())
      while (pending.size > 0) await Promise.allSettled([...pending])
    },
    control,
  }
}
