import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFence, INITIAL_FENCE } from '../../lib/core/fence.js'
import { isJsonObject, type Json, type JsonObject } from '../../lib/core/json.js'
import { checkText, decodeText } from '../../lib/drivers/documents/accepted.js'
import { memoryDocuments } from '../../lib/drivers/documents/memory.js'
import { parseDocument, renderDocument, renderExport } from '../../lib/drivers/stores/documents/document.js'
import { documentSource } from '../../lib/drivers/stores/documents/source.js'
import { holdsReserved, parseExport } from '../../lib/engine/finish/shape.js'
import { hostileValue, mutatedBytes, mutatedJson } from './json.js'
import { attempt, attemptAsync, expectCode, expectSame, expectUnpolluted } from './judge.js'
import { holds, holdsAsync } from './law.js'
import { hostileText } from './texts.js'

const FORM = { collection: 'projects', idMember: 'id', shape: 'map' as const }
const FENCE = JSON.parse(encodeFence(INITIAL_FENCE)) as Json
const RESERVED: JsonObject = {
  fence: FENCE,
  heartbeat: 7,
  plan: { fence: FENCE, first: 'source', by: 'admin-token', reason: 'r', at: 1, from: 'off', to: 'dualwrite' },
  versions: { a: [4_294_967_296, 'op1'] },
  tombstones: { gone: [4_294_967_297, 'op2.print'] },
  operations: [['op1', 4_294_967_296, 1_700_000_000_000]],
}

const record = fc.tuple(hostileValue, hostileValue).map(([x, y]): JsonObject => ({ name: 'n', x, y }))
const records = fc.tuple(record, record, hostileText)

/** Every shape a document may have, with and without what cutover keeps in it. */
const sound: fc.Arbitrary<Json> = fc
  .tuple(records, fc.constantFrom('map', 'array', 'member-map', 'member-array'), fc.boolean())
  .map(([[a, b, key], shape, ours]): Json => {
    const reserved: JsonObject = ours ? { $cutover: RESERVED } : {}
    const map: JsonObject = Object.fromEntries([
      ['a', { id: 'a', ...a }],
      [key, { id: key, ...b }],
    ])
    const array: Json[] = [
      { id: 'a', ...a },
      { id: key, ...b },
    ]
    if (shape === 'map') return { ...map, ...reserved }
    if (shape === 'array') return ours ? [...array, reserved] : array
    return { projects: shape === 'member-map' ? map : array, ...reserved }
  })

/**
 * Documents of our own are not searched for depth, since nothing that came in by cutover is deeper than a few dozen
 * levels. One that was made so by hand ends in an unexpected error when it is written, and loses nothing.
 */
