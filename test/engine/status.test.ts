import { describe, expect, it } from 'vitest'
import { STAGES } from '../../lib/core/stage.js'
import { collectionStatus } from '../../lib/engine/status.js'
import { begin, drain, fill, go, pass, put, type World, world } from './runs/world.js'

function status(at: World) {
  return collectionStatus(at.context, 'projects')
}

describe('the way back, in every stage', () => {
  it('is told with what is missing, which a pass brings to none', async () => {
    const at = world()
    await fill(at, 40)
    for (const stage of STAGES) {
      await go(at, stage)
      await at.settled()
      const { rollbackReadiness } = await status(at)
      if (stage === 'live') expect(rollbackReadiness).toMatchObject({ kind: 'instant', because: 'source-is-full' })
      else if (stage === 'rampdown' || stage === 'complete')
        expect(rollbackReadiness).toMatchObject({ kind: 'after-pass', records: 0 })
      else expect(rollbackReadiness).toMatchObject({ kind: 'instant', because: 'nothing-to-undo' })
    }
    for (let number = 0; number < 17; number++) await put(at, `late${number}`, { number })
    await at.settled()
    expect((await status(at)).rollbackReadiness).toMatchObject({ kind: 'after-pass', records: 17 })
    expect((await status(at)).target.open).toBe(17)
    await go(at, 'live', 'down')
    expect((await status(at)).rollbackReadiness).toMatchObject({ kind: 'after-pass', records: 17 })
    await pass(at)
    expect((await status(at)).rollbackReadiness).toMatchObject({ kind: 'instant', because: 'source-is-full' })
    expect((await status(at)).target.open).toBe(0)
  })

  it('is gone after the clean-up', async () => {
    const at = world()
    await fill(at, 5)
    await go(at, 'complete')
    await begin(at, { quietMs: 0 }, 'clean-up')
    await drain(at)
    expect(await status(at)).toMatchObject({
      cleanedUp: true,
      settling: false,
      rollbackReadiness: { kind: 'impossible', because: 'cleaned-up' },
    })
  })
})

describe('a store that does not answer', () => {
  it.each(['shadow', 'live', 'rampdown', 'complete'] as const)(
    'is shown as such in %s, and the rest is told',
    async (stage) => {
      const at = world()
      await fill(at, 10)
      await go(at, 'live')
      await go(at, stage, stage === 'shadow' ? 'down' : 'up')
      at.faults.down.add('target')
      expect(await status(at)).toMatchObject({
        stage,
        source: { reachable: true, records: 10 },
        target: { reachable: false, records: null, open: null },
      })
      if (stage === 'complete')
        expect((await status(at)).rollbackReadiness).toMatchObject({ kind: 'after-pass', records: null, seconds: null })
      at.faults.down.delete('target')
      at.faults.down.add('source')
      expect(await status(at)).toMatchObject({
        stage,
        source: { reachable: false, records: null },
        target: { reachable: true, records: 10 },
      })
      at.faults.down.add('target')
      await expect(status(at)).rejects.toMatchObject({ code: 'unavailable' })
    },
  )

  it('may be the ledger: then only progress is missing', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'shadow')
    await pass(at)
    expect((await status(at)).progress).toMatchObject({ kind: 'backfill', status: 'succeeded', done: 10 })
    at.faults.down.add('ledger')
    expect(await status(at)).toMatchObject({ stage: 'shadow', full: true, progress: null })
  })
})

it('progress is that of the run under way, and the rate that of the last back-fill', async () => {
  const at = world()
  await fill(at, 30)
  await go(at, 'live')
  const run = await begin(at, {}, 'validate')
  expect((await status(at)).progress).toMatchObject({ runId: run.id, kind: 'validate', status: 'running' })
  await drain(at)
})
