import type { Copy } from '../copy.js'
import { hash32 } from '../slot.js'
import { canonicalJson } from './equal.js'

/**
 * A sum over records that does not depend on their order: for each visible record two 32-bit hashes of id, version
 * and value, each summed modulo 2^32.
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

/** What one record adds. */
export function digestOf(id: string, copy: Copy | null): Digest {
  if (copy === null || copy.value === null) return EMPTY_DIGEST
  const text = `${id}\n${copy.version}\n${canonicalJson(copy.value)}`
  return { high: hash32(`high\n${text}`), low: hash32(`low\n${text}`) }
}

export function addDigests(a: Digest, b: Digest): Digest {
  return { high: (a.high + b.high) % WORD, low: (a.low + b.low) % WORD }
}

/** Sixteen hexadecimal digits. The parts may be sums that were not reduced yet. */
export function digestText({ high, low }: Digest): string {
  return [high, low].map((part) => (part % WORD).toString(16).padStart(8, '0')).join('')
}

const WORD = 2 ** 32
