import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BATCH_BYTES_MAX, BATCH_MAX, BATCH_START, nextBatchSize, QUICK_MS, SLOW_MS } from '../../lib/core/batch.js'

const seen = fc.record({
  records: fc.nat(BATCH_MAX),
  bytes: fc.nat(20_000_000),
  ms: fc.integer({ min: 0, max: 20_000 }),
  throttled: fc.boolean(),
})
const size = fc.integer({ min: 1, max: BATCH_MAX })

test('a batch is at least one record and at most the limit, and fits in the byte limit if two records do', () => {
  fc.assert(
    fc.property(size, seen, (now, batch) => {
      const next = nextBatchSize(now, batch)
      expect(next).toBeGreaterThanOrEqual(1)
      expect(next).toBeLessThanOrEqual(BATCH_MAX)
      if (next > 1 && batch.records > 0)
        expect(next * (batch.bytes / batch.records)).toBeLessThanOrEqual(BATCH_BYTES_MAX)
    }),
  )
})

test('it never grows after a slow or throttled batch, and never shrinks after a quick and light one', () => {
  fc.assert(
    fc.property(size, seen, (now, batch) => {
      expect(nextBatchSize(now, { ...batch, throttled: true })).toBeLessThanOrEqual(Math.max(1, now / 2))
      expect(nextBatchSize(now, { ...batch, ms: SLOW_MS + 1 })).toBeLessThanOrEqual(Math.max(1, now / 2))
      const quick = { records: now, bytes: now * 100, ms: QUICK_MS - 1, throttled: false }
      expect(nextBatchSize(now, quick)).toBe(Math.min(BATCH_MAX, now * 2))
      const steady = { ...quick, ms: QUICK_MS }
      expect(nextBatchSize(now, steady)).toBe(now)
    }),
  )
})

test('it comes from its start to its limit in five quick batches, and back from one to it', () => {
  const sizes = [BATCH_START]
  for (let step = 0; step < 6; step++)
    sizes.push(nextBatchSize(sizes.at(-1) ?? 1, { records: 20, bytes: 2_000, ms: 10, throttled: false }))
  expect(sizes).toEqual([20, 40, 80, 160, 320, 500, 500])
  expect(nextBatchSize(1, { records: 1, bytes: 0, ms: 10_000, throttled: true })).toBe(1)
})

test('nothing seen is no reason to change more than time says', () => {
  expect(nextBatchSize(40, { records: 0, bytes: 0, ms: QUICK_MS, throttled: false })).toBe(40)
})
