import { describe, expect, test } from 'vitest'
import { whyNot } from '../../../../lib/dashboard/client/acts/confirming.js'
import { shortcutOf } from '../../../../lib/dashboard/client/acts/shortcuts.js'

const READY = { reason: 'why', toType: null, typed: '', blocked: null }

describe('an act', () => {
  test('can be confirmed when it is said why', () => {
    expect(whyNot(READY)).toBeNull()
  })

  test.each(['', '   ', '\n'])('cannot for the reason %j', (reason) => {
    expect(whyNot({ ...READY, reason })).toMatch(/^Say why first/)
  })

  test('takes a reason of 500 characters and no more', () => {
    expect(whyNot({ ...READY, reason: 'x'.repeat(500) })).toBeNull()
    expect(whyNot({ ...READY, reason: 'x'.repeat(503) })).toMatch(/3 characters too long/)
  })

  test.each(['', 'project', 'Projects', 'projects!'])('that is dangerous is not confirmed by typing %j', (typed) => {
    expect(whyNot({ ...READY, toType: 'projects', typed })).toBe('Type projects to confirm.')
  })

  test('that is dangerous is confirmed by typing its name', () => {
    expect(whyNot({ ...READY, toType: 'projects', typed: 'projects' })).toBeNull()
  })

  test('that would be refused cannot be confirmed whatever is filled in', () => {
    const filled = { reason: 'why', toType: 'projects', typed: 'projects' }
    expect(whyNot({ ...filled, blocked: 'It would be refused.' })).toBe('It would be refused.')
  })
})

describe('the key of the emergency stop', () => {
  const key = { key: 'E', shiftKey: true, ctrlKey: false, altKey: false, metaKey: false, repeat: false }

  test('is Shift and E', () => {
    expect(shortcutOf(key, false)).toBe('stop')
    expect(shortcutOf({ ...key, key: '?' }, false)).toBe('help')
  })

  test('is a letter in a field', () => {
    expect(shortcutOf(key, true)).toBeNull()
  })

  test.each([{ shiftKey: false, key: 'e' }, { ctrlKey: true }, { altKey: true }, { metaKey: true }, { repeat: true }])(
    'is not %j',
    (other) => expect(shortcutOf({ ...key, ...other }, false)).toBeNull(),
  )
})
