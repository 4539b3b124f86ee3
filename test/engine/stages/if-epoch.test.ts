import { describe, expect, it } from 'vitest'
import { stageIndex } from '../../../lib/core/stage.js'
import { enterMissedDecisions } from '../../../lib/engine/stages/audited.js'
import { moveStage } from '../../../lib/engine/stages/move.js'
import { fill, go, MOVER, pass, type World, world } from '../runs/world.js'
import { type Asked, asks, everything, leave, shuffle, stagesOf, stands } from './operators.js'

const UP: Asked = { direction: 'up' }
const DOWN: Asked = { direction: 'down' }

/** Where two operators find the collection, as they both see it. */
const PLACES: { [name: string]: (at: World) => Promise<void> } = {
  'one stage everywhere': async (at) => {
    await go(at, 'shadow')
    await pass(at)
  },
  'a rollout that has begun': async (at) => {
    await go(at, 'shadow')
    await pass(at)
    await asks(at, 'una', { direction: 'up', rolloutPercent: 30 })
  },
  'its first partition ahead, after a crash': async (at) => {
    await go(at, 'dualwrite')
    await leave(at, 0, UP)
  },
  'its last partition ahead, after a crash': async (at) => {
    await go(at, 'dualwrite')
    await leave(at, 2, UP)
  },
}

const PAIRS: [string, Asked, Asked][] = [
  ['both up', UP, UP],
  ['both down', DOWN, DOWN],
  ['one up, one down', UP, DOWN],
  ['one up, one with a share', UP, { direction: 'up', rolloutPercent: 50 }],
]
const SEEDS = 12

describe('two operators who look at the same epoch and act at the same moment', () => {
  for (const [place, bring] of Object.entries(PLACES)) {
    it.each(PAIRS)(`one is done and the other refused, in whatever order: ${place}, %s`, async (_, first, second) => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const at = world({ partitions: 3 })
        await fill(at, 6)
        await bring(at)
        const { epoch, stage } = await stands(at)
        await enterMissedDecisions(at.context, 'projects')
        const before = (await at.context.ledger.entries('audit', { limit: 100 })).items.length
        shuffle(at, seed)
        const [mine, yours] = await Promise.all([
          asks(at, 'una', { ...first, ifEpoch: epoch }),
          asks(at, 'vic', { ...second, ifEpoch: epoch }),
        ])
        at.faults.before = () => undefined
        const isMine = mine.kind === 'moved'
        const [won, lost] = isMine ? [mine, yours] : [yours, mine]
        const winner = isMine ? 'una' : 'vic'
        expect([seed, won.kind, lost.kind]).toEqual([seed, 'moved', 'refused'])
        const now = await stands(at)
        if (won.kind !== 'moved') throw new Error('nobody has moved it')
        expect(Math.abs(stageIndex(now.stage) - stageIndex(stage))).toBeLessThanOrEqual(1)
        expect(now).toMatchObject({ epoch: epoch + 1, decided: { by: winner } })
        expect(won.epoch).toBe(epoch + 1)
        expect(lost).toMatchObject({
          reason: 'epoch-moved',
          details: { epoch: epoch + 1, ifEpoch: epoch, by: winner, because: `as ${winner} sees it` },
        })
        const { items } = await at.context.ledger.entries('audit', { limit: 100 })
        expect(items.slice(before).map(({ value }) => (value as { by: string }).by)).toEqual([winner])
      }
    })
  }

  it('all partitions stand where the one that was done leads', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const at = world({ partitions: 3 })
      await fill(at, 6)
      await go(at, 'shadow')
      await pass(at)
      shuffle(at, seed)
      const { epoch } = await stands(at)
      const [up] = await Promise.all([
        asks(at, 'una', { ...UP, ifEpoch: epoch }),
        asks(at, 'vic', { ...DOWN, ifEpoch: epoch }),
      ])
      const stage = up.kind === 'moved' ? 'live' : 'dualwrite'
      expect(await stagesOf(at)).toEqual([[stage], [stage], [stage]])
    }
  })
})

