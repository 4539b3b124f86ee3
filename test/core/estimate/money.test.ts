import { describe, expect, it } from 'vitest'
import { type Billed, beyondFree, moneyOf } from '../../../lib/core/estimate/money.js'
import { PRICE_SOURCES, PRICES, PRICES_OF } from '../../../lib/core/estimate/prices.js'
import { used } from '../../../lib/core/estimate/usage.js'

const usage = used({ reads: 100_000, writes: 200_000, messages: 1_000, documentReads: 2e6, documentWrites: 1e6 })
const billed: Billed = { usage, storedBytes: 0, days: 7, readRegions: 0, blob: true }

describe('money', () => {
  it('is commands, messages and operations at their prices', () => {
    const money = moneyOf(billed, PRICES)
    expect(money).toMatchObject({ redisStorage: 0, redisBandwidth: 0 })
    expect(money.redisCommands).toBeCloseTo(0.6)
    expect(money.queueMessages).toBeCloseTo(0.01)
    expect(money.blobOperations).toBeCloseTo(5.8)
    expect(money.total).toBeCloseTo(6.41)
  })

  it('counts what may write once more for each read region', () => {
    expect(moneyOf({ ...billed, readRegions: 2 }, PRICES).redisCommands).toBeCloseTo(1.4)
  })

  it('begins for storage and bandwidth where the free part ends', () => {
    const stored = moneyOf({ ...billed, storedBytes: 3e9, days: 30 }, PRICES)
    expect(stored.redisStorage).toBeCloseTo(0.5)
    const moved = moneyOf({ ...billed, usage: used({ bytesIn: 150e9, bytesOut: 150e9 }) }, PRICES)
    expect(moved.redisBandwidth).toBeCloseTo(3)
  })

  it('is nothing for documents that are files', () => {
    expect(moneyOf({ ...billed, blob: false }, PRICES).blobOperations).toBe(0)
  })

  it('goes by the prices it is given', () => {
    expect(moneyOf(billed, { ...PRICES, redisPer100kCommands: 2 }).redisCommands).toBeCloseTo(6)
  })
})

describe('the table of prices', () => {
  it('has a date, and a source for each price', () => {
    expect(PRICES_OF).toMatch(/^\d{4}-\d{2}-\d{2}$/)
    expect(PRICE_SOURCES.map(({ price }) => price).sort()).toEqual(Object.keys(PRICES).sort())
  })
})

it('says what goes over the limits of accounts without a paid plan', () => {
  expect(beyondFree(billed)).toEqual([])
  const much = { ...billed, usage: used({ writes: 600_000, messages: 20_000 }), storedBytes: 1e9 }
  expect(beyondFree(much)).toHaveLength(3)
})
