import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkId, compareIds, faultOfId, ID_BYTES_MAX } from '../../lib/core/id.js'

test('ids are ordered as the bytes of their UTF-8 are', () => {
  const texts = fc.string({ unit: 'grapheme', maxLength: 6 }).filter((text) => text.isWellFormed())
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      expect(Math.sign(compareIds(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))))
    }),
  )
  const tricky = ['a', 'a\u0300', 'b', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', '', 'ab', '\u{10000}a']
  for (const a of tricky) {
    for (const b of tricky) {
      expect(Math.sign(compareIds(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))))
    }
  }
})

test('an id that would not survive the trip is refused, with what is wrong with it', () => {
  const refused: [string, RegExp][] = [
    ['', /empty/],
    ['\ud800', /well-formed/],
    ['a'.repeat(ID_BYTES_MAX + 1), /longer/],
    [`${'a'.repeat(ID_BYTES_MAX - 1)}ä`, /longer/],
    [`${'ä'.repeat(ID_BYTES_MAX / 2)}a`, /longer/],
    ['a\nb', /control/],
    ['a\n', /control/],
    ['a\u007f', /control/],
    ['.', /path/],
    ['..', /path/],
    ['__proto__', /reserved/],
    ['$cutover', /reserved/],
  ]
  for (const [id, fault] of refused) {
    expect(faultOfId(id)).toMatch(fault)
    expect(() => checkId(id)).toThrow(fault)
  }
})

test('an id of visible text is taken as it is', () => {
  for (const id of [
    'a',
    'a'.repeat(ID_BYTES_MAX),
    'a ~',
    '~a',
    '_a',
    '$a',
    'ä'.repeat(ID_BYTES_MAX / 2),
    '...',
    'constructor',
    'a/b c?d#e',
    '𝛿',
    '0',
  ]) {
    expect(checkId(id)).toBe(id)
  }
})
