import { expect, test } from 'vitest'
import type { Copy } from '../../lib/core/copy.js'
import type { Fence } from '../../lib/core/fence.js'
import { LATENESS_MAX_MS } from '../../lib/core/operation.js'
import { write } from '../../lib/core/protocol/write.js'
import { append, fencesOf, firstOf, journey, NOW, record, replace, storesOf, task, UP, walk } from './by-hand.js'

const seen = (fence: Fence, copy: Copy | null, remembered: { version: number; op: string } | null = null) => ({
  fence,
  hold: false,
  copy,
  remembered,
})
const OP = 'k.print'
const put = task('k', { kind: 'put', value: record('k') }, true)
const base: Copy = { version: firstOf(1), op: 'base', value: record('base') }

/** Long after the era began: nobody asks the other store any more. */
const settled = { ...put, operation: { ...put.operation, startedAt: NOW + 3 * LATENESS_MAX_MS } }

test('a named write that comes again is answered as before, in every stage', async () => {
  for (const fence of [UP.dualwrite, UP.shadow, UP.live, UP.rampdown, UP.complete]) {
    const stores = storesOf()
    await stores.raise(fence)
    const first = await walk(write(put, fence)).finish(stores)
    await walk(write(task('other', { kind: 'put', value: record('other') }), fence)).finish(stores)
    const again = await walk(write(put, fence)).finish(stores)
    expect(again).toMatchObject({ kind: 'written', version: firstOf(fence.epoch) })
    expect(first).toMatchObject({ kind: 'written', version: firstOf(fence.epoch) })
  }
})

test('a name used for another request is refused, in every stage', async () => {
  for (const fence of [UP.dualwrite, UP.shadow, UP.live, UP.rampdown]) {
    const stores = storesOf()
    await stores.raise(fence)
    await walk(write(put, fence)).finish(stores)
    const other = { ...put, operation: { ...put.operation, op: 'k.other' } }
    expect(await walk(write(other, fence)).finish(stores)).toMatchObject({ kind: 'reused' })
  }
})

test('a named write of the era before is known to the source, and a source that does not answer is waited for', () => {
  for (const fence of [UP.shadow, UP.live, UP.rampdown, UP.complete]) {
    const known = walk(write(put, fence)).answer('source.get', seen(fence, null, { version: 7, op: OP }))
    expect(known.result()).toMatchObject({ kind: 'written', version: 7 })
    const silent = walk(write(put, fence)).silence('source.get')
    expect(silent.result()).toMatchObject({ kind: 'failed', reason: 'source-unavailable' })
    expect(walk(write(settled, fence)).asks('target.begin')).toBeDefined()
  }
})

const down = fencesOf(
  ['dualwrite', 'shadow', 'live', 'rampdown', 'live2', 'below'] as const,
  journey('dualwrite', 'shadow', 'live', 'rampdown', 'live', 'dualwrite'),
)

test('where the target has acknowledged alone, it is asked about a name after numbering came back to the source', () => {
  const asked = () => walk(write(put, down.below)).answer('source.get', seen(down.below, base))
  expect(asked().asks('target.probe')).toMatchObject({ fence: down.below, op: OP })
  expect(asked().answer('target.probe', { kind: 'none' }).asks('source.cas')).toBeDefined()
  expect(asked().silence('target.probe').result()).toMatchObject({ kind: 'failed' })
  const known = asked().answer('target.probe', { kind: 'known', version: firstOf(4) })
  const later = { ...base, version: firstOf(5) }
  expect(known.answer('source.get', seen(down.below, later)).result()).toMatchObject({ kind: 'unknown' })
})

test('after a strict era nobody needs the target: the source knows every name that counted', () => {
  const { below } = fencesOf(['dualwrite', 'shadow', 'below'] as const, journey('dualwrite', 'shadow', 'dualwrite'))
  expect(walk(write(put, below)).answer('source.get', seen(below, base)).asks('source.cas')).toBeDefined()
})

test('a named write that was overtaken is told to the source before it is acknowledged', () => {
  const overtaken = () =>
    walk(write(settled, UP.live))
      .answer('target.begin', { kind: 'ok', version: firstOf(3), created: false })
      .answer('source.apply', { kind: 'newer', copy: { ...base, version: firstOf(3) + 1 } })
      .answer('target.prove', { kind: 'proved' })
  expect(overtaken().asks('source.apply').options).toEqual({ named: true, overtaken: true })
  const newer = { kind: 'newer' as const, copy: { ...base, version: firstOf(3) + 1 } }
  expect(overtaken().answer('source.apply', newer).result()).toMatchObject({ kind: 'written' })
  expect(overtaken().silence('source.apply').result()).toMatchObject({ kind: 'unknown' })
})

test('the value of a number given to an earlier process is taken from the target, never computed again', () => {
  const patch = append('k', true)
  const later = { ...patch, operation: settled.operation }
  for (const doubtful of [false, true]) {
    const writer = walk(write(later, UP.live))
    writer.answer('target.get', { fence: UP.live, hold: false, copy: { ...base, open: false } })
    writer.answer('target.begin', { kind: 'known', version: firstOf(3) }, { doubtful })
    const value = record('computed by the other')
    writer.answer('target.get', {
      fence: UP.live,
      hold: false,
      copy: { version: firstOf(3), op: OP, value, open: true },
    })
    const { copy, options } = writer.asks('source.apply')
    expect(copy.value).toEqual(value)
    expect(options).toEqual({ named: true })
  }
})

