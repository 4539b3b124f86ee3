import { describe, expect, it } from 'vitest'
import type { Stage } from '../../../lib/core/stage.js'
import { readAudit } from '../../../lib/engine/audit.js'
import { askCheck } from '../../../lib/engine/checkpoints/ask.js'
import { readCheck } from '../../../lib/engine/checkpoints/documents.js'
import { checkpointEvidence } from '../../../lib/engine/checkpoints/evidence.js'
import { checkGivingUp, zeroLossStanding } from '../../../lib/engine/checkpoints/giving-up.js'
import { recover } from '../../../lib/engine/recover.js'
import { cancelRun } from '../../../lib/engine/runs/steer.js'
import { walkStages } from '../../../lib/engine/stages/walk.js'
import { begin, drain, fill, go, MOVER, put, type World, world } from '../runs/world.js'
import { ANN, entered, NAME, rules } from './world.js'

async function inStage(stage: Stage): Promise<World> {
  const at = world({ leaseMs: 1_000 })
  await fill(at, 30)
  await go(at, stage)
  return at
}

function up(at: World, more: { to?: Stage; rolloutPercent?: number; acceptRisk?: 'zero-loss-not-proved' } = {}) {
  return walkStages(at.context, { collection: NAME, direction: 'up', action: 'advance-stage', ...more }, MOVER)
}

async function prove(at: World): Promise<void> {
  await begin(at, { zeroLoss: true }, 'validate')
  await drain(at)
}

describe('giving the source up', () => {
  it('is refused without a proof, and allowed with one', async () => {
    const at = await inStage('rampdown')
    const why = { kind: 'refused', reason: 'zero-loss-not-proved', details: { zeroLoss: 'never-checked' } }
    for (const more of [{}, { to: 'complete' }, { to: 'complete', rolloutPercent: 10 }] as const)
      expect(await up(at, more)).toMatchObject(why)
    await prove(at)
    await put(at, 'r0003', { n: 'later' })
    expect(await up(at, { to: 'complete', rolloutPercent: 10 })).toMatchObject({ kind: 'moved', rolloutPercent: 10 })
    expect(await up(at)).toMatchObject({ kind: 'moved', to: 'complete', rolloutPercent: 100 })
    await checkGivingUp(at.context, { collection: NAME, action: 'clean-up' }, MOVER)
  })

  it('needs a proof from rampdown, not from before', async () => {
    const at = await inStage('live')
    await prove(at)
    expect(await up(at, { to: 'complete' })).toMatchObject({
      kind: 'moved',
      to: 'rampdown',
      pending: { to: 'complete', reason: 'zero-loss-not-proved' },
    })
    expect(await up(at)).toMatchObject({ kind: 'refused', details: { zeroLoss: 'checked-before' } })
  })

  it('needs a new proof after a way back', async () => {
    const at = await inStage('complete')
    const back = { collection: NAME, direction: 'down', action: 'roll-back' } as const
    await walkStages(at.context, back, MOVER)
    expect(await up(at)).toMatchObject({ kind: 'refused', details: { zeroLoss: 'checked-before' } })
    await prove(at)
    expect(await up(at)).toMatchObject({ kind: 'moved', to: 'complete' })
  })

  it('needs a new proof after the target has lost data', async () => {
    const at = await inStage('rampdown')
    await prove(at)
    expect(await zeroLossStanding(at.context, at.collection)).toMatchObject({ proved: true })
    await recover(at.context, at.collection, MOVER)
    expect(await zeroLossStanding(at.context, at.collection)).toMatchObject({ proved: false })
  })

  it('needs a new proof after a part of the target has lost data, whatever the epoch of another part', async () => {
    const at = await inStage('rampdown')
    const epoch = async (number: number) => (await at.collection.source.partitions[number]?.control())?.fence.epoch ?? 0
    await recover(at.context, at.collection, MOVER, new Map([[1, await epoch(1)]]))
    await prove(at)
    expect(await zeroLossStanding(at.context, at.collection)).toMatchObject({ proved: true })
    await recover(at.context, at.collection, MOVER, new Map([[0, await epoch(0)]]))
    expect(await epoch(0)).toBe(await epoch(1))
    expect(await zeroLossStanding(at.context, at.collection)).toMatchObject({ because: 'checked-before' })
  })

  it('is no proof when the check was cancelled or found something missing', async () => {
    const at = await inStage('rampdown')
    const run = await begin(at, { zeroLoss: true }, 'validate')
    await cancelRun(at.context, { runId: run.id, ...MOVER })
    expect(await up(at)).toMatchObject({ kind: 'refused' })
    const key = `dead-letter/${NAME}/r0001`
    await at.context.ledger.commit([{ key, ifRevision: null, value: { id: 'r0001' } }])
    await prove(at)
    expect(await up(at)).toMatchObject({ kind: 'refused', details: { zeroLoss: 'check-did-not-prove-it' } })
  })

  it('is done at a risk that is taken by name, which the trail keeps', async () => {
    const at = await inStage('rampdown')
    expect(await up(at, { acceptRisk: 'zero-loss-not-proved' })).toMatchObject({ kind: 'moved', to: 'complete' })
    const { items } = await readAudit(at.context.ledger, { collection: NAME, limit: 10 })
    expect(items.find(({ after }) => (after as { acceptedRisk?: string }).acceptedRisk)).toMatchObject({
      by: 'ann',
      reason: 'because',
      before: { zeroLoss: 'never-checked' },
      after: { acceptedRisk: 'zero-loss-not-proved' },
    })
    const cleaning = checkGivingUp(at.context, { collection: NAME, action: 'clean-up' }, MOVER)
    await expect(cleaning).rejects.toMatchObject({ code: 'conflict', details: { reason: 'zero-loss-not-proved' } })
  })

  it('is not done where the risk cannot be entered', async () => {
    const at = await inStage('rampdown')
    at.faults.before = (store, call) => {
      if (store === 'ledger' && call === 'commit') throw new Error('killed')
    }
    await expect(up(at, { acceptRisk: 'zero-loss-not-proved' })).rejects.toThrow()
    at.faults.before = () => undefined
    expect(await up(at)).toMatchObject({ kind: 'refused', from: 'rampdown' })
  })
})

