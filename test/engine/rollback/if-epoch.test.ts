import { describe, expect, it } from 'vitest'
import { putNamedFlag } from '../../../lib/engine/flags/flags.js'
import { declareComponent } from '../../../lib/engine/programs/declare.js'
import { rollBackFromEpoch } from '../../../lib/engine/rollback/roll-back-component.js'
import { fill, go, type World, world } from '../runs/world.js'
import { asks, everything, shuffle, stands } from '../stages/operators.js'
import { flagOf } from './flag.js'
import { eventsOf, stageOf } from './world.js'

const SEEDS = 12

/** A rollback looks at more before it moves anything: whoever only walks must come later to come second. */
async function after(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
}

function back(at: World, by: string, ifEpoch: number, component = 'projects') {
  const request = { component, ifEpoch, cause: { kind: 'operator' as const } }
  return rollBackFromEpoch(at.context, request, { by, reason: `as ${by} sees it` })
}

async function inLive(partitions = 3): Promise<World> {
  const at = world({ partitions })
  await fill(at, 6)
  await go(at, 'live')
  return at
}

describe('a rollback that was asked for at an epoch', () => {
  it('is done from there, and refused at another one without being begun', async () => {
    const at = await inLive()
    const { epoch } = await stands(at)
    const before = await everything(at)
    expect(await back(at, 'ann', epoch - 1)).toMatchObject({
      kind: 'refused',
      reason: 'epoch-moved',
      details: { epoch },
    })
    expect(await back(at, 'ann', epoch + 1)).toMatchObject({ kind: 'refused', reason: 'epoch-moved' })
    expect(await everything(at)).toBe(before)
    expect(await back(at, 'ann', epoch)).toMatchObject({ status: 'completed', from: { stage: 'live' } })
    expect(await stageOf(at)).toBe('shadow')
  })

  it.each(['up', 'down'] as const)(
    'of it and another who goes %s one is done, in whatever order',
    async (direction) => {
      let [mine, theirs] = [0, 0]
      for (let seed = 1; seed <= SEEDS; seed++) {
        const at = await inLive()
        const { epoch } = await stands(at)
        shuffle(at, seed)
        const [rollback, walk] = await Promise.all([
          back(at, 'ann', epoch),
          after(seed * 6).then(() => asks(at, 'bob', { direction, ifEpoch: epoch })),
        ])
        at.faults.before = () => undefined
        const began = (await eventsOf(at)).filter(({ event }) => event === 'began').length
        if ('kind' in rollback) {
          theirs++
          expect([seed, rollback.reason, walk.kind, began]).toEqual([seed, 'epoch-moved', 'moved', 0])
          expect(rollback.details).toMatchObject({ by: 'bob' })
        } else {
          mine++
          expect([seed, rollback.status, walk.kind, began]).toEqual([seed, 'completed', 'refused', 1])
          expect(await stageOf(at)).toBe('shadow')
        }
      }
      expect(Math.min(mine, theirs)).toBeGreaterThan(0)
    },
  )

  it('of two one is begun', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const at = await inLive()
      const { epoch } = await stands(at)
      shuffle(at, seed)
      const ended = await Promise.all([back(at, 'ann', epoch), back(at, 'bob', epoch)])
      at.faults.before = () => undefined
      expect(ended.filter((end) => 'kind' in end).length).toBe(1)
      expect((await eventsOf(at)).filter(({ event }) => event === 'began').length).toBe(1)
    }
  })

  it('is rehearsed only from there, too', async () => {
    const at = await inLive()
    const { epoch } = await stands(at)
    const asked = { component: 'projects', rehearsal: true, cause: { kind: 'operator' as const } }
    const by = { by: 'ann', reason: 'r' }
    expect(await rollBackFromEpoch(at.context, { ...asked, ifEpoch: epoch }, by)).toMatchObject({ rehearsal: true })
    const refused = await rollBackFromEpoch(at.context, { ...asked, ifEpoch: epoch - 1 }, by)
    expect(refused).toMatchObject({ reason: 'epoch-moved' })
    expect(await stageOf(at)).toBe('live')
  })

  it('leaves a target behind that does not answer', async () => {
    const at = world({ leaseMs: 1_000 })
    await fill(at, 6)
    await go(at, 'live')
    const { epoch } = await stands(at)
    at.faults.down.add('target')
    expect(await back(at, 'ann', epoch)).toMatchObject({ status: 'completed' })
    at.faults.down.clear()
    expect(await stageOf(at)).toBe('dualwrite')
  })

  it('is of collections: what a flag switches has no epoch', async () => {
    const at = world()
    const mover = { by: 'ann', reason: 'r' }
    await putNamedFlag(at.context, flagOf('search', 40), mover)
    await declareComponent(at.context, { name: 'search', flag: 'search', description: '' }, mover)
    await expect(back(at, 'ann', 1, 'search')).rejects.toMatchObject({ code: 'invalid-input' })
  })
})
