import { expect, test } from 'vitest'
import { HISTORIES, playAll, seedsOf } from './many.js'

/** The product's own code under chance: see `scenario.ts` for what one seed stands for, `many.ts` for SEED and SEEDS. */
test('under faults of every kind every history is that of one register, and both stores end equal: odd seeds', {
  timeout: 0,
}, async () => {
  const { SEED, SEEDS } = process.env
  const seeds = seedsOf('odd', process.env)
  const { histories } = await playAll(seeds, SEED !== undefined)
  expect(histories).toBe(SEED === undefined && SEEDS === undefined ? HISTORIES / 2 : seeds.length)
})
