import { expect, test } from 'vitest'
import { write } from '../../lib/core/protocol/write.js'
import { fencesOf, firstOf, journey, put, record, storesOf, UP, walk } from './by-hand.js'

const down = fencesOf(['dualwrite', 'shadow', 'below'] as const, journey('dualwrite', 'shadow', 'dualwrite'))
const begun = (op = 'x') =>
  walk(write(put(op), UP.shadow)).answer('target.begin', { kind: 'ok', version: firstOf(2), created: true })
const later = { version: firstOf(2) + 1, op: 'y', value: record('y') }

test('a strict write is acknowledged only when the source has it', () => {
  for (const fence of [UP.shadow, UP.live]) {
    const version = firstOf(fence.epoch)
    const writer = walk(write(put('x'), fence)).answer('target.begin', { kind: 'ok', version, created: true })
    expect(writer.asks('source.apply')).toMatchObject({ fence, copy: { version, op: 'x' } })
    expect(writer.answer('source.apply', { kind: 'ok' }).result()).toMatchObject({ kind: 'written', version })
  }
  expect(begun().silence('source.apply').result()).toMatchObject({ kind: 'unknown' })
})

test('a strict write whose source was left behind is not acknowledged under the old stage', async () => {
  const stores = storesOf()
  await stores.raise(UP.shadow)
  const writer = await walk(write(put('x'), UP.shadow)).go(stores, 'target.begin')
  await stores.source.raise(down.below)
  await writer.go(stores, 'source.apply')
  expect(writer.asks('source.get')).toBeDefined()
  expect((await stores.source.get('a')).copy).toBeNull()
  expect(await writer.finish(stores)).toMatchObject({ kind: 'written', version: firstOf(3) })
})

test('a write that the source has already gone past is acknowledged on proof alone', () => {
  const past = () => begun().answer('source.apply', { kind: 'newer', copy: later })
  expect(past().asks('target.prove')).toMatchObject({
    held: { version: firstOf(2) + 1, op: 'y' },
    mine: { version: firstOf(2), op: 'x' },
  })
  expect(past().answer('target.prove', { kind: 'proved' }).result()).toMatchObject({ kind: 'written' })
  const lost = past().answer('target.prove', { kind: 'not-proved' })
  expect(lost.asks('alarm').sign).toBe('overtaken-without-proof')
  expect(lost.answer('alarm', 'noted').result()).toMatchObject({ kind: 'unknown' })
  const stale = past().answer('target.prove', { kind: 'stale', fence: UP.live })
  expect(stale.result()).toMatchObject({ kind: 'unknown' })
  expect(past().silence('target.prove').result()).toMatchObject({ kind: 'unknown' })
})

test('another operation under the same version at the source is no acknowledgement', () => {
  const clash = { kind: 'clash' as const, copy: { ...later, version: firstOf(2) } }
  expect(begun().answer('source.apply', clash).asks('target.prove')).toBeDefined()
})

test('a write numbered from a base that the source has passed is a loss', () => {
  const writer = begun().answer('source.apply', { kind: 'loss' })
  expect(writer.asks('alarm').sign).toBe('numbered-from-the-past')
  expect(writer.answer('alarm', 'noted').result()).toMatchObject({ kind: 'unknown', reason: 'target-lost-data' })
})

test('a number keeps its worth when the stage moves on within its era', () => {
  const writer = begun().answer('source.apply', { kind: 'stale', fence: UP.live })
  expect(writer.asks('source.apply')).toMatchObject({ fence: UP.live, copy: { version: firstOf(2) } })
  writer.answer('source.apply', { kind: 'stale', fence: UP.rampdown })
  writer.answer('target.get', { fence: UP.rampdown, hold: false, copy: null })
  expect(writer.result()).toMatchObject({ kind: 'written', version: firstOf(2) })
})

test('while the source is being left behind the target acknowledges nothing, not even what it had numbered before', () => {
  const known = () =>
    walk(write(put('x'), UP.shadow))
      .answer('target.begin', { kind: 'stale', fence: UP.rampdown }, { doubtful: true })
      .answer('target.probe', { kind: 'known', version: firstOf(2) })
  const held = known().answer('target.get', { fence: UP.rampdown, hold: true, copy: null })
  expect(held.result()).toMatchObject({ kind: 'unknown', reason: 'on-hold' })
  expect(known().silence('target.get').result()).toMatchObject({ kind: 'unknown' })
  const lost = known().answer('target.get', { fence: null, hold: false, copy: null })
  expect(lost.result()).toMatchObject({ kind: 'unknown', reason: 'target-lost-data' })
  const later = known().answer('target.get', { fence: UP.complete, hold: false, copy: null })
  expect(later.asks('target.get')).toBeDefined()
})

test('a begin that was never answered is asked after under the next stage, before anything is begun again', () => {
  const unanswered = (fence = UP.live) =>
    walk(write(put('x'), UP.shadow)).answer('target.begin', { kind: 'stale', fence }, { doubtful: true })
  expect(unanswered().asks('target.probe')).toMatchObject({ fence: UP.live, op: 'x' })
  const known = unanswered().answer('target.probe', { kind: 'known', version: firstOf(2) })
  expect(known.asks('source.apply').copy).toMatchObject({ version: firstOf(2), value: { text: 'x' } })
  expect(unanswered().answer('target.probe', { kind: 'none' }).asks('target.begin').fence).toEqual(UP.live)
  expect(unanswered(down.below).result()).toMatchObject({ kind: 'unknown' })
  expect(unanswered().silence('target.probe').result()).toMatchObject({ kind: 'unknown' })
})

test('a refusal after an unanswered sending is not called a failure', () => {
  const doubtful = { doubtful: true }
  for (const kind of ['expired', 'lost'] as const) {
    const unknown = walk(write(put('x'), UP.shadow)).answer('target.begin', { kind }, doubtful)
    expect(unknown.result()).toMatchObject({ kind: 'unknown' })
  }
  expect(
    walk(write(put('x'), UP.shadow))
      .silence('target.begin')
      .result(),
  ).toMatchObject({ kind: 'unknown' })
  const failed = walk(write(put('x'), UP.shadow)).answer('target.begin', { kind: 'expired' })
  expect(failed.result()).toMatchObject({ kind: 'failed', reason: 'too-late' })
})

test('a refusal because the caller is ahead of the store is not called a failure: its stray may come in time', () => {
  const early = walk(write(put('x'), UP.shadow)).answer('target.begin', { kind: 'early' })
  expect(early.result()).toMatchObject({ kind: 'unknown', reason: 'clock-ahead' })
})

test('in rampdown and complete the target acknowledges alone, and only rampdown copies back', () => {
  const at = (fence: typeof UP.rampdown) =>
    walk(write(put('x'), fence))
      .answer('target.begin', { kind: 'ok', version: firstOf(4), created: true })
      .result()
  expect(at(UP.rampdown)).toMatchObject({ kind: 'written', afterwards: [{ do: 'copy-to-source' }] })
  expect(at(UP.complete)).toMatchObject({ kind: 'written', afterwards: [] })
})

test('a rampdown write that meets live again goes through both stores', async () => {
  const { rampdown, live } = fencesOf(
    ['dualwrite', 'shadow', 'rampdown', 'live'] as const,
    journey('dualwrite', 'shadow', 'rampdown', '(live)'),
  )
  const stores = storesOf()
  await stores.raise(rampdown)
  const writer = walk(write(put('x'), rampdown))
  await stores.target.raise(live)
  await writer.go(stores, 'target.begin')
  await writer.go(stores, 'target.begin')
  expect(writer.asks('source.apply').fence).toEqual(live)
})
