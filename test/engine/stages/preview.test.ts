import { describe, expect, it } from 'vitest'
import { theWeek } from '../../../lib/core/plan/the-week.js'
import { STAGES, type Stage } from '../../../lib/core/stage.js'
import { autopilotOf } from '../../../lib/engine/autopilot/on-stores.js'
import { startPlan } from '../../../lib/engine/autopilot/steer.js'
import { emergencyStop } from '../../../lib/engine/rollback/emergency-stop.js'
import { type Preview, previewStageChange } from '../../../lib/engine/stages/preview.js'
import type { WalkResult } from '../../../lib/engine/stages/walk.js'
import { collectionStatus } from '../../../lib/engine/status.js'
import { seeded } from '../../core/experiment/values.js'
import { begin, drain, fill, go, MOVER, pass, put, type World, world } from '../runs/world.js'
import { type Asked, asks, everything, leave, stands } from './operators.js'

function preview(at: World, asked: Asked): Promise<Preview> {
  return previewStageChange(at.context, { collection: 'projects', ...asked })
}

type Would = Extract<Preview, { kind: 'would-move' }>

async function would(at: World, asked: Asked): Promise<Would> {
  const shown = await preview(at, asked)
  if (shown.kind === 'refused') throw new Error(`refused: ${shown.reason}`)
  return shown
}

/** What both tell of: the preview before, and the act after. */
function told(result: Preview | WalkResult): object {
  if (result.kind === 'refused') return { reason: result.reason, from: result.from, to: result.to }
  const { from, to, rolloutPercent, pending } = result
  const left = pending === null ? null : { to: pending.to, reason: pending.reason }
  return { from, to, rolloutPercent, pending: left }
}

const SEEDS = 24
const WALKS = 12

