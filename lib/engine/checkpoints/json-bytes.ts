import type { Json } from '../../core/json.js'

/** Bytes of the JSON text in UTF-8. */
export function jsonBytes(value: Json): number {
  return encoder.encode(JSON.stringify(value)).byteLength
}

const encoder = new TextEncoder()
