import { CutoverError } from '../../core/error.js'
import type { JsonObject } from '../../core/json.js'

/**
 * Largest record that clients may write, as JSON, in bytes: some of them must fit into one answer of a function and
 * many into one request to the target. Records of old documents may be larger; they are read and moved.
 */
export const RECORD_BYTES_MAX = 1_000_000

export function checkSize(record: JsonObject, bytesMax: number = RECORD_BYTES_MAX): JsonObject {
  if (new TextEncoder().encode(JSON.stringify(record)).byteLength <= bytesMax) return record
  throw new CutoverError('too-large', `The record would be larger than ${bytesMax} bytes.`, { details: { bytesMax } })
}
