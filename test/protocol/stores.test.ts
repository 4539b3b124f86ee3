import { expect, test } from 'vitest'
import { firstOf, NOW, record, storesOf, UP } from './by-hand.js'

const copy = (version: number, op: string) => ({ version, op, value: record(op) })
const write = (op: string, base?: number, compare: 'equal' | 'at-most' = 'equal') => {
  const bound = base === undefined ? {} : { base, compare }
  return { id: 'a', op, startedAt: NOW, value: record(op), fenceExpected: true, ...bound }
}
const cas = (op: string, base: number) => ({ id: 'a', base, op, named: false, value: record(op) })

test('a source that has gone on refuses the compare-and-swap of an earlier stage, and keeps what it has', async () => {
  const { source, raise } = storesOf()
  await raise(UP.shadow)
  expect(await source.cas(UP.dualwrite, cas('x', 0))).toEqual({ kind: 'stale', fence: UP.shadow })
  expect((await source.get('a')).copy).toBeNull()
})

test('a source that has gone on refuses a copy of an earlier stage', async () => {
  const { source, raise } = storesOf()
  await raise(UP.rampdown)
  expect(await source.apply(UP.shadow, 'a', copy(firstOf(2), 'x'))).toEqual({ kind: 'stale', fence: UP.rampdown })
  expect(await source.applyMany(UP.shadow, [{ id: 'a', copy: copy(firstOf(2), 'x') }])).toMatchObject({ kind: 'stale' })
  expect((await source.get('a')).copy).toBeNull()
})

test('a target that has gone on refuses to number a write of an earlier stage', async () => {
  const { target, raise } = storesOf()
  await raise(UP.live)
  expect(await target.begin(UP.shadow, write('x'))).toMatchObject({ kind: 'stale' })
  expect((await target.get('a')).copy).toBeNull()
})

test('a store behind the caller takes the fence and does the work in one access', async () => {
  const { source, target, raise } = storesOf()
  await raise(UP.dualwrite)
  expect(await target.begin(UP.shadow, write('x'))).toMatchObject({ kind: 'ok', version: firstOf(2) })
  expect((await target.control()).fence).toEqual(UP.shadow)
  expect(await source.apply(UP.shadow, 'a', copy(firstOf(2), 'x'))).toEqual({ kind: 'ok' })
  expect((await source.control()).fence).toEqual(UP.shadow)
  expect(await source.cas(UP.live, cas('y', firstOf(2)))).toMatchObject({ kind: 'ok', version: firstOf(3) })
  expect((await source.control()).fence).toEqual(UP.live)
})

test('neither store goes back to an earlier version', async () => {
  const { source, target, raise } = storesOf()
  await raise(UP.shadow)
  await source.apply(UP.shadow, 'a', copy(firstOf(2) + 5, 'late'))
  expect(await source.apply(UP.shadow, 'a', copy(firstOf(2), 'early'))).toMatchObject({ kind: 'newer' })
  expect((await source.get('a')).copy).toEqual(copy(firstOf(2) + 5, 'late'))
  await target.applyMany(UP.shadow, [{ id: 'a', copy: copy(firstOf(2) + 5, 'late') }])
  const answers = await target.applyMany(UP.shadow, [{ id: 'a', copy: copy(firstOf(2), 'early') }])
  expect(answers).toMatchObject([{ kind: 'newer' }])
  expect((await target.get('a')).copy).toMatchObject(copy(firstOf(2) + 5, 'late'))
})

test('one version never stands for two operations', async () => {
  const { source, raise } = storesOf()
  await raise(UP.shadow)
  await source.apply(UP.shadow, 'a', copy(firstOf(2), 'x'))
  expect(await source.apply(UP.shadow, 'a', copy(firstOf(2), 'y'))).toMatchObject({ kind: 'clash' })
  expect((await source.get('a')).copy).toEqual(copy(firstOf(2), 'x'))
})

test('versions of different epochs differ, whichever store gives them', async () => {
  const { source, target, raise } = storesOf()
  await raise(UP.dualwrite)
  const atSource = await source.cas(UP.dualwrite, cas('x', 0))
  const atTarget = await target.begin(UP.shadow, write('y'))
  expect(atSource).toMatchObject({ version: firstOf(1) })
  expect(atTarget).toMatchObject({ version: firstOf(2) })
})

test('a deleted record stays deleted: its tombstone keeps version and order', async () => {
  const { source, target, raise } = storesOf()
  await raise(UP.live)
  const gone = { version: firstOf(3) + 1, op: 'delete', value: null }
  await source.apply(UP.live, 'a', copy(firstOf(3), 'x'))
  await source.apply(UP.live, 'a', gone)
  expect(await source.apply(UP.live, 'a', copy(firstOf(3), 'x'))).toMatchObject({ kind: 'newer' })
  expect((await source.get('a')).copy).toEqual(gone)
  await target.begin(UP.live, { ...write('x') })
  await target.begin(UP.live, { ...write('delete'), value: null })
  expect((await target.get('a')).copy).toMatchObject(gone)
  expect(await target.begin(UP.live, write('again'))).toMatchObject({ version: firstOf(3) + 2 })
})

