import type { JsonObject } from '../core/json.js'
import type { EngineContext } from '../engine/context.js'

/** What the operators' verbs work with. */
export interface CommandContext {
  engine: EngineContext
  /** Refuses a record that the collection's schema does not accept. */
  checkRecord: (collection: string, id: string, value: JsonObject) => JsonObject
  /** Told of a fault of ours that was answered around, so that somebody looks. */
  fault?: (where: string, error: unknown) => void
}