describe('a preview', () => {
  it('says what the act with the same input then does, from wherever, and changes nothing itself', async () => {
    const kinds = new Map<string, number>()
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = seeded(seed)
      const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
      const at = world({ partitions: 1 + (seed % 3), leaseMs: seed % 2 === 0 ? 1_000 : null })
      await fill(at, 6)
      for (let walk = 0; walk < WALKS; walk++) {
        if (random() < 0.4) await pass(at).catch(() => undefined)
        if (random() < 0.2) await leave(at, 0, { direction: random() < 0.7 ? 'up' : 'down' }).catch(() => undefined)
        const asked: Asked = {
          direction: random() < 0.65 ? 'up' : 'down',
          ...(random() < 0.5 ? { to: pick<Stage>(STAGES) } : {}),
          ...(random() < 0.4 ? { rolloutPercent: pick([0, 10, 50, 100]) } : {}),
          ...(random() < 0.3 ? { acceptRisk: 'zero-loss-not-proved' as const } : {}),
        }
        const before = await everything(at)
        const shown = await preview(at, asked)
        expect(await everything(at)).toBe(before)
        const done = await asks(at, 'ann', asked)
        expect([seed, walk, asked, told(shown)]).toEqual([seed, walk, asked, told(done)])
        const kind = shown.kind === 'refused' ? shown.reason : shown.pending === null ? 'moves' : 'moves, with a rest'
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
        if (shown.kind === 'refused' || done.kind === 'refused') continue
        const { serving, rollbackReadiness, stage, rolloutPercent } = await collectionStatus(at.context, 'projects')
        expect(shown.rollbackAfter.kind).toBe(rollbackReadiness.kind)
        expect(shown.changes.reads.after).toEqual(serving.reads)
        expect(shown.changes.writes.after).toEqual(serving.writes)
        expect(shown.steps.at(-1)?.to).toBe(done.to)
        expect(shown.steps.length).toBeGreaterThan(0)
        if (asked.direction === 'up') expect([stage, rolloutPercent]).toEqual([shown.to, shown.rolloutPercent])
      }
    }
    const seen = [...kinds.keys()]
    for (const kind of ['moves', 'moves, with a rest', 'already-there', 'target-not-full', 'source-not-full'])
      expect(seen).toContain(kind)
  })

  it('gives the epoch with which it is done, and with which it is refused once somebody else was there', async () => {
    const at = world()
    await fill(at, 6)
    await go(at, 'shadow')
    await pass(at)
    const { epoch } = await would(at, { direction: 'up' })
    expect(await asks(at, 'ann', { direction: 'up', ifEpoch: epoch })).toMatchObject({
      kind: 'moved',
      epoch: epoch + 1,
    })
    const again = await would(at, { direction: 'down' })
    await asks(at, 'bob', { direction: 'up', to: 'rampdown' })
    const late = await asks(at, 'ann', { direction: 'down', ifEpoch: again.epoch })
    expect(late).toMatchObject({ reason: 'epoch-moved', details: { by: 'bob' } })
  })

  it('counts a decision that is not carried out yet, and says that it comes first', async () => {
    const at = world({ partitions: 1 })
    await fill(at, 6)
    await go(at, 'shadow')
    const { epoch } = await stands(at)
    at.faults.before = (store, call) => {
      if (store === 'target' && call === 'raise') throw new Error('a crash')
    }
    await expect(asks(at, 'bob', { direction: 'down' })).rejects.toThrow('a crash')
    at.faults.before = () => undefined
    const shown = await would(at, { direction: 'down' })
    expect(shown).toMatchObject({ from: 'dualwrite', to: 'off', epoch: epoch + 1 })
    expect(shown.warnings.join()).toContain('An earlier decision is not carried out')
    expect(await asks(at, 'ann', { direction: 'down', ifEpoch: shown.epoch })).toMatchObject({
      kind: 'moved',
      to: 'off',
    })
  })

  it('calls dangerous what cannot be taken back at once, and nothing on the way back', async () => {
    const at = world()
    await fill(at, 6)
    const dangerous: { [step: string]: boolean } = {}
    for (const to of STAGES.slice(1)) {
      await go(at, to === 'complete' ? 'rampdown' : (STAGES[STAGES.indexOf(to) - 1] ?? 'off'))
      if (to === 'live') await pass(at)
      const shown = await would(at, { direction: 'up', to, acceptRisk: 'zero-loss-not-proved' })
      dangerous[`up to ${to}`] = shown.dangerous
      expect(shown.warnings.some((text) => text.includes('The risk zero-loss-not-proved'))).toBe(to === 'complete')
    }
    await go(at, 'complete')
    for (const to of ['rampdown', 'live'] as const) {
      const shown = await would(at, { direction: 'down', to })
      dangerous[`down to ${to}`] = shown.dangerous
      await go(at, to, 'down')
    }
    await pass(at)
    await go(at, 'shadow', 'down')
    const shown = await would(at, { direction: 'down' })
    expect(shown.warnings).toContain('The way up to live takes a complete pass again.')
    dangerous['down to dualwrite'] = shown.dangerous
    expect(dangerous).toEqual({
      'up to dualwrite': false,
      'up to shadow': false,
      'up to live': false,
      'up to rampdown': true,
      'up to complete': true,
      'down to rampdown': false,
      'down to live': false,
      'down to dualwrite': false,
    })
  })

  it('says where reads and writes go before and after, and that writes come to need both stores', async () => {
    const at = world({ leaseMs: 1_000 })
    await fill(at, 6)
    await go(at, 'dualwrite')
    const shown = await would(at, { direction: 'up' })
    expect(shown.changes.writes.before).toMatchObject({ acknowledgedBy: 'source', stores: ['source', 'target'] })
    expect(shown.changes.writes.after).toMatchObject({ acknowledgedBy: 'both' })
    expect(shown.changes.writes.after.inWords).toContain('acknowledged when both have it')
    expect(shown.warnings.join()).toContain('From here on a write needs both stores')
    await go(at, 'shadow')
    await pass(at)
    const share = await would(at, { direction: 'up', rolloutPercent: 10 })
    expect(share.changes.reads.before.targetPercent).toBe(0)
    expect(share.changes.reads.after).toMatchObject({ targetPercent: 10, sourcePercent: 90 })
    expect(share).toMatchObject({ fromPercent: 100, rolloutPercent: 10, rollbackAfter: { inWords: 'instant' } })
    expect(share.commands).toBeGreaterThan(0)
  })

  it('names the plan and the run that are at work on the collection', async () => {
    const at = world()
    await fill(at, 6)
    await startPlan(autopilotOf({ context: at.context }), theWeek(['projects']), MOVER)
    const { id } = await begin(at, {}, 'validate')
    const { warnings } = await would(at, { direction: 'up' })
    expect(warnings.join('\n')).toMatch(/The plan the-week steers projects/)
    expect(warnings.join('\n')).toContain(`The run ${id} (validate) is running`)
    await drain(at)
  })

  it('is refused by what forbids the act: an emergency stop, a missing proof', async () => {
    const at = world()
    await fill(at, 6)
    await go(at, 'rampdown')
    expect(await preview(at, { direction: 'up' })).toMatchObject({
      kind: 'refused',
      reason: 'zero-loss-not-proved',
      details: { zeroLoss: 'never-checked' },
    })
    await emergencyStop(at.context, { by: 'sue', reason: 'smoke' })
    expect(await preview(at, { direction: 'up' })).toMatchObject({
      reason: 'emergency-stopped',
      details: { by: 'sue' },
    })
  })

  it('throws where the act would: a store away, a target that was set back', async () => {
    const at = world()
    await fill(at, 6)
    await go(at, 'shadow')
    await pass(at)
    await put(at, 'r0001', { n: 1 })
    at.faults.down.add('target')
    await expect(preview(at, { direction: 'up' })).rejects.toMatchObject({ code: 'unavailable' })
    at.faults.down.clear()
    at.swapTarget()
    const lost = { details: { reason: 'target-lost-data' } }
    await expect(preview(at, { direction: 'up' })).rejects.toMatchObject(lost)
    await expect(asks(at, 'ann', { direction: 'up' })).rejects.toMatchObject(lost)
  })
})