test('a compare-and-swap at the source from a base that has moved on changes nothing', async () => {
  const { source, raise } = storesOf()
  await raise(UP.dualwrite)
  await source.cas(UP.dualwrite, cas('x', 0))
  expect(await source.cas(UP.dualwrite, cas('y', 0))).toMatchObject({ kind: 'conflict' })
  expect((await source.get('a')).copy).toMatchObject({ op: 'x' })
})

test('what the target numbers is open until the source is known to have that very version', async () => {
  const { target, raise } = storesOf()
  await raise(UP.live)
  await target.begin(UP.live, write('x'))
  await target.begin(UP.live, write('y'))
  await target.settleMany([{ id: 'a', version: firstOf(3), op: 'x' }])
  await target.settleMany([{ id: 'a', version: firstOf(3) + 1, op: 'x' }])
  expect((await target.get('a')).copy).toMatchObject({ op: 'y', open: true })
  await target.settleMany([{ id: 'a', version: firstOf(3) + 1, op: 'y' }])
  expect((await target.get('a')).copy).toMatchObject({ open: false })
})

test('a begin that comes twice is numbered once, even when another write has come between and its base is gone', async () => {
  const { target, raise } = storesOf()
  await raise(UP.rampdown)
  await target.begin(UP.rampdown, write('x', 0))
  await target.begin(UP.rampdown, write('y'))
  expect(await target.begin(UP.rampdown, write('x', 0))).toEqual({ kind: 'known', version: firstOf(4) })
  expect((await target.get('a')).copy).toMatchObject({ op: 'y' })
})

test('a bound write is compared with its base in the access that numbers it', async () => {
  const { target, raise } = storesOf()
  await raise(UP.live)
  await target.begin(UP.live, write('x', 0))
  expect(await target.begin(UP.live, write('y', 0))).toMatchObject({ kind: 'fail', copy: { op: 'x' } })
  expect(await target.begin(UP.live, write('z', firstOf(3)))).toMatchObject({ kind: 'ok' })
})

test('a base that belongs to another operation at the target was given twice: a loss, and nothing is done', async () => {
  const { target, raise } = storesOf()
  await raise(UP.shadow)
  await target.begin(UP.shadow, write('x'))
  const bound = { ...write('y', firstOf(2), 'at-most'), baseOp: 'lost' }
  expect(await target.begin(UP.shadow, bound)).toEqual({ kind: 'loss' })
  expect((await target.get('a')).copy).toMatchObject({ op: 'x' })
  expect(await target.begin(UP.shadow, { ...bound, baseOp: 'x' })).toMatchObject({ kind: 'ok' })
})

test('in shadow a base that the target does not have yet is good, and one that it has passed is not', async () => {
  const { target, raise } = storesOf()
  await raise(UP.shadow)
  expect(await target.begin(UP.shadow, write('x', firstOf(1), 'at-most'))).toMatchObject({ kind: 'ok' })
  expect(await target.begin(UP.shadow, write('y', firstOf(1), 'at-most'))).toMatchObject({ kind: 'fail' })
})

test('a store on hold takes no write', async () => {
  const { source, target, raise } = storesOf()
  await raise(UP.shadow)
  await source.updateControl((control) => ({ ...control, hold: true }))
  expect(await source.cas(UP.shadow, cas('x', 0))).toEqual({ kind: 'hold' })
  expect(await source.apply(UP.shadow, 'a', copy(firstOf(2), 'x'))).toEqual({ kind: 'hold' })
  await target.raise(UP.rampdown, { hold: true })
  expect(await target.begin(UP.rampdown, write('x'))).toEqual({ kind: 'hold' })
})

test('the source remembers a named write whoever brings it, and one that was lawfully overtaken', async () => {
  const { source, raise } = storesOf()
  await raise(UP.live)
  await source.apply(UP.live, 'a', copy(firstOf(3), 'k.print'))
  await source.apply(UP.live, 'a', copy(firstOf(3) + 2, 'y'))
  expect((await source.get('a', 'k.print')).remembered).toMatchObject({ version: firstOf(3), op: 'k.print' })
  const late = copy(firstOf(3) + 1, 'l.print')
  expect(await source.apply(UP.live, 'a', late, { named: true })).toMatchObject({ kind: 'newer' })
  expect((await source.get('a', 'l.print')).remembered).toBeNull()
  await source.apply(UP.live, 'a', late, { named: true, overtaken: true })
  expect((await source.get('a', 'l.print')).remembered).toMatchObject({ version: firstOf(3) + 1, op: 'l.print' })
})
