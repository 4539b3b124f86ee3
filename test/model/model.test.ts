import { afterAll, describe, expect, test } from 'vitest'
import { CHAINS } from './chains.js'
import { search, tell } from './search.js'

/** Long chains, and more that goes wrong in each, are searched by `npm run model -- --wide`. */
describe('in every order in which requests can reach the stores', () => {
  let states = 0
  let chains = 0

  test.each(CHAINS)('$name', { timeout: 120_000 }, async (chain) => {
    const searched = await search(chain)
    expect(searched.fault, tell(searched)).toBeNull()
    expect(searched.complete).toBe(true)
    states += searched.states
    chains += 1
  })

  afterAll(() => {
    console.log(`${chains} chains, ${states} states`)
    if (chains === CHAINS.length) expect(states).toBeGreaterThan(1_000_000)
  })
})
