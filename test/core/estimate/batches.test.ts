import { describe, expect, it } from 'vitest'
import { backfillBatches, type Pace, validationBatches } from '../../../lib/core/estimate/batches.js'
import { FIRST_THROTTLE } from '../../../lib/core/throttle.js'

const PACE: Pace = { recordsPerSecond: 5_000, bytesPerRecord: 300, keyBytes: 60, yielding: false }

describe('the batches of a back-fill', () => {
  it('grow from small ones, and end with a look at what the target marks', () => {
    // 20 + 40 + 80 + 160 + 320 + 380, and one for the open copies
    expect(backfillBatches([1_000], PACE)).toMatchObject({ batches: 7, copying: 6 })
    expect(backfillBatches([1_000], PACE).seconds).toBeCloseTo(0.2)
  })

  it('find out that there is nothing', () => {
    expect(backfillBatches([0], PACE)).toEqual({ batches: 2, copying: 0, looking: 1, seconds: 0 })
  })

  it('have partitions beside each other, and take as many commands as one after the other', () => {
    const beside = backfillBatches([500, 500, 500, 500], PACE)
    expect(beside.batches).toBe(backfillBatches([500], PACE).batches)
    expect(beside.copying).toBe(4 * backfillBatches([500], PACE).copying)
  })

  it('are smaller where records are large', () => {
    const large = backfillBatches([1_000], { ...PACE, bytesPerRecord: 100_000 })
    expect(large.copying).toBeGreaterThan(90)
  })

  it('are more and slower while clients use the application', () => {
    const [free, yielding] = [backfillBatches([5_000], PACE), backfillBatches([5_000], { ...PACE, yielding: true })]
    expect(yielding.batches).toBeGreaterThanOrEqual(free.batches)
    expect(yielding.seconds).toBeGreaterThan(free.seconds)
    expect(yielding.seconds).toBeLessThanOrEqual(free.seconds / FIRST_THROTTLE.duty)
  })
})

describe('the batches of a validation', () => {
  it('have the target compare thousands of records in a command', () => {
    expect(validationBatches(2_000, PACE)).toMatchObject({ batches: 1, commands: 1, stretches: 16 })
    expect(validationBatches(100_000, PACE).commands).toBeLessThan(100_000 / 500)
  })

  it('look once at an empty collection', () => {
    expect(validationBatches(0, PACE)).toMatchObject({ batches: 1, commands: 1 })
  })
})

it('more records are never fewer batches, commands or seconds', () => {
  for (const yielding of [false, true]) {
    let before = { backfill: backfillBatches([0, 0], PACE), validation: validationBatches(0, PACE) }
    for (let records = 1; records < 60_000; records = Math.ceil(records * 1.3)) {
      const pace = { ...PACE, yielding }
      const now = { backfill: backfillBatches([records, records], pace), validation: validationBatches(records, pace) }
      for (const member of ['batches', 'copying', 'seconds'] as const)
        expect(now.backfill[member], `${records}`).toBeGreaterThanOrEqual(before.backfill[member])
      for (const member of ['batches', 'commands', 'stretches', 'seconds'] as const)
        expect(now.validation[member], `${records}`).toBeGreaterThanOrEqual(before.validation[member])
      before = now
    }
  }
})
