import { BATCH_BYTES_MAX } from '../../core/batch.js'
import type { Copy } from '../../core/copy.js'
import type { Keyed } from '../../core/protocol/answers.js'

/**
 * As many of the first copies as one command may carry, and at least one: a page of small records may be followed by
 * one of large ones, and a store refuses a command that is over its limit. With the text of each, for it takes as long
 * to make as the rest of the batch does.
 */
export function fitting<T extends Copy>(
  copies: readonly Keyed<T>[],
): { items: readonly Keyed<T>[]; bytes: number; all: boolean } {
  const items: Keyed<T>[] = []
  let bytes = 0
  for (const { id, copy } of copies) {
    const text = copy.value === null ? '' : JSON.stringify(copy.value)
    const more = bytesOf(text)
    if (items.length > 0 && bytes + more > BATCH_BYTES_MAX) return { items, bytes, all: false }
    bytes += more
    items.push({ id, copy, text })
  }
  return { items, bytes, all: true }
}

const encoder = new TextEncoder()
const scratch = new Uint8Array(4_096)

/** Without an array for each text, as long as it is short. */
function bytesOf(text: string): number {
  const { read, written } = encoder.encodeInto(text, scratch)
  return read === text.length ? written : encoder.encode(text).length
}
