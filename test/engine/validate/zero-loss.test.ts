import { describe, expect, it } from 'vitest'
import { versionOf } from '../../../lib/core/copy.js'
import type { Stage } from '../../../lib/core/stage.js'
import { deadLetterKey } from '../../../lib/engine/runs/store.js'
import { beat } from '../../../lib/engine/stages/heartbeat.js'
import { latestZeroLoss, type ZeroLoss } from '../../../lib/engine/validate/zero-loss.js'
import { copiesOf, endRun, fill, goTo, place, plantAtSource, standing, type World, world, write } from './world.js'

const RECORDS = 60
const ZERO_LOSS = { zeroLoss: true }

describe('The zero-loss check', () => {
  it.each(['live', 'rampdown', 'complete'] as const)(
    'proves in %s that nothing is missing, and says how',
    async (stage) => {
      const at = await filled(stage)
      await write(at, 'r001', null)
      await at.settled()
      const run = await endRun(at, 'validate', ZERO_LOSS)
      const proof = await latestZeroLoss(at.context, at.collection)
      expect(run).toMatchObject({ status: 'succeeded', note: null, counters: { uncovered: 0, setBacks: 0 } })
      expect(proof).toMatchObject({ proved: true, collection: 'projects', records: RECORDS, runId: run.id })
      expect(proof).toMatchObject(await standing(at))
      expect(proof?.because).toHaveLength(5)
      expect(run.result).toMatchObject({ compared: RECORDS, zeroLoss: proof })
    },
  )

  it('is the same when it is worked one batch at a time', async () => {
    const at = await filled('live')
    expect((await endRun(at, 'validate', ZERO_LOSS, { batchwise: true })).status).toBe('succeeded')
  })

  it('is not a part of other validations', async () => {
    const at = await filled('live')
    const { target } = place(at, 'r001')
    const marked = await target.beat(0)
    const run = await endRun(at, 'validate')
    expect(run.result).not.toHaveProperty('zeroLoss')
    expect(run.counters).not.toHaveProperty('covered')
    expect(await latestZeroLoss(at.context, at.collection)).toBeNull()
    expect(await target.beat(0)).toBe(marked)
  })

  it('proves nothing before a complete pass, even if every record is there', async () => {
    for (const stage of ['off', 'dualwrite', 'shadow'] as const) {
      const at = world()
      await fill(at, 10)
      if (stage !== 'off') {
        await goTo(at, 'dualwrite')
        await endRun(at, 'backfill')
        await goTo(at, stage)
      }
      const proof = await check(at)
      expect(proof.proved).toBe(false)
      expect(proof.because.join()).toMatch(/not yet known to be at the target/)
    }
  })

  it('proves nothing while a copy of the source is not at the target, deletions too', async () => {
    for (const value of [{ id: 'r007', n: 2 }, null]) {
      const at = await filled('live')
      const { source } = await copiesOf(at, 'r007')
      await plantAtSource(at, 'r007', { version: versionOf(source) + 1, op: 'lost', value })
      const proof = await check(at)
      expect(proof).toMatchObject({ proved: false, because: [expect.stringMatching(/^1 copies of the source/)] })
    }
    const at = await filled('live')
    await plantAtSource(at, 'gone', { version: 5, op: 'lost', value: null })
    expect((await check(at)).proved).toBe(false)
  })

  it('with repair, proves what it has mended', async () => {
    const at = await filled('live')
    await plantAtSource(at, 'x', { version: 5, op: 'lost', value: { id: 'x' } })
    expect((await endRun(at, 'validate', { ...ZERO_LOSS, repair: true })).status).toBe('succeeded')
    expect((await latestZeroLoss(at.context, at.collection))?.records).toBe(RECORDS + 1)
  })

  it('proves nothing when the stage changes meanwhile', async () => {
    const at = await filled('live')
    const proof = await check(
      at,
      once(() => goTo(at, 'rampdown')),
    )
    expect(proof).toMatchObject({ proved: false, because: [expect.stringMatching(/stage changed/)] })
  })

  it('proves nothing while records are set aside', async () => {
    const at = await filled('live')
    const key = deadLetterKey('projects', 'r001')
    await at.context.ledger.commit([{ key, ifRevision: null, value: { id: 'r001' } }])
    const proof = await check(at)
    expect(proof).toMatchObject({ proved: false, because: [expect.stringMatching(/dead letters/)] })
  })

  it('notices a target that was set back between two batches, however often it was watched since', async () => {
    const at = await filled('live')
    const { source, target } = place(at, 'r001')
    await beat(source, target)
    const { beat: counter } = target
    let lost = 0
    // What was written since the latest mark is lost, and the marks with it.
    target.beat = async (count) => {
      if (lost === 0) return counter(count)
      const was = lost
      lost = Math.max(lost, count)
      return was
    }
    const setBack = once(async () => {
      lost = (await counter(0)) - 1_000_000
      for (let watch = 0; watch < 50; watch++) await beat(source, target)
    })
    const proof = await check(at, setBack)
    expect(proof).toMatchObject({ proved: false, because: [expect.stringMatching(/set back/)] })
  })

  it('leaves a heartbeat that the watch takes for alive', async () => {
    const at = await filled('live')
    const { source, target } = place(at, 'r001')
    for (let round = 0; round < 3; round++) {
      expect(await beat(source, target)).toEqual({ kind: 'alive' })
      expect((await check(at)).proved).toBe(true)
    }
    expect(await beat(source, target)).toEqual({ kind: 'alive' })
  })

  it('keeps the conclusion of the latest run', async () => {
    const at = await filled('live')
    const first = await check(at)
    await plantAtSource(at, 'x', { version: 5, op: 'lost', value: { id: 'x' } })
    const second = await check(at)
    expect([first.proved, second.proved]).toEqual([true, false])
    expect(second.runId).not.toBe(first.runId)
  })
})

async function filled(stage: Stage): Promise<World> {
  const at = world()
  await fill(at, RECORDS)
  await goTo(at, stage)
  return at
}

async function check(at: World, between?: () => Promise<void>): Promise<ZeroLoss> {
  await endRun(at, 'validate', ZERO_LOSS, { batchwise: true, ...(between === undefined ? {} : { between }) })
  const proof = await latestZeroLoss(at.context, at.collection)
  if (proof === null) throw new Error('there is no conclusion')
  return proof
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done = false
  return async () => {
    if (done) return
    done = true
    await work()
  }
}
