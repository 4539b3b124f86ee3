import { BATCH_BYTES_MAX } from '../../core/batch.js'
import type { Copy } from '../../core/copy.js'
import type { Keyed } from '../../core/protocol/answers.js'

const encoder = new TextEncoder()

/**
 * As many of the first copies as one command may carry, and at least one: a page of small records may be followed by
 * one of large ones, and a store refuses a command that is over its limit.
 */
export function fitting<T extends Copy>(
  copies: readonly Keyed<T>[],
): { items: readonly Keyed<T>[]; bytes: number; all: boolean } {
  let bytes = 0
  for (const [at, { copy }] of copies.entries()) {
    const more = copy.value === null ? 0 : encoder.encode(JSON.stringify(copy.value)).length
    if (at > 0 && bytes + more > BATCH_BYTES_MAX) return { items: copies.slice(0, at), bytes, all: false }
    bytes += more
  }
  return { items: copies, bytes, all: true }
}
