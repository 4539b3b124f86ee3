import { describe, expect, it } from 'vitest'
import { memoryLedger } from '../../lib/drivers/ledgers/memory.js'
import { auditEntry, enterAudit, readAudit } from '../../lib/engine/audit.js'
import { enterDecision } from '../../lib/engine/stages/audited.js'
import { collectionStatus } from '../../lib/engine/status.js'
import { watchCollection } from '../../lib/engine/watch.js'
import { FakeClock } from './runs/fake-clock.js'
import { fill, go, type World, world } from './runs/world.js'

function entry(number: number) {
  const collection = number % 3 === 0 ? 'resources' : 'projects'
  const action = number % 5 === 0 ? 'roll-back' : 'advance-stage'
  return { by: 'ann', action, collection, reason: `number ${number}`, before: null, after: { number } }
}

describe('the trail', () => {
  it('is read newest first, page by page, with filters', async () => {
    const ledger = memoryLedger()
    const clock = new FakeClock(0)
    for (let number = 0; number < 1_300; number++) {
      clock.time = number
      await enterAudit({ ledger, clock }, entry(number))
    }
    const numbers: number[] = []
    let before: string | undefined
    for (let page = 0; page < 50; page++) {
      const query = { collection: 'resources', action: 'roll-back', limit: 20, ...(before ? { before } : {}) }
      const { items, next } = await readAudit(ledger, query)
      numbers.push(...items.map(({ after }) => (after as { number: number }).number))
      if (next === null) break
      before = next
    }
    const wanted = Array.from({ length: 1_300 }, (_, number) => number).filter((number) => number % 15 === 0)
    expect(numbers).toEqual(wanted.reverse())
    const [newest] = (await readAudit(ledger, { limit: 1 })).items
    expect(newest).toMatchObject({ at: new Date(1_299).toISOString(), by: 'ann', reason: 'number 1299' })
    await expect(readAudit(ledger, { before: 'nonsense', limit: 1 })).rejects.toMatchObject({ code: 'invalid-input' })
  })

  it('says where to go on when it has looked through a part without finding anything', async () => {
    const ledger = memoryLedger()
    const entries = Array.from({ length: 200 }, () => auditEntry({ at: 0, ...entry(1) }))
    for (let commit = 0; commit < 51; commit++) await ledger.commit([], entries)
    const first = await readAudit(ledger, { action: 'nothing', limit: 10 })
    expect([first.items, typeof first.next]).toEqual([[], 'string'])
    expect(await readAudit(ledger, { action: 'nothing', limit: 10, before: first.next ?? '' })).toEqual({
      items: [],
      next: null,
    })
  })
})

async function epochsEntered(at: World): Promise<number[]> {
  const { items } = await readAudit(at.context.ledger, { collection: 'projects', limit: 100 })
  return items.flatMap(({ after }) => (after as { epoch?: number } | null)?.epoch ?? []).reverse()
}

describe('stage changes', () => {
  it('made while the ledger was away are entered later, each with who, when and why', async () => {
    const at = world({ partitions: 3 })
    await fill(at, 10)
    await go(at, 'shadow')
    at.faults.down.add('ledger')
    await go(at, 'dualwrite', 'down')
    at.clock.time += 5_000
    await go(at, 'off', 'down')
    expect(await watchCollection(at.context, at.collection)).toBe('well')
    at.faults.down.delete('ledger')
    await watchCollection(at.context, at.collection)
    await watchCollection(at.context, at.collection)
    expect(await epochsEntered(at)).toEqual([1, 2, 3, 4])
    const { items } = await readAudit(at.context.ledger, { action: 'change-stage', limit: 10 })
    expect(items.map(({ by, reason, before, after }) => [by, reason, before, after]).reverse()).toEqual([
      ['ann', 'because', { stage: 'shadow' }, { stage: 'dualwrite', epoch: 3 }],
      ['ann', 'because', { stage: 'dualwrite' }, { stage: 'off', epoch: 4 }],
    ])
    expect(Date.parse(items[0]?.at ?? '') - Date.parse(items[1]?.at ?? '')).toBe(5_000)
  })

  it('made while the ledger was away are entered before the next one, too', async () => {
    const at = world()
    await go(at, 'shadow')
    at.faults.down.add('ledger')
    await go(at, 'dualwrite', 'down')
    at.faults.down.delete('ledger')
    await go(at, 'shadow')
    await watchCollection(at.context, at.collection)
    expect(await epochsEntered(at)).toEqual([1, 2, 3, 4])
  })

  it('are entered once, whoever comes first, and none is lost to another that is entered at the same moment', async () => {
    const at = world()
    await go(at, 'shadow')
    const { epoch } = await collectionStatus(at.context, 'projects')
    const change = (number: number) =>
      enterDecision(at.context, number, {
        at: 0,
        by: 'bob',
        action: 'advance-stage',
        collection: 'projects',
        reason: 'r',
        before: null,
        after: { epoch: number },
      })
    await Promise.all([change(epoch + 1), change(epoch + 2), change(epoch + 3)])
    expect((await epochsEntered(at)).sort()).toEqual([1, 2, 3, 4, 5])
    await change(epoch + 3)
    expect((await epochsEntered(at)).length).toBe(5)
  })
})
