import { expect, test } from 'vitest'
import type { Copy } from '../../lib/core/copy.js'
import type { Fence } from '../../lib/core/fence.js'
import { write } from '../../lib/core/protocol/write.js'
import { append, create, fencesOf, firstOf, journey, put, record, replace, storesOf, UP, walk } from './by-hand.js'

const down = fencesOf(
  ['dualwrite', 'shadow', 'below', 'again'] as const,
  journey('dualwrite', 'shadow', 'dualwrite', '(shadow)'),
)
const seen = (fence: Fence, copy: Copy | null) => ({ fence, hold: false, copy, remembered: null })
const other: Copy = { version: firstOf(1), op: 'other', value: record('other') }

test('a dualwrite whose stage is over does not land behind the pass of the next one', async () => {
  const stores = storesOf()
  await stores.raise(UP.dualwrite)
  const writer = await walk(write(put('x'), UP.dualwrite)).go(stores, 'source.get')
  await stores.raise(UP.shadow)
  await writer.go(stores, 'source.cas')
  expect(writer.asks('target.begin').fence).toEqual(UP.shadow)
  expect(await writer.finish(stores)).toMatchObject({ kind: 'written', version: firstOf(2) })
  expect((await stores.source.get('a')).copy).toMatchObject({ version: firstOf(2), op: 'x' })
})

test('two writers of one record lose nothing: the slower one computes again', async () => {
  const stores = storesOf()
  await stores.raise(UP.dualwrite)
  await walk(write(put('x'), UP.dualwrite)).finish(stores)
  const slow = await walk(write(append('slow'), UP.dualwrite)).go(stores, 'source.get')
  await walk(write(append('fast'), UP.dualwrite)).finish(stores)
  expect(await slow.finish(stores)).toMatchObject({ kind: 'written', value: { text: 'x+fast+slow' } })
})

test('a compare-and-swap that is never answered leaves the outcome unknown', () => {
  const writer = walk(write(put('x'), UP.dualwrite)).answer('source.get', seen(UP.dualwrite, null))
  expect(writer.silence('source.cas').result()).toMatchObject({ kind: 'unknown' })
})

test('a conflict after an unanswered sending is unknown, unless the copy there is this very write', () => {
  const sent = () => walk(write(put('x'), UP.dualwrite)).answer('source.get', seen(UP.dualwrite, null))
  const taken = { kind: 'conflict' as const, copy: other }
  expect(sent().answer('source.cas', taken, { doubtful: true }).result()).toMatchObject({ kind: 'unknown' })
  const own = { kind: 'conflict' as const, copy: { ...other, op: 'x' } }
  expect(sent().answer('source.cas', own, { doubtful: true }).result()).toMatchObject({ version: firstOf(1) })
  expect(sent().answer('source.cas', taken).asks('pause')).toBeDefined()
})

test('an unanswered compare-and-swap whose stage is over is judged by the copy that is there', () => {
  const sent = () => {
    const writer = walk(write(put('x'), UP.dualwrite)).answer('source.get', seen(UP.dualwrite, other))
    return writer.answer('source.cas', { kind: 'stale', fence: UP.shadow }, { doubtful: true })
  }
  const done = sent().answer('source.get', seen(UP.shadow, { ...other, op: 'x', version: firstOf(1) + 1 }))
  expect(done.result()).toMatchObject({ kind: 'written', version: firstOf(1) + 1 })
  const overtaken = sent().answer('source.get', seen(UP.shadow, { ...other, version: firstOf(1) + 1 }))
  expect(overtaken.result()).toMatchObject({ kind: 'unknown' })
  const dead = sent().answer('source.get', seen(UP.shadow, other))
  expect(dead.asks('target.begin')).toBeDefined()
})

test('a writer looks at the source only under its own fence, and raises it first', async () => {
  const stores = storesOf()
  await stores.raise(UP.dualwrite)
  const writer = await walk(write(create('x'), UP.shadow)).go(stores, 'source.get')
  expect(writer.asks('source.raise').fence).toEqual(UP.shadow)
  await writer.go(stores, 'source.raise')
  expect(writer.asks('source.get')).toBeDefined()
})

test('a write that the target numbered before numbering went back is written anew, and its number kept in mind', async () => {
  const stores = storesOf()
  await stores.raise(UP.shadow)
  const writer = await walk(write(put('x'), UP.shadow)).go(stores, 'target.begin')
  await stores.raise(down.below)
  await writer.go(stores, 'source.apply')
  await writer.go(stores, 'source.get')
  expect(writer.asks('source.cas').write).toMatchObject({ base: 0, op: 'x' })
  // The stage goes on once more: were the number forgotten, the write would be begun a second time.
  await stores.raise(down.again)
  await writer.go(stores, 'source.cas')
  await writer.go(stores, 'source.get')
  expect(writer.result()).toMatchObject({ kind: 'unknown', reason: 'numbering-changed-hands' })
})

test('a number of an era that is over is never applied to the source, and a later copy there is no proof', () => {
  const writer = walk(write(put('x'), UP.shadow))
    .answer('target.begin', { kind: 'ok', version: firstOf(2), created: true })
    .answer('source.apply', { kind: 'stale', fence: down.again })
  const later = { version: firstOf(3), op: 'later', value: record('later') }
  expect(writer.answer('source.get', seen(down.again, later)).result()).toMatchObject({ kind: 'unknown' })
})

test('a condition is not judged again for a write that has been numbered: unknown, never refused', () => {
  const numbered = (fence: Fence) =>
    walk(write(replace('x', firstOf(1)), UP.shadow))
      .answer('source.get', seen(UP.shadow, other))
      .answer('target.begin', { kind: 'ok', version: firstOf(2), created: false })
      .answer('source.apply', { kind: 'stale', fence })
  const below = numbered(down.below).answer('source.get', seen(down.below, null))
  expect(below.result()).toMatchObject({ kind: 'unknown' })
  const again = numbered(down.again).answer('source.get', seen(down.again, null))
  expect(again.result()).toMatchObject({ kind: 'unknown' })
})

test('a condition that fails is a refusal, on a copy that was seen under the stage’s own fence', () => {
  const writer = walk(write(replace('x', 7), UP.dualwrite)).answer('source.get', seen(UP.dualwrite, other))
  expect(writer.result()).toMatchObject({ kind: 'refused' })
})
