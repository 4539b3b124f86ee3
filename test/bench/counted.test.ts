import { expect, test } from 'vitest'
import { measureRow } from './measure-row.js'

/** Rows whose goals are counts, the same on every machine: on less work, in every test run. */
const COUNTED = [4, 6, 7, 8, 10, 13]

test.each(COUNTED)('row %i of the benchmarks keeps its counted goals', { timeout: 120_000 }, async (number) => {
  const told: string[] = []
  const outcome = await measureRow(number, { size: 'small', seed: 1, tell: (text) => told.push(text) })
  if (outcome.kind === 'failed') throw new Error(`${outcome.error}\n${told.join('\n')}`)
  const counted = outcome.measured.figures.filter((figure) => figure.counted && figure.met !== null)
  expect(counted.length, 'a row that counts nothing proves nothing').toBeGreaterThan(0)
  expect(counted.filter(({ met }) => !met)).toEqual([])
})
