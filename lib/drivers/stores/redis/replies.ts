import { CutoverError } from '../../../core/error.js'

/** What a reply must be to be used; anything else was said by another server, or by another version of cutover. */
export function listOf(reply: unknown): unknown[] {
  if (Array.isArray(reply)) return reply
  throw unexpected('command')
}

export function textsOf(reply: unknown): string[] {
  const items = listOf(reply)
  if (items.every((item) => typeof item === 'string')) return items
  throw unexpected('command')
}

/** A count or a version: Redis sends integers, scripts send them as text. */
export function wholeOf(reply: unknown): number {
  const whole =
    typeof reply === 'number' || (typeof reply === 'string' && /^\d{1,16}$/.test(reply)) ? Number(reply) : -1
  if (Number.isSafeInteger(whole) && whole >= 0) return whole
  throw unexpected('a count')
}

export function unexpected(what: string): CutoverError {
  return new CutoverError(
    'internal',
    `Redis answered ${what} with something that this version of cutover does not know.`,
  )
}
