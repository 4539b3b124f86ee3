import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differencesOf } from '../../lib/core/compare/diff.js'
import { canonicalJson, jsonEqual } from '../../lib/core/compare/equal.js'
import { REDACTED, redacted, redactionOf } from '../../lib/core/compare/redaction.js'
import { decodeCursor, encodeCursor } from '../../lib/core/cursor.js'
import { checkId, compareIds, faultOfId } from '../../lib/core/id.js'
import { isJsonObject, type Json, type JsonObject } from '../../lib/core/json.js'
import { checkSurvives, parseJsonText } from '../../lib/core/json-text.js'
import { mergePatch } from '../../lib/core/merge-patch.js'
import { hostileValue, mutatedJson } from './json.js'
import { attempt, expectCode, expectSame, expectUnpolluted } from './judge.js'
import { holds } from './law.js'
import { hostileText } from './texts.js'

const SECRET = 'sk-live-4242-never-shown'

test('JSON text: what is taken is what JSON.parse sees, survives another trip, and all else is invalid-input', () => {
  holds(fc.tuple(mutatedJson(hostileValue), fc.boolean()), 1_000, ([text, duplicates]) => {
    const tried = attempt(() => parseJsonText(text, 'The text', { duplicates }))
    expectCode(tried, 'invalid-input')
    if (tried.kind === 'refused') return
    expectSame(tried.value, JSON.parse(text))
    expectSame(parseJsonText(JSON.stringify(tried.value), 'The text', { duplicates: true }), tried.value)
    expect(checkSurvives(tried.value)).toBe(tried.value)
  })
  expectUnpolluted()
})

test('JSON text: with and without the search for duplicates the same is refused, but for duplicates', () => {
  holds(mutatedJson(hostileValue), 1_000, (text) => {
    const strict = attempt(() => parseJsonText(text, 'The text', { duplicates: true }))
    const usual = attempt(() => parseJsonText(text, 'The text'))
    if (strict.kind === 'taken') expectSame(usual, strict)
    if (strict.kind === 'refused' && usual.kind === 'taken') expect(strict.error.message).toContain('occurs twice')
  })
})

test('JSON text: cut at any character it is refused, unless what is left is a number', () => {
  const text = JSON.stringify({ id: 'a', list: [1, 2.5, true, null, 'é😀"\\'], nested: { deep: [{}] } })
  for (let at = 0; at < text.length; at++) {
    expectCode(
      attempt(() => parseJsonText(text.slice(0, at), 'The text')),
      'invalid-input',
    )
    expect(attempt(() => parseJsonText(text.slice(0, at), 'The text')).kind).toBe('refused')
  }
})

test('JSON text: no message repeats a value, and none grows with the text', () => {
  const secret: fc.Arbitrary<Json> = hostileValue.map((value) => [{ a: SECRET, b: value, c: [SECRET] }, value])
  holds(mutatedJson(secret), 1_000, (text) => {
    const tried = attempt(() => parseJsonText(text, 'The text', { duplicates: true }))
    if (tried.kind === 'taken') return
    const shown = JSON.stringify([tried.error.message, tried.error.details])
    expect(shown).not.toContain(SECRET)
    expect(shown.length).toBeLessThan(4_000)
  })
})

test('values that were parsed elsewhere: refused with a bounded message, or unchanged by JSON', () => {
  const odd = fc.constantFrom<unknown>(Number.NaN, -0, undefined, 1n, Symbol.iterator, new Date(0), () => 1, new Map())
  const value = fc.oneof(
    hostileValue as fc.Arbitrary<unknown>,
    fc.tuple(hostileValue, odd).map(([sound, wrong]) => ({ sound, wrong })),
    hostileText.map((name) => ({ [name.repeat(3)]: { [name.repeat(50)]: [undefined] } })),
  )
  holds(value, 1_000, (given) => {
    const tried = attempt(() => checkSurvives(given))
    expectCode(tried, 'invalid-input')
    if (tried.kind === 'taken') expectSame(JSON.parse(JSON.stringify(given)), given)
    else expect(JSON.stringify([tried.error.message, tried.error.details]).length).toBeLessThan(4_000)
  })
})

