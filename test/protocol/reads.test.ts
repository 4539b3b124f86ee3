import { expect, test } from 'vitest'
import type { TargetCopy } from '../../lib/core/copy.js'
import type { Fence } from '../../lib/core/fence.js'
import { read } from '../../lib/core/protocol/read.js'
import { fencesOf, firstOf, journey, NOW, record, storesOf, UP, walk } from './by-hand.js'

const get = (fence: Fence) => walk(read({ id: 'a', slot: 0, startedAt: NOW }, fence))
const closed: TargetCopy = { version: firstOf(3), op: 'x', value: record('x'), open: false }
const open: TargetCopy = { ...closed, open: true }
const atSource = (fence: Fence, copy: TargetCopy | null = null, hold = false) => ({
  fence,
  hold,
  copy,
  remembered: null,
})
const atTarget = (fence: Fence | null, copy: TargetCopy | null, hold = false) => ({ fence, hold, copy })

test('a reader that meets a later fence at the source starts over under it', () => {
  const reader = get(UP.dualwrite).answer('source.get', atSource(UP.live))
  reader.answer('target.get', atTarget(UP.live, closed)).answer('lease', { kind: 'held' })
  expect(reader.result()).toMatchObject({ kind: 'read', servedBy: 'target', copy: { op: 'x' } })
})

test('a reader that meets a later fence at the target starts over under it', () => {
  const { rampdown, live } = fencesOf(
    ['dualwrite', 'shadow', 'rampdown', 'live'] as const,
    journey('dualwrite', 'shadow', 'rampdown', '(live)'),
  )
  const reader = get(rampdown).answer('target.get', atTarget(live, open)).answer('target.get', atTarget(live, open))
  expect(reader.asks('source.apply').fence).toEqual(live)
})

test('in live an open copy is shown only after the source has it', () => {
  const reader = get(UP.live).answer('target.get', atTarget(UP.live, open))
  expect(reader.asks('source.apply')).toMatchObject({ id: 'a', copy: { version: firstOf(3), op: 'x' } })
  reader.answer('source.apply', { kind: 'ok' })
  expect(reader.result()).toMatchObject({ copy: { op: 'x' }, afterwards: [{ do: 'settle' }] })
})

test('a reader never shows a write that the source refuses because its stage is over', async () => {
  const { dualwrite } = fencesOf(
    ['one', 'shadow', 'live', 'dualwrite'] as const,
    journey('dualwrite', 'shadow', 'live', 'dualwrite'),
  )
  const stores = storesOf()
  await stores.raise(UP.live)
  const write = { id: 'a', op: 'x', startedAt: NOW, value: record('x'), fenceExpected: true }
  await stores.target.begin(UP.live, write)
  const reader = await get(UP.live).go(stores, 'target.get')
  await stores.source.raise(dualwrite)
  await reader.go(stores, 'source.apply')
  expect(await reader.finish(stores)).toMatchObject({ copy: null, servedBy: 'source' })
})

test('an open copy whose source does not answer is not shown', () => {
  const reader = get(UP.live).answer('target.get', atTarget(UP.live, open)).silence('source.apply')
  expect(reader.result()).toMatchObject({ kind: 'failed', reason: 'source-unavailable' })
})

test('an open copy is not shown while its store is on hold', () => {
  const reader = get(UP.rampdown).answer('target.get', atTarget(UP.rampdown, open, true))
  expect(reader.result()).toMatchObject({ kind: 'failed', reason: 'on-hold' })
  const calm = get(UP.rampdown).answer('target.get', atTarget(UP.rampdown, open))
  expect(calm.result()).toMatchObject({ kind: 'read' })
})

test('a target without a fence has lost everything, and does not answer "absent"', () => {
  const reader = get(UP.rampdown).answer('target.get', atTarget(null, null))
  expect(reader.asks('alarm').sign).toBe('fence-missing')
  reader.answer('alarm', 'noted')
  expect(reader.result()).toMatchObject({ kind: 'failed', reason: 'target-lost-data' })
})

