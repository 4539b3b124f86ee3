import fc from 'fast-check'
import { expect, test } from 'vitest'
import { versionOf, visibleValue } from '../../lib/core/copy.js'
import { EPOCH_MAX, eraFloor, LEGACY_VERSION, nextVersion } from '../../lib/core/version.js'

const epochs = fc.integer({ min: 1, max: EPOCH_MAX })

test('a version is always above the one it follows', () => {
  fc.assert(
    fc.property(epochs, epochs, (one, other) => {
      expect(nextVersion(eraFloor(one), other)).toBeGreaterThan(eraFloor(one))
    }),
  )
})

test('versions of a later epoch are above all of an earlier one', () => {
  fc.assert(
    fc.property(epochs, fc.integer({ min: 0, max: 1_000_000 }), (epoch, count) => {
      fc.pre(epoch < EPOCH_MAX)
      expect(nextVersion(0, epoch + 1)).toBeGreaterThan(eraFloor(epoch) + count)
    }),
  )
})

test('a version names its epoch, and stays an exact number', () => {
  fc.assert(
    fc.property(epochs, (epoch) => {
      const version = nextVersion(0, epoch)
      expect(Math.floor(version / 2 ** 32)).toBe(epoch)
      expect(Number.isSafeInteger(version + 2 ** 32 - 1)).toBe(true)
    }),
  )
})

test('a record older than cutover has a version below every epoch, and above absence', () => {
  expect(LEGACY_VERSION).toBeGreaterThan(0)
  expect(LEGACY_VERSION).toBeLessThan(eraFloor(1))
})

test('a tombstone has a version and nothing to see', () => {
  expect(versionOf(null)).toBe(0)
  expect(versionOf({ version: 7, op: 'x', value: null })).toBe(7)
  expect(visibleValue(null)).toBeNull()
  expect(visibleValue({ version: 7, op: 'x', value: null })).toBeNull()
  expect(visibleValue({ version: 7, op: 'x', value: { id: 'a' } })).toEqual({ id: 'a' })
})
