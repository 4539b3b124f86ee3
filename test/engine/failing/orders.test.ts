import { describe, expect, it } from 'vitest'
import { readAudit } from '../../../lib/engine/audit.js'
import { type BreakerNote, boardsOf } from '../../../lib/engine/failing/board.js'
import {
  breakerIssues,
  forceOpen,
  isForcedOpen,
  listBreakers,
  resetBreaker,
} from '../../../lib/engine/failing/orders.js'
import { lookAfterBreakers } from '../../../lib/engine/failing/turn.js'
import { health } from '../../../lib/engine/health.js'
import { fill, MOVER, type World, world } from '../runs/world.js'

const NOTE: BreakerNote = {
  ...{ state: 'open', because: 'silent-in-a-row', since: 1_750_000_000_000, by: 'i1' },
  ...{ attempt: 3, nextAt: 1_750_000_001_000, lease: null },
}

const boards = (at: World) => boardsOf({ ledger: async () => at.context.ledger, documents: at.context.documents })

describe('an order to leave a store alone', () => {
  it('is one for everybody, in the trail, and in the health check, until it is taken back', async () => {
    const at = world()
    await fill(at, 2)
    expect(await isForcedOpen(at.context.ledger, 'target')).toBe(false)
    await forceOpen(at.context, 'target', { by: 'ann', reason: 'maintenance' })
    expect(await isForcedOpen(at.context.ledger, 'target')).toBe(true)
    expect(await isForcedOpen(at.context.ledger, 'source')).toBe(false)
    expect((await listBreakers(at.context)).map(({ store, forced }) => [store, forced])).toMatchObject([
      ['source', null],
      ['target', { by: 'ann', reason: 'maintenance' }],
    ])
    expect((await health(at.context)).issues).toContain('The target is left alone by order of ann: maintenance')
    await resetBreaker(at.context, 'target', MOVER)
    expect(await isForcedOpen(at.context.ledger, 'target')).toBe(false)
    const { items } = await readAudit(at.context.ledger, { limit: 5 })
    expect(items.map(({ action, by, after }) => [action, by, after])).toEqual([
      ['reset-breaker', MOVER.by, { store: 'target', forcedOpen: false }],
      ['force-breaker-open', 'ann', { store: 'target', forcedOpen: true }],
    ])
  })

  it('of two at once is given once, and the other is told', async () => {
    const at = world()
    const both = await Promise.allSettled(
      ['ann', 'bob'].map((by) => forceOpen(at.context, 'source', { by, reason: 'r' })),
    )
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await readAudit(at.context.ledger, { limit: 5 })).items).toHaveLength(1)
  })

  it('is refused while the ledger is away, and nothing has changed', async () => {
    const at = world()
    at.faults.down.add('ledger')
    await expect(forceOpen(at.context, 'target', MOVER)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await listBreakers(at.context)).toMatchObject([
      { store: 'source', shared: 'unreachable', forced: 'unreachable' },
      { store: 'target', shared: null, forced: 'unreachable' },
    ])
    at.faults.down.clear()
    expect(await isForcedOpen(at.context.ledger, 'target')).toBe(false)
  })
})

describe('a reset', () => {
  it('tells the others on the board, where there is something to be told', async () => {
    const at = world()
    expect(await resetBreaker(at.context, 'source', MOVER)).toEqual({ told: true })
    expect((await boards(at).source.read()).note).toBeNull()
    for (const store of ['source', 'target'] as const) {
      await boards(at)[store].write(NOTE, null)
      expect(await resetBreaker(at.context, store, MOVER)).toEqual({ told: true })
      expect((await boards(at)[store].read()).note).toMatchObject({ state: 'closed', because: 'reset', by: MOVER.by })
    }
  })
})

describe('the turn of the cron', () => {
  it('finds out what no traffic finds out: a store that is told to be silent and answers', async () => {
    const at = world()
    for (const store of ['source', 'target'] as const) await boards(at)[store].write(NOTE, null)
    expect(await breakerIssues(at.context)).toHaveLength(2)
    at.faults.down.add('target')
    expect(await lookAfterBreakers(at.context)).toEqual({ source: 'found-well', target: 'open' })
    at.faults.down.clear()
    const both = await Promise.all([lookAfterBreakers(at.context), lookAfterBreakers(at.context)])
    expect(both.map((found) => (found as { target: string }).target).sort()).toEqual(['found-well', 'open'])
    expect(await lookAfterBreakers(at.context)).toEqual({ source: 'closed', target: 'closed' })
    expect(await breakerIssues(at.context)).toEqual([])
  })

  it('says which board it could not read, and goes on with the other', async () => {
    const at = world()
    await boards(at).target.write(NOTE, null)
    at.faults.down.add('ledger')
    expect(await lookAfterBreakers(at.context)).toEqual({ source: 'unreachable', target: 'found-well' })
  })
})
