import { expect, test } from 'vitest'
import { isNamed, isReusedKey, operationKey } from '../../lib/core/operation.js'

test('the key of an operation is what stands before its print', () => {
  expect(operationKey('key.print')).toBe('key')
  expect(operationKey('key')).toBe('key')
})

test('only a named operation has a print', () => {
  expect(isNamed('key.print')).toBe(true)
  expect(isNamed('5f0c2a')).toBe(false)
  expect(isNamed('')).toBe(false)
})

test('a key used for another request is noticed, a resend is not taken for one', () => {
  expect(isReusedKey('key.one', 'key.two')).toBe(true)
  expect(isReusedKey('key.one', 'key.one')).toBe(false)
  expect(isReusedKey('key.one', 'other.one')).toBe(false)
})
