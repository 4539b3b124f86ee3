import { expect, it, vi } from 'vitest'
import { CutoverError } from '../../lib/core/error.js'
import { memoryLedger } from '../../lib/drivers/ledgers/memory.js'
import { gatheredLedger } from '../../lib/engine/gathered-ledger.js'
import type { Ledger, Look } from '../../lib/ports/ledger.js'

const FORESEEN: readonly Look[] = [
  { kind: 'read', key: 'one' },
  { kind: 'list', prefix: 'run/', after: null, limit: 10 },
]

async function setting(change: Partial<Ledger> = {}) {
  const store = memoryLedger()
  await store.commit([put('one', 1), put('two', 2), put('run/a', 3)])
  const looks = vi.fn()
  const counted: Ledger = {
    ...store,
    look: async (asked) => {
      looks(asked.length)
      return (await store.look?.(asked)) ?? []
    },
    ...change,
  }
  return { store, looks, ledger: gatheredLedger(counted, FORESEEN) }
}

function put(key: string, value: number) {
  return { key, ifRevision: null, value }
}

it('what is asked in one breath is one access, with what is foreseen', async () => {
  const { ledger, looks, store } = await setting()
  const [one, two, runs, run] = await Promise.all([
    ledger.read('one'),
    ledger.read('two'),
    ledger.list('run/', null, 10),
    ledger.read('run/a'),
  ])
  expect([one, two, run]).toEqual([await store.read('one'), await store.read('two'), await store.read('run/a')])
  expect(runs).toEqual(await store.list('run/', null, 10))
  expect(looks.mock.calls).toEqual([[3]])
})

it('what one answer is made of is never decided by: nothing is committed through it', async () => {
  const { ledger, store } = await setting()
  const { revision } = (await ledger.read('one')) ?? { revision: 0 }
  await expect(ledger.commit([{ key: 'one', ifRevision: revision, value: 9 }])).rejects.toMatchObject({
    code: 'internal',
  })
  await expect(ledger.trim('audit', '0-1')).rejects.toMatchObject({ code: 'internal' })
  expect(await store.read('one')).toMatchObject({ value: 1 })
})

it('what is too much for one access, or damaged, is asked alone, and fails alone', async () => {
  const { ledger } = await setting({
    look: async () => {
      throw new CutoverError('too-large', 'Too much at once.')
    },
    read: async (key) => {
      if (key === 'two') throw new CutoverError('internal', 'Damaged.')
      return { revision: 1, value: 1 }
    },
  })
  const [one, two, runs] = await Promise.allSettled([
    ledger.read('one'),
    ledger.read('two'),
    ledger.list('run/', null, 10),
  ])
  expect(one).toMatchObject({ status: 'fulfilled', value: { value: 1 } })
  expect(two).toMatchObject({ status: 'rejected', reason: { message: 'Damaged.' } })
  expect(runs).toMatchObject({ status: 'fulfilled' })
})

it('a ledger that is away is told to whoever asks', async () => {
  const { ledger } = await setting({
    look: async () => {
      throw new CutoverError('unavailable', 'Away.')
    },
  })
  await expect(ledger.read('one')).rejects.toMatchObject({ code: 'unavailable' })
})

it('a fault of ours is told to whoever asks, and not to the process for what nobody asked', async () => {
  const { ledger } = await setting({
    look: async () => {
      throw new TypeError('A fault.')
    },
  })
  const nobody = vi.fn()
  process.on('unhandledRejection', nobody)
  await expect(ledger.read('two')).rejects.toThrow('A fault.')
  await new Promise((resolve) => setTimeout(resolve, 20))
  process.off('unhandledRejection', nobody)
  expect(nobody).not.toHaveBeenCalled()
})
