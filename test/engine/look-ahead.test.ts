import { expect, it } from 'vitest'
import { CutoverError } from '../../lib/core/error.js'
import { memoryLedger } from '../../lib/drivers/ledgers/memory.js'
import { lookingAhead } from '../../lib/engine/look-ahead.js'
import type { Ledger, Look } from '../../lib/ports/ledger.js'
import { FakeClock } from './runs/fake-clock.js'

const FORESEEN: readonly Look[] = [
  { kind: 'read', key: 'one' },
  { kind: 'read', key: 'none' },
  { kind: 'list', prefix: 'run/', after: null, limit: 10 },
  { kind: 'newest', stream: 'audit' },
]

async function setting(change: (ledger: Ledger) => Partial<Ledger> = () => ({})) {
  const store = memoryLedger()
  await store.commit([put('one', null, 1), put('run/a', null, 'a')], [{ stream: 'audit', value: 'first' }])
  const calls: string[] = []
  const counted: Ledger = { ...store, ...change(store) }
  for (const name of ['read', 'list', 'entries', 'look', 'commit'] as const) {
    const call = counted[name] as ((...args: never[]) => unknown) | undefined
    Object.assign(counted, {
      [name]: (...args: never[]) => {
        calls.push(name)
        return call?.(...args)
      },
    })
  }
  const clock = new FakeClock(1_750_000_000_000)
  return { store, clock, calls, ledger: lookingAhead(counted, FORESEEN, clock) }
}

function put(key: string, ifRevision: number | null, value: string | number) {
  return { key, ifRevision, value }
}

async function askAll(ledger: Ledger): Promise<unknown[]> {
  const newest = { before: null, newestFirst: true, limit: 1 } as const
  const asked = [ledger.read('one'), ledger.read('none'), ledger.list('run/', null, 10)]
  return Promise.all([...asked, ledger.entries('audit', newest)])
}

it('everything foreseen is one access, and answered as by the ledger itself', async () => {
  const { ledger, store, calls } = await setting()
  expect(await askAll(ledger)).toEqual(await askAll(store))
  expect(calls).toEqual(['look'])
})

it('what is asked a second time, or was not foreseen, is asked of the ledger', async () => {
  const { ledger, store, calls } = await setting()
  await askAll(ledger)
  await store.commit([put('one', 1, 2)])
  expect(await ledger.read('one')).toMatchObject({ value: 2 })
  await ledger.read('other')
  await ledger.list('run/', 'run/a', 10)
  expect(calls).toEqual(['look', 'read', 'read', 'list'])
})

it('what was committed through it is never answered as it was before', async () => {
  const { ledger, calls } = await setting()
  await ledger.read('none')
  await ledger.commit([put('one', 1, 2), put('run/b', null, 'b')], [{ stream: 'audit', value: 'second' }])
  const [one, , page, newest] = await askAll(ledger)
  expect(one).toMatchObject({ value: 2 })
  expect(page).toMatchObject({ items: [{ key: 'run/a' }, { key: 'run/b' }] })
  expect(newest).toMatchObject({ items: [{ value: 'second' }] })
  expect(calls).toEqual(['look', 'commit', 'read', 'read', 'list', 'entries'])
})

it('an answer is not used after ten seconds', async () => {
  const { ledger, clock, calls } = await setting()
  await ledger.read('none')
  clock.time += 10_001
  await ledger.read('one')
  expect(calls).toEqual(['look', 'read'])
})

it('without the look everything is asked for itself: one that fails, tells nothing, or is not there', async () => {
  const away = async (): Promise<never> => {
    throw new CutoverError('unavailable', 'away')
  }
  for (const look of [away, async (asked: readonly Look[]) => asked.map(() => null)]) {
    const { ledger, store, calls } = await setting(() => ({ look }))
    expect(await askAll(ledger)).toEqual(await askAll(store))
    expect(calls.toSorted()).toEqual(['entries', 'list', 'look', 'read', 'read'])
  }
  const { look: _, ...old } = memoryLedger()
  expect(lookingAhead(old, FORESEEN, new FakeClock(0))).toBe(old)
})