describe('a zero-loss check', () => {
  it('is a checkpoint by itself, entered once', async () => {
    const at = await inStage('live')
    await prove(at)
    expect(await entered(at.context, 'validation-checkpoint')).toMatchObject([
      { kind: 'zero-loss', outcome: 'pass', because: 'zero-loss-proved', component: NAME },
    ])
    expect(await checkpointEvidence(at.context, NAME, 0)).toMatchObject([{ kind: 'zero-loss', outcome: 'pass' }])
  })

  it('and a full validation are parts of checks, one after the other, and proofs all the same', async () => {
    const at = await inStage('rampdown')
    const asked = {
      component: NAME,
      phase: null,
      name: null,
      rules: rules({ kind: 'full-consistency' }, { kind: 'zero-loss' }),
    }
    const { id } = await askCheck(at.context, asked, ANN)
    await drain(at)
    const { check } = await readCheck(at.context.ledger, id)
    expect(check).toMatchObject({
      outcome: 'pass',
      checkpoints: [
        { kind: 'full-consistency', finding: { outcome: 'pass', numbers: { compared: 30 } } },
        { kind: 'zero-loss', finding: { outcome: 'pass', because: 'zero-loss-proved' } },
      ],
    })
    expect(await entered(at.context, 'validation-checkpoint')).toHaveLength(2)
    expect(await up(at)).toMatchObject({ kind: 'moved', to: 'complete' })
  })

  it('waits for a validation that is under way, and is no evidence when it is cancelled', async () => {
    const at = await inStage('rampdown')
    const other = await begin(at, {}, 'validate')
    const asked = { component: NAME, phase: null, name: null, rules: rules({ kind: 'zero-loss' }) }
    const { id } = await askCheck(at.context, asked, ANN)
    await drain(at)
    expect((await readCheck(at.context.ledger, id)).check.outcome).toBe('pass')
    expect(other.id).not.toBe(`${id}-zero-loss`)
  })
})
