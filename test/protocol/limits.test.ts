import { expect, test } from 'vitest'
import type { Fence } from '../../lib/core/fence.js'
import { read } from '../../lib/core/protocol/read.js'
import { ROUNDS_MAX, write } from '../../lib/core/protocol/write.js'
import { append, create, firstOf, NOW, put, record, replace, UP, walk } from './by-hand.js'

const seen = (fence: Fence, hold = false) => ({ fence, hold, copy: null, remembered: null })
const plain: Fence = { ...UP.complete, epoch: 9, plain: true }
const copy = { version: firstOf(1), op: 'other', value: record('other') }

test('an operation that stages or writers overtake for ever ends, and says that nothing was done', () => {
  const writer = walk(write(put('x'), UP.dualwrite))
  for (let round = 0; round < ROUNDS_MAX; round++) {
    writer.answer('source.get', seen(UP.dualwrite)).answer('source.cas', { kind: 'conflict', copy })
    writer.answer('pause', 'waited')
  }
  expect(writer.result()).toMatchObject({ kind: 'failed', reason: 'contended' })
  const reader = walk(read({ id: 'a', slot: 0, startedAt: NOW }, UP.dualwrite))
  for (let round = 0; round < 24; round++) {
    reader.answer('source.get', seen({ ...UP.dualwrite, epoch: round + 10 }))
  }
  expect(reader.result()).toMatchObject({ kind: 'failed', reason: 'contended' })
})

test('an operation that was numbered and is overtaken for ever ends with an unknown outcome', () => {
  const writer = walk(write(put('x'), UP.live))
  writer.answer('target.begin', { kind: 'ok', version: firstOf(3), created: true })
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    writer.answer('source.apply', { kind: 'stale', fence: { ...UP.live, epoch: 3 + round } })
  }
  expect(writer.result()).toMatchObject({ kind: 'unknown', reason: 'contended' })
})

test('a condition that moves on with every turn is tried again under the same bounds', () => {
  for (const fence of [UP.shadow, UP.complete]) {
    const writer = walk(write(create('x'), fence))
    if (fence === UP.shadow) writer.answer('source.get', seen(fence))
    for (let turn = 0; turn < 8; turn++) {
      const gone = { version: firstOf(6) + turn, op: 'gone', value: null, open: fence === UP.shadow }
      writer.answer('target.begin', { kind: 'fail', copy: gone })
      if (fence === UP.shadow) writer.answer('source.apply', { kind: 'ok' })
    }
    expect(writer.asks('pause')).toBeDefined()
  }
})

test('after the last day an operation leaves the protocol; one that is halfway does not pretend', () => {
  expect(walk(write(put('x'), plain)).result()).toMatchObject({ kind: 'finished' })
  expect(walk(read({ id: 'a', slot: 0, startedAt: NOW }, plain)).result()).toMatchObject({ kind: 'finished' })
  const begun = walk(write(put('x'), UP.complete))
  begun.answer('target.begin', { kind: 'stale', fence: plain }, { doubtful: true })
  expect(begun.result()).toMatchObject({ kind: 'unknown' })
  const numbered = walk(write(put('x'), UP.live))
  numbered.answer('target.begin', { kind: 'ok', version: firstOf(3), created: true })
  numbered.answer('source.apply', { kind: 'stale', fence: plain })
  expect(numbered.result()).toMatchObject({ kind: 'written', version: firstOf(3) })
})

test('a store that does not answer before anything was sent is a failure, not a doubt', () => {
  expect(
    walk(write(put('x'), UP.dualwrite))
      .silence('source.get')
      .result(),
  ).toMatchObject({ kind: 'failed' })
  const raise = walk(write(put('x'), UP.dualwrite)).answer('source.get', seen({ ...UP.dualwrite, epoch: 0 }))
  expect(raise.silence('source.raise').result()).toMatchObject({ kind: 'failed' })
  expect(
    walk(write(append('x'), UP.live))
      .silence('target.get')
      .result(),
  ).toMatchObject({ kind: 'failed' })
  expect(
    walk(write(create('x'), UP.shadow))
      .silence('source.get')
      .result(),
  ).toMatchObject({ kind: 'failed' })
  const help = walk(write(replace('x', 7), UP.live))
  help.answer('target.begin', { kind: 'fail', copy: { ...copy, open: true } })
  expect(help.silence('source.apply').result()).toMatchObject({ kind: 'failed' })
})

test('a hold is a failure before anything was sent, and a doubt afterwards', () => {
  const held = { failed: { kind: 'failed', reason: 'on-hold' }, unknown: { kind: 'unknown', reason: 'on-hold' } }
  expect(
    walk(write(put('x'), UP.dualwrite))
      .answer('source.get', seen(UP.dualwrite, true))
      .result(),
  ).toMatchObject(held.failed)
  const cas = () => walk(write(put('x'), UP.dualwrite)).answer('source.get', seen(UP.dualwrite))
  // A duplicate of what was refused may come when the hold is over.
  expect(cas().answer('source.cas', { kind: 'hold' }).result()).toMatchObject(held.unknown)
  expect(
    walk(write(put('x'), UP.live))
      .answer('target.begin', { kind: 'hold' })
      .result(),
  ).toMatchObject(held.unknown)
  const numbered = walk(write(put('x'), UP.live))
  numbered.answer('target.begin', { kind: 'ok', version: firstOf(3), created: true })
  expect(numbered.answer('source.apply', { kind: 'hold' }).result()).toMatchObject(held.unknown)
  const patch = walk(write(append('x'), UP.live))
  expect(patch.answer('target.get', { fence: UP.live, hold: true, copy: null }).result()).toMatchObject(held.failed)
  const help = walk(write(replace('x', 7), UP.live))
  help.answer('target.begin', { kind: 'fail', copy: { ...copy, open: true } })
  expect(help.answer('source.apply', { kind: 'hold' }).result()).toMatchObject(held.failed)
})

test('a source that is raised under a writer again and again is contended', () => {
  const writer = walk(write(put('x'), UP.dualwrite))
  for (let look = 0; look < 4; look++) {
    writer.answer('source.get', seen({ ...UP.dualwrite, epoch: 0 })).answer('source.raise', UP.dualwrite)
  }
  expect(writer.result()).toMatchObject({ kind: 'failed', reason: 'contended' })
})

test('a target that has lost its fence numbers nothing, and is told of', () => {
  const begin = walk(write(put('x'), UP.live)).answer('target.begin', { kind: 'lost' })
  expect(begin.asks('alarm').sign).toBe('fence-missing')
  expect(begin.answer('alarm', 'noted').result()).toMatchObject({ kind: 'failed', reason: 'target-lost-data' })
  const patch = walk(write(append('x'), UP.live)).answer('target.get', { fence: null, hold: false, copy: null })
  expect(patch.answer('alarm', 'noted').result()).toMatchObject({ kind: 'failed', reason: 'target-lost-data' })
})
