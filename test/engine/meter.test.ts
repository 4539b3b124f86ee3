import { expect, it } from 'vitest'
import { memoryLedger } from '../../lib/drivers/ledgers/memory.js'
import { meter, trafficSince } from '../../lib/engine/meter.js'
import type { Ledger } from '../../lib/ports/ledger.js'
import { FakeClock } from './runs/fake-clock.js'

function metered(ledger: Ledger = memoryLedger(), flushMs = 1_000) {
  const clock = new FakeClock(1_000_000)
  const pending: Promise<unknown>[] = []
  const background = (work: Promise<unknown>): void => {
    pending.push(work.catch(() => {}))
  }
  return {
    ledger,
    clock,
    meter: meter(async () => ledger, clock, background, flushMs),
    done: () => Promise.all(pending),
  }
}

it('counts add up over instances and flushes', async () => {
  const ledger = memoryLedger()
  for (let instance = 0; instance < 3; instance++) {
    const one = metered(ledger)
    for (let number = 0; number < 10; number++) {
      one.meter.count('projects', 'reads')
      if (number % 2 === 0) one.meter.count('projects', 'failed')
      one.clock.time += 300
      await one.done()
    }
    one.meter.count('resources', 'writes')
    await one.meter.flush()
  }
  expect(await trafficSince(ledger, 'projects', 0)).toMatchObject({ reads: 30, failed: 15, writes: 0 })
  expect(await trafficSince(ledger, 'resources', 0)).toMatchObject({ writes: 3 })
})

it('nothing counted is not the same as nothing wrong', async () => {
  const one = metered()
  expect(await trafficSince(one.ledger, 'projects', 0)).toBeNull()
  one.meter.count('projects', 'reads')
  await one.meter.flush()
  expect(await trafficSince(one.ledger, 'projects', one.clock.time + 1)).toBeNull()
  expect(await trafficSince(one.ledger, 'projects', one.clock.time)).toMatchObject({ reads: 1 })
})

it('nothing is written for a collection whose migration is over, not even what was counted before', async () => {
  const ledger = memoryLedger()
  const clock = new FakeClock(1_000_000)
  const over = new Set<string>()
  const one = meter(
    async () => ledger,
    clock,
    () => {},
    1_000,
    (collection) => over.has(collection),
  )
  one.count('projects', 'reads') // written at once
  await one.flush()
  one.count('projects', 'reads')
  one.count('resources', 'reads')
  over.add('projects')
  clock.time += 2_000
  one.count('projects', 'writes')
  await one.flush()
  expect(await trafficSince(ledger, 'projects', 0)).toMatchObject({ reads: 1, writes: 0 })
  expect(await trafficSince(ledger, 'resources', 0)).toMatchObject({ reads: 1 })
})

it('entries are few: one a collection and flush', async () => {
  const one = metered()
  for (let number = 0; number < 5_000; number++) {
    one.meter.count('projects', 'reads')
    if (number % 1_000 === 999) {
      one.clock.time += 1_001
      await one.done()
    }
  }
  await one.meter.flush()
  expect((await one.ledger.entries('traffic/projects', { limit: 500 })).items.length).toBeLessThanOrEqual(7)
  expect(await trafficSince(one.ledger, 'projects', 0)).toMatchObject({ reads: 5_000 })
})

it('a ledger that is away costs counts, never an operation', async () => {
  const away = { ...memoryLedger(), commit: async () => Promise.reject(new Error('away')) }
  const one = metered(away)
  expect(() => one.meter.count('projects', 'reads')).not.toThrow()
  await one.done()
  one.clock.time += 2_000
  expect(() => one.meter.count('projects', 'reads')).not.toThrow()
  await one.done()
})
