import type { Json } from '../core/json.js'
import type { Entry } from '../ports/ledger.js'

/** The stream of everything that changed a stage, flag, rollout, run, plan or override. Nothing is ever dropped. */
export const AUDIT_STREAM = 'audit'

export interface AuditEntry {
  /** Wall-clock milliseconds. */
  at: number
  by: string
  /** The verb, by its name. */
  action: string
  collection: string | null
  reason: string
  before: Json
  after: Json
}

export function auditEntry(entry: AuditEntry): Entry {
  return { stream: AUDIT_STREAM, value: entry as unknown as Json }
}