test('a source that stays ahead of the target is a loss, and is told', () => {
  const ahead = () => get(UP.live).answer('target.get', atTarget(UP.live, open))
  const newer = { kind: 'newer' as const, copy: { version: firstOf(3) + 1, op: 'y', value: record('y') } }
  const lost = ahead().answer('source.apply', newer).answer('target.get', atTarget(UP.live, closed))
  expect(lost.asks('alarm').sign).toBe('source-ahead')
  const later = { ...open, version: firstOf(3) + 1, op: 'y' }
  const overtaken = ahead().answer('source.apply', newer).answer('target.get', atTarget(UP.live, later))
  expect(overtaken.result()).toMatchObject({ kind: 'read', copy: { op: 'x' } })
})

const notFull = fencesOf(['dualwrite', 'shadow'] as const, journey('dualwrite', '(shadow)'))
const back = fencesOf(
  ['dualwrite', 'shadow', 'rampdown', 'live'] as const,
  journey('dualwrite', 'shadow', 'rampdown', '(live)'),
)

test('the target answers for the source only where it is known to hold everything', () => {
  expect(get(notFull.shadow).silence('source.get').result()).toMatchObject({ kind: 'failed' })
  const reader = get(UP.shadow).silence('source.get').answer('target.get', atTarget(UP.shadow, closed))
  expect(reader.answer('lease', { kind: 'held' }).result()).toMatchObject({ fallback: true, servedBy: 'target' })
})

test('the source answers for the target only where it is known to hold everything', () => {
  expect(get(back.live).silence('target.get').result()).toMatchObject({ kind: 'failed' })
  const reader = get(UP.live).silence('target.get').answer('source.get', atSource(UP.live, closed))
  expect(reader.answer('lease', { kind: 'held' }).result()).toMatchObject({ fallback: true, servedBy: 'source' })
})

test('in the tolerant stages and in off nobody answers for the store that numbers', () => {
  expect(get(UP.dualwrite).silence('source.get').result()).toMatchObject({ kind: 'failed' })
  expect(get(UP.rampdown).silence('target.get').result()).toMatchObject({ kind: 'failed' })
})

test('a target that answers for the source does not show open copies', () => {
  const reader = get(UP.shadow).silence('source.get').answer('target.get', atTarget(UP.shadow, open))
  expect(reader.result()).toMatchObject({ kind: 'failed', reason: 'source-unavailable' })
})

test('a store answers for the other only at the very fence of the caller, and not on hold', () => {
  const fallback = (fence: Fence, hold: boolean) =>
    get(UP.live)
      .silence('target.get')
      .answer('source.get', atSource(fence, closed, hold))
  expect(fallback(UP.shadow, false).result()).toMatchObject({ kind: 'failed' })
  expect(fallback(UP.live, true).result()).toMatchObject({ kind: 'failed' })
  const other = (fence: Fence, hold: boolean) =>
    get(UP.shadow)
      .silence('source.get')
      .answer('target.get', atTarget(fence, closed, hold))
  expect(other(UP.dualwrite, false).result()).toMatchObject({ kind: 'failed' })
  expect(other(UP.shadow, true).result()).toMatchObject({ kind: 'failed' })
})

test('a store that speaks alone in a strict stage must have seen the other within the lease', () => {
  const shadow = get(UP.shadow).answer('source.get', atSource(UP.shadow, closed))
  expect(shadow.asks('lease').store).toBe('target')
  expect(shadow.answer('lease', { kind: 'refused' }).result()).toMatchObject({ reason: 'lease-expired' })
  const live = get(UP.live).answer('target.get', atTarget(UP.live, closed))
  expect(live.asks('lease').store).toBe('source')
  live.answer('lease', { kind: 'stale', fence: UP.rampdown }).answer('target.get', atTarget(UP.rampdown, open))
  expect(live.result()).toMatchObject({ kind: 'read', servedBy: 'target' })
  const fallback = get(UP.live).silence('target.get').answer('source.get', atSource(UP.live, closed))
  expect(fallback.asks('lease').store).toBe('target')
})
