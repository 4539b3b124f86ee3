import type { AlertMessage } from '../core/alert.js'
import type { DataPlane } from '../core/data-plane.js'
import { CutoverError } from '../core/error.js'
import type { Switches } from '../core/switches.js'
import type { BackupStore } from '../ports/backup.js'
import type { Clock } from '../ports/clock.js'
import type { DocumentStore } from '../ports/document.js'
import type { Ledger } from '../ports/ledger.js'
import type { MetricsStore } from '../ports/metrics.js'
import type { Queue } from '../ports/queue.js'
import type { Telemetry } from '../ports/telemetry.js'
import type { Collection, Surroundings } from './collection.js'
import type { Breakers } from './failing/guarded.js'

/** What the control plane works with. */
export interface EngineContext extends Surroundings {
  collections: readonly Collection[]
  /** The application's records, as its callers read and write them. */
  dataPlane: DataPlane
  /** Where exports go and restores come from. */
  documents: DocumentStore
  backups: BackupStore
  ledger: Ledger
  metrics: MetricsStore
  queue: Queue
  clock: Clock
  /** Of this instance's traffic to the stores; absent: there are none. */
  breakers?: Breakers
  /** Where this runs, for conditions of flags. */
  environment?: string
  /** What the environment forces. */
  switches: Switches
  /** Where metrics are told to others; absent: nowhere. */
  telemetry?: Telemetry
  /** Tells people of an alert; resolves once they have it, and throws otherwise: then it is told again. */
  notify?: (message: AlertMessage) => Promise<void>
}

export function collectionOf(context: Pick<EngineContext, 'collections'>, name: string): Collection {
  const found = context.collections.find((collection) => collection.name === name)
  if (found !== undefined) return found
  const names = context.collections.map((collection) => collection.name).join(', ')
  throw new CutoverError('not-found', `There is no collection ${JSON.stringify(name)}. There are: ${names}.`)
}