const document = mutatedJson(sound).filter((text) => !/(?:\[|\{"n":){500}/.test(text) || !text.includes('$cutover'))

test('a source document is refused as corrupt, or read and written again without a difference', () => {
  holds(document, 1_500, (text) => {
    const tried = attempt(() => parseDocument(text, 'projects.json', FORM))
    expectCode(tried, 'corrupt-document')
    if (tried.kind === 'refused') return
    const first = tried.value
    const again = parseDocument(renderDocument(first), 'projects.json', FORM)
    expect(JSON.stringify([...again.copies])).toBe(JSON.stringify([...first.copies]))
    expect(JSON.stringify([...again.remembered])).toBe(JSON.stringify([...first.remembered]))
    const { fence, hold, plan, heartbeat } = first
    const { fence: fenceAgain, hold: holdAgain, plan: planAgain, heartbeat: heartbeatAgain } = again
    expect(JSON.stringify([fenceAgain, holdAgain, planAgain, heartbeatAgain])).toBe(
      JSON.stringify([fence, hold, plan, heartbeat]),
    )
    expect(renderDocument(again)).toBe(renderDocument(first))
    expect(holdsReserved(renderDocument(first))).toBe(true)
  })
  expectUnpolluted()
})

test('every record of a document that is read is in its text, with every value as it was written there', () => {
  holds(document, 1_000, (text) => {
    const tried = attempt(() => parseDocument(text, 'projects.json', FORM))
    if (tried.kind === 'refused') return
    const root = JSON.parse(text.replace(/^\ufeff/, '')) as Json
    const inside = valuesIn(root)
    for (const [id, { value }] of tried.value.copies) {
      if (value === null) continue
      expect(String(value.id)).toBe(id)
      expect(inside.some((other) => withoutId(other) === withoutId(value))).toBe(true)
      // Documents of our own are not searched: what was put into them was.
      if (!holdsReserved(text)) expect(finite(value)).toBe(true)
    }
    expect(attempt(() => JSON.parse(renderExport(tried.value))).kind).toBe('taken')
  })
})

/** What JSON itself would lose without a word, in documents that mention the reserved name somewhere. */
test.each([
  ['in a text', '{"a":{"note":"$cutover","n":1e400}}'],
  ['in a text', '{"a":{"note":"$cutover","n":9007199254740993}}'],
  ['as a member of a record', '{"a":{"$cutover":1,"n":-0}}'],
  ['in a list', '[{"id":"a","tags":["$cutover"],"n":1,"n":2}]'],
])('a document of others with the reserved name %s is searched like all others: %s', (_where, text) => {
  const tried = attempt(() => parseDocument(text, 'projects.json', FORM))
  expect(tried).toMatchObject({ kind: 'refused', error: { code: 'corrupt-document' } })
})

/** Whatever is there in place of a number, a flag or a name, the first use of it must not be a surprise. */
test('what cutover keeps in a document is refused, or can be used', async () => {
  const reserved = mutatedJson(
    fc.constant({ a: { id: 'a' }, $cutover: { ...RESERVED, hold: false, idOutside: false } }),
  )
  await holdsAsync(reserved, 1_000, async (text) => {
    const tried = attempt(() => parseDocument(text, 'projects.json', FORM))
    expectCode(tried, 'corrupt-document')
    if (tried.kind === 'refused') return
    const { fence, copies, remembered, heartbeat, plan } = tried.value
    for (const range of fence.ranges) {
      const { stage, until, era, eraAt, period, fullSource, fullTarget } = range
      expect([typeof stage, typeof fullSource, typeof fullTarget]).toEqual(['string', 'boolean', 'boolean'])
      for (const number of [until, era, period]) expect(Number.isSafeInteger(number)).toBe(true)
      expect(Number.isFinite(eraAt)).toBe(true)
    }
    expect(fence.epoch).toBeGreaterThanOrEqual(0)
    expect(Number.isSafeInteger(heartbeat)).toBe(true)
    if (plan !== null) {
      expect(Number.isSafeInteger(plan.fence.epoch)).toBe(true)
      expect(plan.fence.ranges.at(-1)?.until).toBe(10_000)
      expect(['source', 'target']).toContain(plan.first)
    }
    for (const { at, version } of remembered.values()) {
      expect([Number.isFinite(at), Number.isSafeInteger(version)]).toEqual([true, true])
    }
    // The target keeps the operation within a line of its own form, and knows no other.
    for (const { op } of [...copies.values(), ...remembered.values()]) expect(op).toMatch(/^[\w.-]*$/)
  })
})

test('a source over a hostile document answers or refuses, and never writes over what it cannot read', async () => {
  const clock = { now: () => 0, monotonic: () => 0, id: () => 'x', random: () => 0, sleep: async () => {} }
  await holdsAsync(document, 400, async (text) => {
    const documents = memoryDocuments()
    if (attempt(() => checkText('projects.json', text)).kind === 'refused') return
    await documents.put('projects.json', text, { ifMatch: null })
    const source = documentSource({ documents, clock, name: 'projects.json', collection: 'projects' })
    const read = await attemptAsync(() => source.page(null, 100))
    const write = { id: 'new', op: 'op9', named: true, base: 0, value: { id: 'new', n: 1 } }
    const fence = { ...INITIAL_FENCE, epoch: 3 }
    const written = await attemptAsync(() => source.cas(fence, write))
    expectCode(read, 'corrupt-document')
    expectCode(written, 'corrupt-document')
    const stored = await documents.get('projects.json')
    if (read.kind === 'refused') {
      expect(written.kind).toBe('refused')
      expect(stored).toMatchObject({ text })
    } else if (written.kind === 'taken' && written.value.kind === 'ok') {
      expect((await source.get('new')).copy?.value).toEqual({ id: 'new', n: 1 })
    }
  })
})

test('exports: read as they were written, or refused', () => {
  holds(mutatedJson(sound), 1_000, (text) => {
    const tried = attempt(() => parseExport(text, 'exports/projects.json', 'projects'))
    expectCode(tried, 'invalid-input')
    expect(attempt(() => holdsReserved(text)).kind).toBe('taken')
    if (tried.kind === 'refused') return
    const map = new Map(tried.value)
    expect(map.size).toBe(tried.value.length)
    const written = JSON.stringify(Object.fromEntries(map))
    expectSame(new Map(parseExport(written, 'again', 'no-such-member')), map)
  })
  expectUnpolluted()
})

test('bytes: refused as corrupt, or the text of exactly these bytes', () => {
  holds(mutatedBytes(mutatedJson(sound)), 1_000, (bytes) => {
    const tried = attempt(() => decodeText('projects.json', 'memory', bytes))
    expectCode(tried, 'corrupt-document')
    if (tried.kind === 'taken') expect(Buffer.from(tried.value).equals(Buffer.from(bytes))).toBe(true)
  })
})

function valuesIn(value: Json): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(valuesIn)
  if (!isJsonObject(value)) return []
  return [value, ...Object.values(value).flatMap(valuesIn)]
}

function withoutId({ id: _, ...rest }: JsonObject): string {
  return JSON.stringify(rest)
}

function finite(value: Json): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  return typeof value !== 'object' || value === null || Object.values(value).every(finite)
}
