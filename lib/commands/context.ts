import type { DataPlane } from '../core/data-plane.js'
import type { JsonObject } from '../core/json.js'
import type { EngineContext } from '../engine/context.js'
import type { DocumentStore } from '../ports/document.js'

/** What the operators' verbs work with. */
export interface CommandContext {
  engine: EngineContext
  dataPlane: DataPlane
  /** Where exports go and restores come from. */
  documents: DocumentStore
  /** Refuses a record that the collection's schema does not accept. */
  checkRecord: (collection: string, id: string, value: JsonObject) => JsonObject
}
