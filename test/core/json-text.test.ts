import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../lib/core/error.js'
import type { Json } from '../../lib/core/json.js'
import { checkSurvives, parseJsonText } from '../../lib/core/json-text.js'
import { JSON_DEPTH_MAX } from '../../lib/core/json-value.js'

const survivors = fc
  .jsonValue({ maxDepth: 5, stringUnit: 'grapheme' })
  .filter((value) => accepts(() => checkSurvives(value))) as fc.Arbitrary<Json>

describe('what is accepted', () => {
  it('comes out as it went in, with and without the scan', () => {
    fc.assert(
      fc.property(survivors, fc.constantFrom(undefined, '\t'), fc.boolean(), (value, indent, duplicates) => {
        expect(parseJsonText(JSON.stringify(value, null, indent), 'The text', { duplicates })).toStrictEqual(value)
      }),
    )
  })

  it('is every finite double as JavaScript prints it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        fc.pre(!Object.is(value, -0))
        expect(parseJsonText(`[${value}]`, 'The text')).toStrictEqual([value])
      }),
    )
  })

  it.each(['1.0', '1e3', '0.10', '-0.5', '0e99', '100000000000000000000000', '9007199254740992', '1E+2', '5e-324'])(
    'is %s, however it is spelled',
    (text) => expect(parseJsonText(text, 'The text')).toBe(Number(text)),
  )

  it('is the same grammar as that of JSON.parse', () => {
    const damaged = fc.tuple(survivors, fc.nat(), fc.constantFrom(...'{}[],:"\\0-.eE+tu \n\u0001'), fc.boolean())
    fc.assert(
      fc.property(damaged, ([value, where, char, insert]) => {
        const text = JSON.stringify(value)
        const at = where % (text.length + 1)
        const broken = text.slice(0, at) + char + text.slice(insert ? at : at + 1)
        const fault = faultOf(() => parseJsonText(broken, 'The text', { duplicates: true }))
        if (fault === null) expect(accepts(() => JSON.parse(broken))).toBe(true)
        else if (fault.message.includes('is not JSON: expected')) expect(() => JSON.parse(broken)).toThrow()
        else expect(fault.details.path).toBeDefined() // well-formed so far, and refused there
      }),
      { numRuns: 500 },
    )
  })

  it('is nesting up to the limit and no further', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    expect(accepts(() => parseJsonText(nested(JSON_DEPTH_MAX), 'The text', { duplicates: true }))).toBe(true)
    for (const duplicates of [true, false]) {
      const parse = (levels: number) => () => parseJsonText(nested(levels), 'The text', { duplicates })
      expect(faultOf(parse(JSON_DEPTH_MAX + 1))?.message).toContain('nested more than 64 levels')
      expect(faultOf(parse(100_000))?.message).toContain('nested more than 64 levels')
    }
  })
})

describe('what would not survive is refused with its place', () => {
  it.each([
    ['{"a":[1,9007199254740993]}', '$.a[1]'],
    ['{"a": 1e400}', '$.a'],
    ['[0.1000000000000000055]', '$[0]'],
    ['-1e-400', '$'],
    ['[1, -0]', '$[1]'],
    ['{"n":-0.0}', '$.n'],
    [`[1${'0'.repeat(500)}]`, '$[0]'],
    ['{"odd name":"\\ud800"}', '$["odd name"]'],
    ['{"a":{"\\u005f_proto__":1}}', '$.a.__proto__'],
    ['{"__proto__":1}', '$.__proto__'],
    ['["\ud800"]', '$[0]'],
  ])('%s at %s', (text, path) => {
    const fault = faultOf(() => parseJsonText(text, 'The record'))
    expect(fault).toMatchObject({ code: 'invalid-input', details: { path } })
  })

  it('names line, column and offset, and no value', () => {
    const fault = faultOf(() => parseJsonText('{\n  "a": 12345678901234567890123\n}', 'The record'))
    expect(fault?.details).toStrictEqual({ path: '$.a', line: 2, column: 8, offset: 9 })
    expect(fault?.message).toContain('line 2, column 8')
    expect(fault?.message).not.toContain('12345678901234567890123')
  })

  it('sees duplicate members when asked to, also under another spelling', () => {
    const text = '{"a":{"b":1,"c":2,"\\u0062":3}}'
    expect(faultOf(() => parseJsonText(text, 'The record', { duplicates: true }))?.details.path).toBe('$.a.b')
    expect(parseJsonText('{"a":1,"a":2}', 'The record')).toStrictEqual({ a: 2 })
  })

  it.each([
    ['', 'a value at line 1, column 1', 0],
    ['{"a" 1}', "':' at line 1, column 6", 5],
    ['{"a":1', "',' or '}' at line 1, column 7", 6],
    ['[1\n 2]', "',' or ']' at line 2, column 2", 4],
    ['[1,]', 'a value at line 1, column 4', 3],
    ['{"a":1,}', 'a member name in double quotes at line 1, column 8', 7],
    ['{} {}', 'the end at line 1, column 4', 3],
    ['"a\nb"', 'the rest of a string at line 1, column 3', 2],
    ['["\\x"]', 'an escape sequence at line 1, column 4', 3],
    ['[-]', 'a number at line 1, column 2', 1],
    ['nul', 'a value at line 1, column 1', 0],
  ])('malformed %j: expected %s', (text, expected, offset) => {
    const fault = faultOf(() => parseJsonText(text, 'The body'))
    expect(fault?.message).toBe(`The body is not JSON: expected ${expected}.`)
    expect(fault?.details.offset).toBe(offset)
  })

  it('takes no time that grows faster than the text', () => {
    const hostile = [`[1${'0'.repeat(300_000)}1]`, `[${'0.'.repeat(200_000)}]`, `"${'\\u0041'.repeat(100_000)}`]
    for (const text of hostile) expect(accepts(() => parseJsonText(text, 'The text'))).toBe(false)
  })
})

describe('checkSurvives', () => {
  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic

  it.each([
    [Number.NaN, '$'],
    [[1, Number.POSITIVE_INFINITY], '$[1]'],
    [{ a: [-0] }, '$.a[0]'],
    [{ a: '\udc00' }, '$.a'],
    [{ '\ud800': 1 }, '$["\\ud800"]'],
    [JSON.parse('{"a":{"__proto__":1}}'), '$.a.__proto__'],
    [{ a: undefined }, '$.a'],
    [{ a: () => 1 }, '$.a'],
    [{ a: 1n }, '$.a'],
    [{ a: new Date(0) }, '$.a'],
    [{ a: new Map() }, '$.a'],
    [[new Array(1)], '$[0][0]'],
    [{ a: { toJSON: () => 1 } }, '$.a'],
  ])('refuses %o at %s', (value, path) => {
    expect(faultOf(() => checkSurvives(value))).toMatchObject({ code: 'invalid-input', details: { path } })
  })

  it('ends on a value that contains itself', () => {
    expect(faultOf(() => checkSurvives(cyclic))?.message).toContain('nested more than 64 levels')
  })

  it('gives back what is sound', () => {
    const value = { a: [1, 'x', null, true, { b: 0.1 }] }
    expect(checkSurvives(value)).toBe(value)
  })
})

function accepts(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}

function faultOf(attempt: () => unknown): CutoverError | null {
  try {
    attempt()
    return null
  } catch (error) {
    if (error instanceof CutoverError) return error
    throw error
  }
}