test('a number whose value is gone is acknowledged only on what the source tells', () => {
  const patch = { ...append('k', true), operation: settled.operation }
  const covered = (copy: Copy | null, remembered: { version: number; op: string } | null = null) =>
    walk(write(patch, UP.live))
      .answer('target.get', { fence: UP.live, hold: false, copy: { ...base, open: false } })
      .answer('target.begin', { kind: 'known', version: firstOf(3) })
      .answer('target.get', { fence: UP.live, hold: false, copy: { ...base, version: firstOf(3) + 1, open: true } })
      .answer('source.get', seen(UP.live, copy, remembered))
  expect(covered(null, { version: firstOf(3), op: OP }).result()).toMatchObject({ kind: 'written' })
  expect(covered({ ...base, version: firstOf(3), op: OP }).result()).toMatchObject({ kind: 'written' })
  expect(covered({ ...base, version: firstOf(3) + 1 }).asks('target.prove')).toBeDefined()
  expect(covered(base).result()).toMatchObject({ kind: 'unknown' })
})

test('two processes that run one named write at once have one effect between them', () => {
  const own: Copy = { version: firstOf(1) + 1, op: OP, value: record('k') }
  const sent = () => walk(write(put, UP.dualwrite)).answer('source.get', seen(UP.dualwrite, base))
  expect(sent().answer('source.cas', { kind: 'known', version: own.version, op: OP }).result()).toMatchObject({
    kind: 'written',
    version: own.version,
  })
  expect(walk(write(put, UP.dualwrite)).answer('source.get', seen(UP.dualwrite, own)).result()).toMatchObject({
    kind: 'written',
    version: own.version,
  })
  const patch = { ...append('k', true), operation: settled.operation }
  const shadow = walk(write(patch, UP.shadow)).answer('source.get', seen(UP.shadow, own))
  expect(shadow.result()).toMatchObject({ kind: 'written', version: own.version })
})

test('what a write carries survives a look at the source that a stage change overtakes, and one that is not answered', () => {
  const later = { ...UP.live, epoch: 9 }
  const covered = () =>
    walk(write({ ...append('k', true), operation: settled.operation }, UP.live))
      .answer('target.get', { fence: UP.live, hold: false, copy: { ...base, open: false } })
      .answer('target.begin', { kind: 'known', version: firstOf(3) })
      .answer('target.get', { fence: UP.live, hold: false, copy: null })
  expect(covered().answer('source.get', seen(later, null)).asks('target.get')).toBeDefined()
  expect(covered().silence('source.get').result()).toMatchObject({ kind: 'unknown' })
  const cas = () =>
    walk(write(put, UP.dualwrite))
      .answer('source.get', seen(UP.dualwrite, base))
      .answer('source.cas', { kind: 'stale', fence: UP.shadow }, { doubtful: true })
  expect(cas().answer('source.get', seen(later, null)).asks('source.get')).toBeDefined()
  expect(cas().silence('source.get').result()).toMatchObject({ kind: 'unknown' })
  expect(
    cas()
      .answer('source.get', seen(UP.shadow, base, { version: 7, op: OP }))
      .result(),
  ).toMatchObject({ version: 7 })
})

test('a write numbered in an era that is over is acknowledged where the source has it', () => {
  const { below } = fencesOf(['dualwrite', 'shadow', 'below'] as const, journey('dualwrite', 'shadow', 'dualwrite'))
  const numbered = () =>
    walk(write(settled, UP.shadow))
      .answer('target.begin', { kind: 'ok', version: firstOf(2), created: true })
      .answer('source.apply', { kind: 'stale', fence: below })
  const own: Copy = { version: firstOf(2), op: OP, value: record('k') }
  expect(numbered().answer('source.get', seen(below, own)).result()).toMatchObject({ version: firstOf(2) })
  expect(
    numbered()
      .answer('source.get', seen(below, base, { version: 8, op: OP }))
      .result(),
  ).toMatchObject({ version: 8 })
  expect(numbered().silence('source.get').result()).toMatchObject({ kind: 'unknown' })
  expect(
    numbered()
      .answer('source.get', seen({ ...UP.live, epoch: 9 }, null))
      .asks('source.apply'),
  ).toBeDefined()
})

test('a refusal of a named write is spoken only when the target does not remember it', () => {
  const bound = { ...replace('k', 7), operation: settled.operation }
  const refused = () =>
    walk(write(bound, UP.live))
      .answer('target.begin', { kind: 'fail', copy: { ...base, open: false } })
      .answer('lease', { kind: 'held' })
  expect(refused().answer('target.probe', { kind: 'none' }).result()).toMatchObject({ kind: 'refused' })
  const known = refused().answer('target.probe', { kind: 'known', version: firstOf(3) })
  expect(known.asks('target.get')).toBeDefined()
  expect(refused().silence('target.probe').result()).toMatchObject({ kind: 'unknown' })
})
