import type * as z from 'zod'
import { CutoverError } from '../../core/error.js'
import { isSameId } from '../../core/id.js'
import { isJsonObject, type JsonObject } from '../../core/json.js'

/** What records of each collection must look like; a collection without a schema takes every object. */
export interface CollectionSchemas {
  readonly [collection: string]: z.ZodType
}

/**
 * The record as it is stored: `value` with its `id`, checked against the schema of its collection. Schemas judge and
 * never change: what was sent is what is kept, member order included. An id that is a number stays one, since readers
 * of the old documents may compare with it.
 */
export function checkRecord(schemas: CollectionSchemas, collection: string, id: string, value: unknown): JsonObject {
  if (!isJsonObject(value)) {
    throw new CutoverError('invalid-input', `A record of ${collection} is a JSON object.`)
  }
  if (Object.hasOwn(value, 'id') && !isSameId(value.id, id)) {
    throw new CutoverError('invalid-input', 'The id in the record differs from the id it is stored under.', {
      details: { path: '$.id' },
    })
  }
  const record: JsonObject = Object.hasOwn(value, 'id') ? value : { id, ...value }
  const schema = Object.hasOwn(schemas, collection) ? schemas[collection] : undefined
  const judged = schema?.safeParse({ ...record, id })
  if (judged?.success === false) throw schemaFault(judged.error, `The record of ${collection}`)
  return record
}

/** Names the path of each fault, and never the value found there. */
export function schemaFault(error: z.core.$ZodError, what: string): CutoverError {
  const faults = error.issues.slice(0, FAULTS_MAX).map((issue) => {
    const path = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
    return `$${path}: ${issue.message}`
  })
  const rest = error.issues.length - faults.length
  const more = rest > 0 ? ` (and ${rest} more)` : ''
  return new CutoverError('invalid-input', `${what} is not valid: ${faults.join('; ')}${more}.`, {
    details: { faults },
  })
}

/** Faults listed in one answer. */
const FAULTS_MAX = 10
