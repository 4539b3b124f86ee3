/**
 * Slots: every record falls into one of 10,000, by a stable hash of its bucket key (by default its id), so that a
 * rollout can be steered in steps of 0.01 %. The slot of a key never changes.
 */
export const SLOTS = 10_000

/** The slot of a bucket key in `collection`: the 32-bit hash scaled to 0..9999, without the bias of a modulo. */
export function slotOf(collection: string, bucketKey: string): number {
  return Math.floor((hash32(`${collection}\n${bucketKey}`) / 2 ** 32) * SLOTS)
}

/** The partition (document) of a key among `partitions`, independent of its slot. */
export function partitionOf(collection: string, id: string, partitions: number): number {
  return partitions === 1 ? 0 : Math.floor((hash32(`${id}\n${collection}\npartition`) / 2 ** 32) * partitions)
}

/** How many slots a rollout percentage covers. Percentages are taken to 0.01. */
export function slotsOfPercent(percent: number): number {
  return Math.min(SLOTS, Math.max(0, Math.round(percent * (SLOTS / 100))))
}

/** MurmurHash3 (x86, 32 bits, seed 0) of the UTF-8 text: well spread in its high bits, the same in every runtime. */
export function hash32(text: string): number {
  const bytes = encoder.encode(text)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blocks = bytes.length >>> 2
  let hash = 0
  for (let block = 0; block < blocks; block++) {
    hash ^= scramble(view.getUint32(block * 4, true))
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let at = bytes.length - 1; at >= blocks * 4; at--) tail = (tail << 8) | (bytes[at] ?? 0)
  hash ^= scramble(tail) ^ bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const encoder = new TextEncoder()

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}