test('ids: whatever is taken comes back from a URL, a cursor and a JSON object', () => {
  holds(hostileText, 1_000, (id) => {
    const tried = attempt(() => checkId(id))
    expectCode(tried, 'invalid-input')
    expect(faultOfId(id) === null).toBe(tried.kind === 'taken')
    if (tried.kind === 'refused') return
    const url = new URL(`http://cutover.test/api/v1/projects/${encodeURIComponent(id)}`)
    expect(decodeURIComponent(url.pathname.split('/')[4] ?? '')).toBe(id)
    expect(url.pathname.split('/')).toHaveLength(5)
    expect(decodeCursor('projects', encodeCursor('projects', id))).toBe(id)
    expect(Object.keys(JSON.parse(JSON.stringify({ [id]: 1 })))).toEqual([id])
    expect(Buffer.from(id).toString()).toBe(id)
  })
})

test('ids: their order is total and is that of the bytes', () => {
  const id = hostileText.filter((text) => faultOfId(text) === null)
  holds(fc.tuple(id, id), 1_000, ([a, b]) => {
    expect(Math.sign(compareIds(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    // Not -0, which is another number to the test.
    expect(compareIds(a, b) + compareIds(b, a) === 0 || compareIds(a, b) * compareIds(b, a) < 0).toBe(true)
  })
})

test('cursors: no character can be changed, left out or added, and no text is one by chance', () => {
  const id = hostileText.filter((text) => faultOfId(text) === null)
  const tampering = fc.tuple(
    id,
    fc.nat(),
    fc.constantFrom('A', 'z', '-', '_', '=', '', '%', '\u0000', 'é'),
    fc.boolean(),
  )
  holds(tampering, 800, ([after, where, char, insert]) => {
    const sound = encodeCursor('projects', after)
    const at = where % sound.length
    const text = sound.slice(0, at) + char + sound.slice(insert ? at : at + 1)
    const tried = attempt(() => decodeCursor('projects', text))
    expectCode(tried, 'invalid-input')
    expect(tried.kind).toBe(text === sound ? 'taken' : 'refused')
    expect(attempt(() => decodeCursor('resources', sound)).kind).toBe('refused')
  })
  holds(hostileText, 1_000, (text) => {
    for (const cursor of [text, Buffer.from(text).toString('base64url'), 'A'.repeat(20_000)]) {
      const tried = attempt(() => decodeCursor('projects', cursor))
      expectCode(tried, 'invalid-input')
      expect(tried.kind).toBe('refused')
    }
  })
})

test('cursors: one that says something else in the right form is refused', () => {
  holds(hostileValue, 500, (value) => {
    const text = Buffer.from(JSON.stringify(value)).toString('base64url')
    expect(attempt(() => decodeCursor('projects', text)).kind).toBe('refused')
    const forged = Buffer.from(JSON.stringify([1, 'projects', value, 0])).toString('base64url')
    expect(attempt(() => decodeCursor('projects', forged)).kind).toBe('refused')
  })
})

test('merge patches: members are own members, whatever their names; nothing shared is changed', () => {
  holds(fc.tuple(hostileValue, hostileValue), 1_000, ([target, patch]) => {
    const before = JSON.stringify([target, patch])
    const merged = mergePatch(target, patch)
    expect(JSON.stringify([target, patch])).toBe(before)
    expect(JSON.stringify(JSON.parse(JSON.stringify(merged)))).toBe(JSON.stringify(merged))
    if (!isJsonObject(merged)) return
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
    if (!isJsonObject(patch)) return
    for (const [name, value] of Object.entries(patch)) {
      expect(Object.hasOwn(merged, name)).toBe(value !== null)
      if (value !== null && !isJsonObject(value)) expect(JSON.stringify(merged[name])).toBe(JSON.stringify(value))
    }
  })
  expectUnpolluted()
})

test('comparison: equal values have one canonical text, different ones have differences', () => {
  holds(fc.tuple(hostileValue, hostileValue), 1_000, ([a, b]) => {
    expect(jsonEqual(a, b)).toBe(canonicalJson(a) === canonicalJson(b))
    expect(differencesOf(a, b).items.length > 0).toBe(!jsonEqual(a, b))
    expect(jsonEqual(a, JSON.parse(JSON.stringify(a)))).toBe(true)
  })
  expectUnpolluted()
})

test('differences: bounded, whatever is compared', () => {
  holds(fc.tuple(hostileValue, hostileValue), 500, ([a, b]) => {
    const wide = (value: Json): Json => Array.from({ length: 200 }, (_, at) => [at, value])
    const found = differencesOf({ a: wide(a) }, { a: wide(b) })
    expect(found.items.length).toBeLessThanOrEqual(20)
  })
})

/** A member by the name `secret` anywhere, beside hostile neighbours. */
const holding: fc.Arbitrary<JsonObject> = fc
  .tuple(hostileValue, hostileValue, fc.nat({ max: 8 }))
  .map(([left, right, depth]) => {
    let value: JsonObject = { left, secret: SECRET, right }
    for (let level = 0; level < depth; level++) value = level % 2 === 0 ? { list: [left, value] } : { below: value }
    return value
  })

test('redaction: what a pattern hides is in no difference and in no copy, at any depth', () => {
  const hide = redactionOf(['$.**.secret'])
  holds(fc.tuple(holding, holding), 1_000, ([a, b]) => {
    expect(JSON.stringify(redacted(a, hide))).not.toContain(SECRET)
    const changed = JSON.parse(JSON.stringify(b).replaceAll(SECRET, `${SECRET}-2`)) as Json
    const pairs: [Json | undefined, Json | undefined][] = [
      [a, changed],
      [a, undefined],
      [undefined, changed],
      [a, [a]],
    ]
    for (const [source, target] of pairs) {
      expect(JSON.stringify(differencesOf(source, target, { redaction: hide }))).not.toContain(SECRET)
    }
    expect(JSON.stringify(differencesOf(a, changed, { hideValues: true }))).not.toContain(SECRET)
  })
})

test('redaction: a pattern is refused, or it is one and hides its place', () => {
  const step = fc.oneof(
    fc.constantFrom('.secret', '.*', '.**', '[*]', '[0]', '["a b"]', '["__proto__"]', '["\\u0061"]', '["\\ud800"]'),
    hostileText.map((text) => `.${text}`),
    hostileText.map((text) => `[${text}]`),
  )
  const pattern = fc.oneof(
    hostileText,
    fc.array(step, { maxLength: 80 }).map((steps) => `$${steps.join('')}`),
  )
  holds(fc.tuple(fc.array(pattern, { maxLength: 60 }), holding), 1_000, ([patterns, value]) => {
    const tried = attempt(() => redactionOf(patterns))
    expectCode(tried, 'invalid-input')
    if (tried.kind === 'refused') return
    const shown = redacted(value, tried.value)
    if (patterns.includes('$')) expect(shown).toBe(REDACTED)
    expectSame(redacted(shown, tried.value), shown)
  })
  expectUnpolluted()
})

test('long and deep texts are judged in bounded time', () => {
  const hostile = [
    `[${'[],'.repeat(200_000)}[]]`,
    `{${Array.from({ length: 100_000 }, (_, at) => `"k${at}":-0.5e1`).join(',')}}`,
    `"${'\\ud83d\\ude00'.repeat(80_000)}"`,
    `[${'0.1e1,'.repeat(150_000)}1]`,
    '{"a":'.repeat(300_000),
    `["${'\\'.repeat(500_000)}"]`,
    `${' '.repeat(500_000)}-0`,
    `[${'"__proto__",'.repeat(50_000)}1]`,
  ]
  for (const text of hostile) attempt(() => parseJsonText(text, 'The text', { duplicates: true }))
  const wide = JSON.parse(hostile[1] ?? '') as Json
  const patterns = Array.from({ length: 50 }, () => '$.**.**.**.**.secret')
  expect(redacted(wide, redactionOf(patterns))).toStrictEqual(wide)
  attempt(() => redactionOf([`$["${'\\"'.repeat(400_000)}`, `$${'.a'.repeat(400_000)}`]))
})
