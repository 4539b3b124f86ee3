import { describe, expect, it } from 'vitest'
import { reach } from '../../../lib/core/fence.js'
import { documentSource } from '../../../lib/drivers/stores/documents/source.js'
import type { Collection } from '../../../lib/engine/collection.js'
import { recover } from '../../../lib/engine/recover.js'
import { emergencyStop } from '../../../lib/engine/rollback/emergency-stop.js'
import { latestRun } from '../../../lib/engine/runs/store.js'
import { enterMissedDecisions } from '../../../lib/engine/stages/audited.js'
import { degrade } from '../../../lib/engine/stages/degrade.js'
import { emergencyRollback } from '../../../lib/engine/stages/emergency.js'
import { moveStage, pairsOf } from '../../../lib/engine/stages/move.js'
import { reconcile } from '../../../lib/engine/stages/reconcile.js'
import { recoverTarget } from '../../../lib/engine/stages/recover-target.js'
import { watch } from '../../../lib/engine/watch.js'
import { begin, drain, fill, go, MOVER, pass, runOf, type World, world } from '../runs/world.js'
import { asks, leave, stagesOf, stands } from './operators.js'

const WATCH = { by: 'watch', reason: 'the source does not answer' }

/** In shadow with both stores full, where either may be left behind. */
async function full(partitions: number): Promise<World> {
  const at = world({ partitions, leaseMs: 1_000 })
  await fill(at, 6)
  await go(at, 'shadow')
  await pass(at)
  return at
}

/** What both stores of each partition say. */
function atBoth(at: World): Promise<string[]> {
  return Promise.all(
    pairsOf(at.collection).map(async ([source, target]) => {
      const [a, b] = [(await source.control()).fence, (await target.control()).fence]
      return [a, b].map((fence) => (fence === null ? 'none' : `${reach(fence).stage}@${fence.epoch}`)).join(' ')
    }),
  )
}

/** The same stores as another process has them. */
function otherProcess(at: World): Collection {
  const { name, source } = at.collection
  const partitions = source.partitions.map((_, number) =>
    documentSource({ documents: at.documents, name: `${name}-${number}.json`, collection: name, clock: at.clock }),
  )
  return { ...at.collection, source: { partitions } }
}

describe('the source is left behind while a decision to go down lies in it', () => {
  it('that decision is not carried out at the source alone', async () => {
    const at = await full(1)
    let left = false
    at.faults.before = async (store, call) => {
      if (left || store !== 'target' || call !== 'raise') return
      left = true
      expect(await degrade(at.collection, 'source', WATCH, at.context)).toMatchObject({ kind: 'moved' })
    }
    await expect(asks(at, 'una', { direction: 'down', to: 'dualwrite' })).rejects.toMatchObject({ code: 'conflict' })
    expect((await stagesOf(at)).flat()).not.toContain('dualwrite')
    await watch(at.context)
    expect((await stagesOf(at)).flat()).toEqual(['rampdown'])
  })

  it('no epoch gets two meanings, also where another partition is ahead', async () => {
    const at = await full(2)
    await leave(at, 0, { direction: 'down' })
    // The last partition decides, and nobody hears of it.
    let raises = 0
    at.faults.before = (store, call) => {
      if (store === 'target' && call === 'raise' && ++raises === 2) throw new Error('a crash')
    }
    await expect(asks(at, 'una', { direction: 'down', to: 'dualwrite' })).rejects.toThrow('a crash')
    at.faults.before = () => undefined
    at.faults.down.add('source')
    await degrade(at.collection, 'source', WATCH, at.context)
    at.faults.down.clear()
    for (const [source, target] of pairsOf(at.collection)) await reconcile(source, target)
    for (const both of await atBoth(at)) expect(new Set(both.split(' ')).size).toBe(1)
    expect((await stagesOf(at))[1]).toEqual(['rampdown'])
  })
})

