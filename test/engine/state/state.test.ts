import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RETENTION } from '../../../lib/core/state/kinds.js'
import { memoryLedger } from '../../../lib/drivers/ledgers/memory.js'
import { auditEntry } from '../../../lib/engine/audit.js'
import { type Change, changesAfter } from '../../../lib/engine/state/changes.js'
import { stateEntry } from '../../../lib/engine/state/journal.js'
import { listState } from '../../../lib/engine/state/list.js'
import { keepRetention } from '../../../lib/engine/state/retention.js'
import { world } from '../runs/world.js'

const DAY_MS = 86_400_000
const audit = { by: 'ann', action: 'x', collection: null, reason: 'r', before: null, after: null }

describe('the entries of a kind', () => {
  it('are found by component, time and members, page by page, newest first', async () => {
    const ledger = memoryLedger()
    for (let n = 0; n < 10; n++) {
      const entry = { at: 1_000_000 + n, component: n % 2 === 0 ? 'a' : 'b', outcome: n < 5 ? 'pass' : 'breach', n }
      await ledger.commit([], [stateEntry('metric', entry), stateEntry('phase', { at: n, component: null })])
    }
    const numbers = async (query: object): Promise<unknown[]> => {
      const { items } = await listState(ledger, { kind: 'metric', limit: 100, ...query })
      return items.map(({ n }) => n)
    }
    expect(await numbers({ component: 'a' })).toEqual([8, 6, 4, 2, 0])
    expect(await numbers({ where: { outcome: 'breach' }, component: 'b' })).toEqual([9, 7, 5])
    expect(await numbers({ where: { n: '3' } })).toEqual([3])
    expect(await numbers({ where: { constructor: 'x' } })).toEqual([])
    expect(await numbers({ from: 1_000_002, to: 1_000_005 })).toEqual([4, 3, 2])
    const first = await listState(ledger, { kind: 'metric', limit: 4, component: 'a' })
    const rest = await listState(ledger, { kind: 'metric', limit: 4, component: 'a', before: first.next ?? '' })
    expect([...first.items, ...rest.items].map(({ n }) => n)).toEqual([8, 6, 4, 2, 0])
    expect(rest.next).toBeNull()
  })

  it('are kept for their time, looked at once an hour, and the audit trail for ever', async () => {
    const at = world()
    const { context, clock } = at
    const start = clock.time
    const days = RETENTION.metric.days
    for (let n = 0; n < 1_200; n++)
      await context.ledger.commit(
        [],
        [stateEntry('metric', { at: start + n, component: null }), auditEntry({ at: start, ...audit })],
      )
    await context.ledger.commit([], [stateEntry('phase', { at: start, component: null })])
    clock.time = start + days * DAY_MS + 1_000
    expect(await keepRetention(context, Number.POSITIVE_INFINITY)).toEqual({ kind: 'kept', dropped: { metric: 1_000 } })
    const { items } = await listState(context.ledger, { kind: 'metric', limit: 500 })
    expect(items.map((entry) => entry.at).sort((a, b) => a - b)[0]).toBe(start + 1_000)
    expect((await listState(context.ledger, { kind: 'phase', limit: 5 })).items).toHaveLength(1)
    expect((await context.ledger.entries('audit', { after: null, limit: 1 })).items).toHaveLength(1)
    clock.time += 60_000
    expect(await keepRetention(context, Number.POSITIVE_INFINITY)).toEqual({ kind: 'not-due' })
  })

  it('are nothing in a ledger that was closed, and it stays empty', async () => {
    const { context } = world()
    const emptied = { ...context, ledger: memoryLedger() }
    expect(await keepRetention(emptied, Number.POSITIVE_INFINITY)).toEqual({ kind: 'nothing-kept' })
    expect(await emptied.ledger.list('', null, 5)).toEqual({ items: [], end: true })
  })
})

describe('what happened since a position', () => {
  it('is told once, in the order of commits, however it is cut into pages and whatever is written meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 7 })), { minLength: 1, maxLength: 60 }),
        async (script) => {
          const ledger = memoryLedger()
          let { position } = await changesAfter(ledger, null)
          const seen: Change[] = []
          let written = 0
          const look = async (limit: number): Promise<boolean> => {
            const found = await changesAfter(ledger, position, { limit })
            seen.push(...found.items)
            position = found.position
            return found.more
          }
          for (const step of script) {
            if (step !== null) {
              await look(step)
              continue
            }
            written += 3
            const entry = { at: written, component: null }
            const entries = [auditEntry({ at: 1, ...audit }), stateEntry('phase', entry), stateEntry('metric', entry)]
            await ledger.commit([], entries)
          }
          for (let turn = 0; turn < 200 && (await look(2)); turn++);
          expect(seen).toHaveLength(written)
          const commits = seen.map(({ position: at }) => Number(at.split('-')[0]))
          expect(commits).toEqual([...commits].sort((a, b) => a - b))
          expect(new Set(seen.map(({ position: at }) => at)).size).toBe(written)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('says that documents have changed, though there is nothing to tell of them', async () => {
    const ledger = memoryLedger()
    const { position } = await changesAfter(ledger, null)
    expect((await changesAfter(ledger, position)).position).toBe(position)
    await ledger.commit([{ key: 'run/1', ifRevision: null, value: 1 }])
    const found = await changesAfter(ledger, position)
    expect([found.items, found.position === position]).toEqual([[], false])
  })

  it('goes on from where it is when the ledger was made anew', async () => {
    const ledger = memoryLedger()
    expect(await changesAfter(ledger, '900-3')).toMatchObject({ items: [], position: await ledger.head() })
  })
})
