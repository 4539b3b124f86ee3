import type { DataPlane } from '../core/data-plane.js'
import type { Settings } from '../core/environment.js'
import { OWN_COMPONENT, type Purpose } from '../core/estimate/metered.js'
import type { RedisClient } from '../drivers/redis/client.js'
import type { Collection, Surroundings } from '../engine/collection.js'
import type { EngineContext } from '../engine/context.js'
import type { Breakers } from '../engine/failing/guarded.js'
import type { Spending } from '../engine/metrics/spending.js'
import type { DocumentStore } from '../ports/document.js'
import { webhook } from './alerts.js'
import { openBackups } from './documents.js'
import { meteredQueue } from './metering.js'
import { otlpTelemetry } from './otlp.js'

/** What only the control plane needs; its drivers are loaded when it is first asked for. */
export async function openControl(settings: Settings, parts: ControlParts): Promise<EngineContext> {
  const { redisLedger } = await import('../drivers/ledgers/redis.js')
  const { redisMetrics } = await import('../drivers/metrics/redis.js')
  const { backupsInDocuments } = await import('../drivers/backups/documents.js')
  const { QstashQueue } = await import('../drivers/queues/qstash.js')
  const { collections, client, documents, dataPlane, around } = parts
  const { url, token } = settings.queue
  // What an instance measures now is in the store when its bucket has ended and been written.
  const lagMs = settings.metricsBucketMs + settings.meterFlushMs + OTLP_LAG_MS
  const notify = webhook(settings.alertWebhookUrl, settings.alertWebhookSecret, around.clock)
  const queue = new QstashQueue({ token, publicUrl: settings.publicUrl, ...(url === undefined ? {} : { url }) })
  return {
    ...around,
    collections,
    dataPlane,
    documents,
    backups: backupsInDocuments({ documents: await openBackups(settings, documents), keys: settings.backups.keys }),
    ...(parts.breakers === undefined ? {} : { breakers: parts.breakers }),
    environment: settings.environment,
    switches: settings.switches,
    ...(notify === undefined ? {} : { notify }),
    ...(settings.otlp === null ? {} : { telemetry: otlpTelemetry(settings.otlp, lagMs) }),
    ledger: redisLedger({ client, prefix: `${settings.redis.prefix}cutover:ledger:` }),
    metrics: redisMetrics({
      client,
      clock: around.clock,
      prefix: `${settings.redis.prefix}cutover:metrics:`,
      bucketMs: settings.metricsBucketMs,
    }),
    queue: meteredQueue(queue, parts.spending, parts.purpose, OWN_COMPONENT),
  }
}

/** For answers that come late, and clocks that differ, in milliseconds. */
const OTLP_LAG_MS = 20_000

interface ControlParts {
  collections: readonly Collection[]
  client: RedisClient
  documents: DocumentStore
  dataPlane: DataPlane
  around: Surroundings
  spending: Spending
  /** What the work of this context is counted as. */
  purpose: Purpose
  breakers?: Breakers
}
