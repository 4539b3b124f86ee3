import { afterAll, beforeAll, expect, it } from 'vitest'
import { openReckoned, type Reckoned } from '../bench/parts/reckoned.js'

/**
 * What a page that is kept open for a week asks again and again, in Redis commands of a deployment as it is wired: an
 * access of the ledger is one, and so is what was measured of each of the two collections.
 */
let at: Reckoned

beforeAll(async () => {
  at = await openReckoned({ records: 20, documents: 1, chars: 20, backend: 'embedded' })
}, 60_000)

afterAll(() => at.close())

/** Of the second call: with the first, Redis is given the texts of the scripts. */
async function commands(path: string): Promise<number> {
  await at.operate('GET', path)
  return (await at.count(() => at.operate('GET', path))).commands
}

it('thresholds and consistency cost a handful of commands, whatever has happened', { timeout: 120_000 }, async () => {
  expect([await commands('/monitor/projects'), await commands('/consistency')]).toEqual([1, 1 + 2])
  await at.count(() => at.operate('POST', '/collections/projects/advance', { to: 'dualwrite', reason: 'r' }))
  await at.count(() => at.operate('POST', '/collections/projects/validate', { reason: 'r' }))
  await at.tick()
  const [found] = (await at.operate('GET', '/consistency')) as unknown as { latest: { mismatched: number } }[]
  expect(found?.latest.mismatched).toBe(20)
  expect([await commands('/monitor/projects'), await commands('/consistency')]).toEqual([1, 2 + 2])
  // As parts of the dashboard they cost no more, but for the position that it begins with.
  expect(await commands('/dashboard?parts=monitor')).toBeLessThanOrEqual(1 + 1)
  expect(await commands('/dashboard?parts=monitor,consistency')).toBeLessThanOrEqual(1 + 1 + 2 + 2)
})
