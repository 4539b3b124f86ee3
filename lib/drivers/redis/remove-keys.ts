import { CutoverError } from '../../core/error.js'
import type { RedisClient } from './client.js'

/**
 * Removes every key that begins with the prefix, but for one that the caller removes last; searches the whole database
 * for them.
 */
export async function removeKeys(client: RedisClient, prefix: string, spared: string | null = null): Promise<void> {
  const pattern = `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`
  let cursor = '0'
  // Some servers pass over keys while others are removed: it is done when a whole round has found none.
  let foundInRound = 0
  for (let page = 0; page < SCAN_PAGES_MAX; page++) {
    const answer = await client.command(['SCAN', cursor, 'MATCH', pattern, 'COUNT', SCAN_KEYS])
    const [next, found] = Array.isArray(answer) ? answer : []
    if (!Array.isArray(found)) {
      throw new CutoverError('unavailable', 'The answer to a search for keys cannot be understood.')
    }
    const keys = found.map(String).filter((key) => key.startsWith(prefix) && key !== spared)
    if (keys.length > 0) await client.command(['DEL', ...keys])
    foundInRound += keys.length
    cursor = String(next)
    if (cursor !== '0') continue
    if (foundInRound === 0) return
    foundInRound = 0
  }
  throw new CutoverError('internal', `The database is too large to be searched for the keys of ${prefix}.`)
}

const SCAN_KEYS = 500
const SCAN_PAGES_MAX = 100_000
