import type { Copy } from '../copy.js'
import { canonicalJson } from './equal.js'

/**
 * A sum over records that does not depend on their order: for each visible record two 32-bit hashes, each summed modulo
 * 2^32; of its id and version, and where the stores differ of its value too. (Where they were found to agree, one
 * version is one value, and the value need not be read again.)
 *
 * Equal sums of two stores say that they very likely hold the same records in the same versions; unequal ones, that
 * they certainly do not. It does not say which record differs, and it is no defence: whoever wants two different sets
 * with one sum can make them. Tombstones and absent records count as nothing.
 */
export interface Digest {
  high: number
  low: number
}

export const EMPTY_DIGEST: Digest = { high: 0, low: 0 }

/** What one record adds. `agreed`: both stores hold this very copy. */
export function digestOf(id: string, copy: Copy | null, agreed: boolean): Digest {
  if (copy === null || copy.value === null) return EMPTY_DIGEST
  return hashes(`${id}\n${copy.version}${agreed ? '' : `\n${canonicalJson(copy.value)}`}`)
}

export function addDigests(a: Digest, b: Digest): Digest {
  return { high: (a.high + b.high) % WORD, low: (a.low + b.low) % WORD }
}

/** Sixteen hexadecimal digits. The parts may be sums that were not reduced yet. */
export function digestText({ high, low }: Digest): string {
  return [high, low].map((part) => (part % WORD).toString(16).padStart(8, '0')).join('')
}

const WORD = 2 ** 32

/** Two unlike multiplicative hashes of the UTF-16 text, in one go. */
function hashes(text: string): Digest {
  let high = 0x811c9dc5
  let low = 0x9e3779b9
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    high = Math.imul(high ^ unit, 0x01000193)
    low = Math.imul(low ^ unit ^ (low >>> 15), 0x5bd1e995)
  }
  return { high: mixed(high), low: mixed(low) }
}

/** Every bit of the hash comes to count in every bit of the sum. */
function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  const whole = Math.imul(half ^ (half >>> 13), 0xc2b2ae35)
  return (whole ^ (whole >>> 16)) >>> 0
}
