import { expect, test } from 'vitest'
import type { Copy, TargetCopy } from '../../lib/core/copy.js'
import type { Fence } from '../../lib/core/fence.js'
import { write } from '../../lib/core/protocol/write.js'
import { append, create, firstOf, record, replace, storesOf, UP, walk } from './by-hand.js'

const seen = (fence: Fence, copy: Copy | null) => ({ fence, hold: false, copy, remembered: null })
const base: Copy = { version: firstOf(1), op: 'base', value: record('base') }
const open: TargetCopy = { version: firstOf(2), op: 'open', value: record('open'), open: true }

test('in shadow a condition is judged on the source: the target may not have the record yet', async () => {
  const stores = storesOf()
  await stores.raise(UP.dualwrite)
  await stores.source.cas(UP.dualwrite, { id: 'a', base: 0, op: 'base', named: false, value: record('base') })
  await stores.raise(UP.shadow)
  expect(await walk(write(create('x'), UP.shadow)).finish(stores)).toMatchObject({ kind: 'refused' })
  const patched = await walk(write(append('x'), UP.shadow)).finish(stores)
  expect(patched).toMatchObject({ kind: 'written', value: { text: 'base+x' } })
})

test('in shadow a write whose base the target has passed first brings what it has to the source, and judges again', () => {
  const failed = () =>
    walk(write(replace('x', firstOf(1)), UP.shadow))
      .answer('source.get', seen(UP.shadow, base))
      .answer('target.begin', { kind: 'fail', copy: open })
  expect(failed().asks('source.apply')).toMatchObject({ fence: UP.shadow, copy: { version: firstOf(2), op: 'open' } })
  expect(failed().answer('source.apply', { kind: 'ok' }).result()).toMatchObject({ kind: 'refused' })
  const stale = failed().answer('source.apply', { kind: 'stale', fence: UP.live })
  expect(stale.asks('target.begin')).toMatchObject({ fence: UP.live, write: { base: firstOf(1), compare: 'equal' } })
})

test('in live a condition is judged on an open copy only after the source has it', () => {
  const failed = () =>
    walk(write(replace('x', firstOf(1)), UP.live)).answer('target.begin', { kind: 'fail', copy: open })
  expect(failed().asks('source.apply').copy).toMatchObject({ op: 'open' })
  expect(failed().answer('source.apply', { kind: 'ok' }).result()).toMatchObject({ kind: 'refused' })
  const stale = failed().answer('source.apply', { kind: 'stale', fence: UP.rampdown })
  expect(stale.asks('target.begin').fence).toEqual(UP.rampdown)
  const patch = walk(write(append('x'), UP.live)).answer('target.get', { fence: UP.live, hold: false, copy: open })
  expect(patch.asks('source.apply').copy).toMatchObject({ op: 'open' })
})

test('a write that computes from a copy is bound to that copy, and computed again from the next one', () => {
  const patch = walk(write(append('x'), UP.complete))
  patch.answer('target.get', { fence: UP.complete, hold: false, copy: { ...base, open: false } })
  expect(patch.asks('target.begin').write).toMatchObject({
    base: firstOf(1),
    compare: 'equal',
    value: record('base+x'),
  })
  patch.answer('target.begin', { kind: 'fail', copy: open })
  expect(patch.asks('target.begin').write).toMatchObject({ base: firstOf(2), value: record('open+x') })
})

test('a creation is bound to the absence of the record, or to its tombstone', () => {
  const creation = walk(write(create('x'), UP.live))
  expect(creation.asks('target.begin').write).toMatchObject({ base: 0, compare: 'equal' })
  const tombstone = { version: firstOf(2), op: 'gone', value: null, open: false }
  creation.answer('target.begin', { kind: 'fail', copy: tombstone })
  expect(creation.asks('target.begin').write).toMatchObject({ base: firstOf(2) })
})

test('after a stage change a condition is judged anew, on a new base', () => {
  const patch = walk(write(append('x'), UP.dualwrite)).answer('source.get', seen(UP.dualwrite, base))
  patch.answer('source.cas', { kind: 'stale', fence: UP.shadow })
  const newer = { ...base, version: firstOf(1) + 1, value: record('newer') }
  patch.answer('source.get', seen(UP.shadow, newer))
  expect(patch.asks('target.begin').write).toMatchObject({ base: firstOf(1) + 1, value: record('newer+x') })
})

test('an unanswered bound begin is asked after before the condition is judged again', () => {
  const bound = walk(write(replace('x', firstOf(1)), UP.shadow)).answer('source.get', seen(UP.shadow, base))
  bound.answer('target.begin', { kind: 'stale', fence: UP.live }, { doubtful: true })
  bound.answer('target.probe', { kind: 'known', version: firstOf(2) })
  expect(bound.asks('source.apply')).toMatchObject({ copy: { version: firstOf(2) }, options: { base: firstOf(1) } })
})

test('a refusal that one store speaks alone needs the lease, and one after help does not', () => {
  const live = walk(write(replace('x', 7), UP.live))
  live.answer('target.begin', { kind: 'fail', copy: { ...open, open: false } })
  expect(live.asks('lease').store).toBe('source')
  expect(live.answer('lease', { kind: 'refused' }).result()).toMatchObject({ kind: 'failed', reason: 'lease-expired' })
  const shadow = walk(write(replace('x', 7), UP.shadow)).answer('source.get', seen(UP.shadow, base))
  expect(shadow.asks('lease').store).toBe('target')
  shadow.answer('lease', { kind: 'stale', fence: UP.live })
  expect(shadow.asks('target.begin').fence).toEqual(UP.live)
})

test('a number that does not follow its base, and a base given twice, are losses', () => {
  const bound = () => walk(write(append('x'), UP.shadow)).answer('source.get', seen(UP.shadow, { ...base, version: 9 }))
  expect(bound().asks('target.begin').write).toMatchObject({ base: 9, baseOp: 'base' })
  for (const answer of [{ kind: 'ok', version: 9, created: false } as const, { kind: 'loss' } as const]) {
    const lost = bound().answer('target.begin', answer)
    expect(lost.asks('alarm').sign).toBe('numbered-from-the-past')
    expect(lost.answer('alarm', 'noted').result()).toMatchObject({ reason: 'target-lost-data' })
  }
})

test('in rampdown and complete an open copy is the truth like any other', () => {
  const writer = walk(write(replace('x', 7), UP.rampdown)).answer('target.begin', { kind: 'fail', copy: open })
  expect(writer.result()).toMatchObject({ kind: 'refused' })
})
