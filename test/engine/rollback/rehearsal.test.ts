import { describe, expect, it } from 'vitest'
import { STAGES } from '../../../lib/core/stage.js'
import { readRollback } from '../../../lib/engine/rollback/kept.js'
import { rollBackComponent } from '../../../lib/engine/rollback/roll-back-component.js'
import { collectionStatus } from '../../../lib/engine/status.js'
import { begin, drain, fill, go, MOVER, put, type World, world } from '../runs/world.js'
import { stageOf, turn } from './world.js'

function rehearse(at: World, more: { to?: 'off' | 'dualwrite' } = {}) {
  const request = { component: 'projects', rehearsal: true, cause: { kind: 'operator' }, ...more } as const
  return rollBackComponent(at.context, request, MOVER)
}

describe('a rehearsal', () => {
  it('foretells what the rollback then does, from every stage, and changes nothing', async () => {
    for (const stage of STAGES) {
      const at = world()
      await fill(at, 12)
      await go(at, stage)
      const keys = async () =>
        (await at.context.ledger.list('', null, 200)).items.map(({ key, revision }) => [key, revision])
      const [before, { epoch }] = [await keys(), await collectionStatus(at.context, 'projects')]
      const told = await rehearse(at)
      expect(told).toMatchObject({ rehearsal: true, recorded: false, status: 'completed' })
      expect(await keys()).toEqual(before)
      expect((await collectionStatus(at.context, 'projects')).epoch).toBe(epoch)
      const done = await rollBackComponent(at.context, { component: 'projects', cause: { kind: 'operator' } }, MOVER)
      await drain(at)
      await turn(at)
      const { steps } = (await readRollback(at.context.ledger, done.id)).rollback
      expect([stage, told.steps.map(({ status }) => status)]).toEqual([stage, steps.map(({ status }) => status)])
      expect(stage === 'rampdown' || stage === 'complete' ? 'pass' : 'instant').toBe(
        told.steps[1]?.status === 'done' ? 'pass' : 'instant',
      )
    }
  })

  it('says how long it would take, as the readiness does, and a rollback takes about that', async () => {
    const at = world()
    // A pass whose batches take a second for ten records.
    at.faults.before = (store, call) => {
      if (store === 'target' && (call === 'applyMany' || call === 'openIds')) at.clock.time += 1_000
    }
    await fill(at, 200)
    await go(at, 'complete')
    for (let number = 0; number < 50; number++) await put(at, `late${number}`, { number })
    await at.settled()
    const { rollbackReadiness } = await collectionStatus(at.context, 'projects')
    expect(rollbackReadiness).toMatchObject({
      kind: 'after-pass',
      records: 50,
      inWords: expect.stringMatching(/^50 records, about \d+ s$/),
    })
    const told = await rehearse(at)
    const estimated = rollbackReadiness.kind === 'after-pass' ? (rollbackReadiness.seconds ?? 0) : 0
    expect(told.secondsLeft).toBe(estimated)
    const from = at.clock.now()
    await rollBackComponent(at.context, { component: 'projects', cause: { kind: 'operator' } }, MOVER)
    await drain(at)
    await turn(at)
    expect(await stageOf(at)).toBe('shadow')
    const took = (at.clock.now() - from) / 1000
    expect(took).toBeGreaterThan(estimated / 3)
    expect(took).toBeLessThan(estimated * 3 + 3)
    expect((await collectionStatus(at.context, 'projects')).rollbackReadiness.inWords).toBe('instant')
  })

  it('names what would refuse, and what would wait', async () => {
    const at = world({ leaseMs: null })
    await fill(at, 5)
    await go(at, 'live')
    at.faults.down.add('target')
    expect((await rehearse(at)).inWords).toContain('The target does not answer: it would wait at live')
    at.faults.down.delete('target')
    at.faults.down.add('source')
    expect((await rehearse(at)).inWords).toContain('The source does not answer')
    at.faults.down.delete('source')
    await go(at, 'complete')
    await begin(at, { quietMs: 0 }, 'clean-up')
    await drain(at)
    expect((await rehearse(at)).inWords).toContain('collection-finished')
  })

  it('goes as far as it is asked to', async () => {
    const at = world()
    await fill(at, 5)
    await go(at, 'live')
    expect((await rehearse(at, { to: 'off' })).steps.at(-1)).toMatchObject({ note: 'From live to off, at once.' })
  })
})