describe('an act that was asked for at an epoch', () => {
  it('is not done at another one, earlier or later, and takes no risk', async () => {
    const at = world()
    await fill(at, 6)
    await go(at, 'rampdown')
    const before = await everything(at)
    const { epoch } = await stands(at)
    for (const ifEpoch of [epoch - 1, epoch + 1]) {
      const refused = { kind: 'refused', reason: 'epoch-moved', details: { epoch, ifEpoch } }
      expect(await asks(at, 'una', { ...DOWN, ifEpoch })).toMatchObject(refused)
      expect(await moveStage(at.collection, { ...UP, ifEpoch }, MOVER, at.context)).toMatchObject(refused)
    }
    const risky = { ...UP, acceptRisk: 'zero-loss-not-proved' as const, ifEpoch: epoch - 1 }
    expect(await asks(at, 'una', risky)).toMatchObject({ reason: 'epoch-moved' })
    expect(await everything(at)).toBe(before)
    expect(await asks(at, 'una', { ...DOWN, ifEpoch: epoch })).toMatchObject({ kind: 'moved', to: 'live' })
  })

  it('says who has moved it, when, why and to where', async () => {
    const at = world()
    await fill(at, 6)
    await go(at, 'dualwrite')
    const { epoch } = await stands(at)
    await asks(at, 'vic', UP)
    const refused = await asks(at, 'una', { ...UP, ifEpoch: epoch })
    if (refused.kind !== 'refused') throw new Error('it was done')
    expect(refused.details).toMatchObject({ by: 'vic', stage: 'shadow', because: 'as vic sees it', epoch: epoch + 1 })
    expect(refused.details?.message).toContain('vic moved projects from dualwrite to shadow at 2025-')
    expect(refused.details?.message).toContain('nothing was done')
  })

  it('finds an earlier decision that was only half carried out, and does not go on from before it', async () => {
    const at = world()
    await fill(at, 6)
    await go(at, 'shadow')
    const { epoch } = await stands(at)
    at.faults.before = (store, call) => {
      if (store === 'target' && call === 'raise') throw new Error('a crash')
    }
    await expect(asks(at, 'vic', DOWN)).rejects.toThrow('a crash')
    at.faults.before = () => undefined
    expect(await asks(at, 'una', { ...DOWN, ifEpoch: epoch })).toMatchObject({
      kind: 'refused',
      reason: 'epoch-moved',
      details: { epoch: epoch + 1, by: 'vic' },
    })
    expect(await asks(at, 'una', { ...DOWN, ifEpoch: epoch + 1 })).toMatchObject({ kind: 'moved' })
  })

  it('goes on from its own epochs, and ends where somebody else comes in between', async () => {
    const at = world()
    await fill(at, 6)
    await go(at, 'shadow')
    await pass(at)
    const { epoch } = await stands(at)
    const all = await asks(at, 'una', { direction: 'up', to: 'rampdown', ifEpoch: epoch })
    expect(all).toMatchObject({ kind: 'moved', from: 'shadow', to: 'rampdown', pending: null, epoch: epoch + 2 })
    await go(at, 'shadow', 'down')
    const again = await stands(at)
    let entered = 0
    at.faults.before = async (store, call) => {
      if (store !== 'ledger' || call !== 'commit' || ++entered !== 1) return
      await moveStage(at.collection, DOWN, { by: 'vic', reason: 'no' }, at.context)
    }
    const cut = await asks(at, 'una', { direction: 'up', to: 'rampdown', ifEpoch: again.epoch })
    expect(cut).toMatchObject({ kind: 'moved', to: 'live', pending: { to: 'rampdown', reason: 'epoch-moved' } })
    expect(await stands(at)).toMatchObject({ stage: 'shadow', decided: { by: 'vic' } })
  })
})

describe('a race that was lost without an epoch', () => {
  it('is a conflict that says who was faster, and nothing of it is done', async () => {
    let lost = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const at = world({ partitions: 3 })
      await fill(at, 6)
      await go(at, 'dualwrite')
      shuffle(at, seed)
      const ended = await Promise.allSettled([asks(at, 'una', UP), asks(at, 'vic', DOWN)])
      at.faults.before = () => undefined
      for (const end of ended) {
        if (end.status === 'fulfilled') continue
        lost++
        expect(end.reason).toMatchObject({ code: 'conflict', details: { reason: 'epoch-moved' } })
        const who = /una moved projects from dualwrite to shadow|vic moved projects from dualwrite to off/
        expect(end.reason.message).toMatch(who)
      }
      const stages = await stagesOf(at)
      expect(new Set(stages.map((ranges) => ranges.join())).size).toBe(1)
    }
    expect(lost).toBeGreaterThan(0)
  })
})