it('a clean-up whose word is overtaken by a recovery ends before it removes anything', async () => {
  const at = world({ partitions: 1 })
  await fill(at, 6)
  await go(at, 'complete')
  const run = await begin(at, {}, 'clean-up')
  let recovered = false
  at.faults.before = async (store, call) => {
    if (recovered || store !== 'target' || call !== 'raise') return
    recovered = true
    const { partitions } = await recoverTarget(at.collection, WATCH, at.context)
    expect(partitions).toEqual([0])
  }
  await drain(at)
  expect(recovered).toBe(true)
  expect(await runOf(at, run.id)).toMatchObject({ status: 'failed' })
  const [fence] = await atBoth(at)
  expect(fence).toMatch(/^complete@(\d+) complete@\1$/)
})

describe('a partition that stays where it is under a new epoch', () => {
  it('keeps what has to follow a recovery', async () => {
    const at = await full(2)
    at.faults.down.add('ledger')
    const { epoch } = await stands(at)
    const { partitions } = await recover(at.context, at.collection, WATCH, new Map([[1, epoch]]))
    expect(partitions).toEqual([1])
    await moveStage(at.collection, { direction: 'up', to: 'shadow', rolloutPercent: 0 }, MOVER, at.context)
    const [first] = pairsOf(at.collection)
    await leave(at, 0, { direction: 'down' })
    if (first === undefined) throw new Error('no partition')
    await moveStage(at.collection, { direction: 'up', to: 'shadow' }, MOVER, at.context)
    at.faults.down.clear()
    for (let look = 0; look < 3; look++) await watch(at.context)
    const run = await latestRun(at.context.ledger, 'projects', 'backfill')
    expect(run).toMatchObject({ by: expect.any(String), status: 'running' })
    const { items } = await at.context.ledger.list('run/', null, 100)
    expect(items).toHaveLength(2)
  })

  it('does not hide from the audit trail that the others were moved', async () => {
    const at = world({ partitions: 2 })
    await fill(at, 6)
    await go(at, 'dualwrite')
    await leave(at, 1, { direction: 'up' })
    await moveStage(at.collection, { direction: 'up' }, { by: 'una', reason: 'on' }, at.context)
    await enterMissedDecisions(at.context, 'projects')
    const { items } = await at.context.ledger.entries('audit', { limit: 100 })
    const una = items.map(({ value }) => value as { by: string; before: unknown; after: unknown })
    expect(una.filter(({ by }) => by === 'una')).toMatchObject([
      { before: { stage: 'dualwrite' }, after: { stage: 'shadow' } },
    ])
  })
})

describe('the way down', () => {
  it('comes to its end although others decide at the same moments', async () => {
    const at = world({ partitions: 2 })
    await fill(at, 6)
    await go(at, 'live')
    const elsewhere = otherProcess(at)
    let others = 0
    at.faults.before = async (store, call) => {
      if (store !== 'source' || call !== 'put' || others >= 2) return
      others++
      const share = { direction: 'up', to: 'rampdown', rolloutPercent: others } as const
      await moveStage(elsewhere, share, { by: 'vic', reason: 'on' }, at.context)
    }
    const [ended] = await emergencyRollback(at.context, MOVER)
    expect(others).toBe(2)
    expect(ended?.result).toMatchObject({ kind: 'moved', to: 'live', pending: { reason: 'source-not-full' } })
    expect(new Set((await stagesOf(at)).flat())).toEqual(new Set(['live']))
  })

  it('is not undone by a way up over several steps that was begun before an emergency stop', async () => {
    const at = world({ partitions: 2 })
    await fill(at, 6)
    let commits = 0
    at.faults.before = async (store, call) => {
      if (store !== 'ledger' || call !== 'commit' || ++commits !== 1) return
      await emergencyStop(at.context, { by: 'sue', reason: 'smoke' })
    }
    const walked = await asks(at, 'una', { direction: 'up', to: 'shadow' })
    expect(walked).toMatchObject({ kind: 'moved', to: 'dualwrite', pending: { reason: 'emergency-stopped' } })
    expect((await stagesOf(at)).flat()).toEqual(['dualwrite', 'dualwrite'])
  })
})
