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
  const { length } = text
  const whole = length & ~3
  let hash = 0
  for (let at = 0; at < whole; at += 4) {
    const a = text.charCodeAt(at)
    const b = text.charCodeAt(at + 1)
    const c = text.charCodeAt(at + 2)
    const d = text.charCodeAt(at + 3)
    if ((a | b | c | d) > ASCII_MAX) return hashBytes(encoder.encode(text))
    hash = mix(hash, a | (b << 8) | (c << 16) | (d << 24))
  }
  let tail = 0
  for (let at = length - 1; at >= whole; at--) {
    const unit = text.charCodeAt(at)
    if (unit > ASCII_MAX) return hashBytes(encoder.encode(text))
    tail = (tail << 8) | unit
  }
  return finish(hash, tail, length)
}

/** Text of ASCII alone is its own UTF-8, and is hashed as it stands: an encoder costs more than the rest of a read. */
const ASCII_MAX = 0x7f

function hashBytes(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blocks = bytes.length >>> 2
  let hash = 0
  for (let block = 0; block < blocks; block++) hash = mix(hash, view.getUint32(block * 4, true))
  let tail = 0
  for (let at = bytes.length - 1; at >= blocks * 4; at--) tail = (tail << 8) | (bytes[at] ?? 0)
  return finish(hash, tail, bytes.length)
}

function mix(hash: number, word: number): number {
  const mixed = hash ^ scramble(word)
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
}

function finish(mixed: number, tail: number, length: number): number {
  let hash = mixed ^ scramble(tail) ^ length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const encoder = new TextEncoder()

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}
