import { describe, expect, it } from 'vitest'
import { theWeek } from '../../../lib/core/plan/the-week.js'
import type { Stage } from '../../../lib/core/stage.js'
import { NO_SWITCHES, type Switches } from '../../../lib/core/switches.js'
import { readAudit } from '../../../lib/engine/audit.js'
import { autopilotOf } from '../../../lib/engine/autopilot/on-stores.js'
import { startPlan } from '../../../lib/engine/autopilot/steer.js'
import { tick as tickPlan } from '../../../lib/engine/autopilot/tick.js'
import { listFlags, setFlag } from '../../../lib/engine/flags/stages.js'
import { health } from '../../../lib/engine/health.js'
import { listRollbacks } from '../../../lib/engine/rollback/list.js'
import { startRun } from '../../../lib/engine/runs/start.js'
import { walkStages } from '../../../lib/engine/stages/walk.js'
import { collectionStatus } from '../../../lib/engine/status.js'
import { enforceOverrides } from '../../../lib/engine/switches/enforce.js'
import { noteSwitches } from '../../../lib/engine/switches/seen.js'
import { startUp } from '../../../lib/engine/switches/start-up.js'
import { stageOf, turn } from '../rollback/world.js'
import { begin, drain, fill, go, MOVER, put, valueAt, type World, world } from '../runs/world.js'

/** The same world, deployed with other variables. */
function deployed(at: World, some: Partial<Switches>): World {
  return { ...at, context: { ...at.context, switches: { ...NO_SWITCHES, ...some } } }
}

async function standingAt(stage: Stage, some: Partial<Switches>): Promise<World> {
  const at = world()
  await fill(at, 10)
  await go(at, stage)
  return deployed(at, some)
}

function advance(at: World, to: Stage) {
  return walkStages(at.context, { collection: 'projects', direction: 'up', to, action: 'advance-stage' }, MOVER)
}

function refusedBy(variable: string): object {
  return { kind: 'refused', reason: 'override-in-force', details: { variable } }
}

describe('a move above a ceiling', () => {
  it('of safe is refused to operators, flags, plans and clean-ups, and nothing is moved on the way', async () => {
    const at = await standingAt('dualwrite', { mode: 'safe' })
    expect(await advance(at, 'complete')).toMatchObject({ ...refusedBy('MCP_MIGRATION_MODE'), from: 'dualwrite' })
    expect(await stageOf(at)).toBe('dualwrite')
    await go(at, 'live')
    expect(await advance(at, 'rampdown')).toMatchObject(refusedBy('MCP_MIGRATION_MODE'))
    const [set] = await setFlag(at.context, 'migration_mode', 'redis', MOVER)
    expect(set?.result).toMatchObject(refusedBy('MCP_MIGRATION_MODE'))
    const cleanUp = { kind: 'clean-up', collection: 'projects', input: {}, ...MOVER } as const
    const details = { reason: 'override-in-force', variable: 'MCP_MIGRATION_MODE' }
    await expect(startRun(at.context, cleanUp)).rejects.toMatchObject({ code: 'conflict', details })
    expect(await stageOf(at)).toBe('live')
  })

  it('makes a plan wait, and lets it go on when the variable is gone', async () => {
    const at = await standingAt('off', { useNewSystem: true, mode: 'rollback' })
    const step = { day: 1, gate: [], soakMs: 0, onFail: 'wait', rollback: null } as const
    const action = { kind: 'move', to: 'dualwrite', rolloutPercent: 100 } as const
    const plan = { ...theWeek(['projects']), steps: [{ ...step, name: 'copy', action }] }
    const autopilot = autopilotOf({ context: at.context })
    await startPlan(autopilot, plan, MOVER)
    const ticked = await tickPlan(autopilot, plan.name, { budgetMs: 5_000 })
    expect(ticked).toMatchObject({ kind: 'blocked', blocked: { projects: 'override-in-force' } })
    const free = autopilotOf({ context: deployed(at, {}).context })
    expect(await tickPlan(free, plan.name, { budgetMs: 5_000 })).toMatchObject({ kind: 'finished' })
    expect(await stageOf(at)).toBe('dualwrite')
  })

  it('of anything never stands against a way down', async () => {
    const at = await standingAt('live', { mode: 'rollback', useNewSystem: false, backupValidation: true })
    const walk = { collection: 'projects', direction: 'down', to: 'off', action: 'roll-back' } as const
    expect(await walkStages(at.context, walk, MOVER)).toMatchObject({ kind: 'moved', to: 'off' })
  })

  it('of rollback is every move up', async () => {
    const at = await standingAt('off', { mode: 'rollback' })
    expect(await advance(at, 'dualwrite')).toMatchObject(refusedBy('MCP_MIGRATION_MODE'))
  })

  it('without the new system lies at shadow; with it, nothing that the protocol asks for is lifted', async () => {
    const without = await standingAt('shadow', { useNewSystem: false })
    expect(await advance(without, 'live')).toMatchObject(refusedBy('MCP_USE_NEW_SYSTEM'))
    const wanted = await standingAt('shadow', { useNewSystem: true })
    expect(await advance(wanted, 'live')).toMatchObject({ kind: 'refused', reason: 'target-not-full' })
  })
})

describe('a back-up that is asked for', () => {
  it('is missing: nothing goes to rampdown, complete or clean-up', async () => {
    const at = await standingAt('live', { backupValidation: true })
    expect(await advance(at, 'rampdown')).toMatchObject(refusedBy('MCP_BACKUP_VALIDATION'))
    expect(await advance(at, 'complete')).toMatchObject(refusedBy('MCP_BACKUP_VALIDATION'))
  })

  it('is there and validated: it goes on', async () => {
    const at = await standingAt('live', { backupValidation: true })
    await begin(at, {}, 'back-up')
    await drain(at)
    expect(await advance(at, 'rampdown')).toMatchObject({ kind: 'moved', to: 'rampdown' })
  })
})

describe('what must be read from the source', () => {
  it.each([{ mode: 'rollback' }, { useNewSystem: false }] as const)(
    'by %o is turned back, from complete without a lost write',
    async (some) => {
      const before = await standingAt('complete', {})
      await put(before, 'late', { acknowledged: true })
      const at = deployed(before, some)
      for (let round = 0; round < 3; round++) {
        await turn(at)
        await drain(at)
      }
      await turn(at)
      expect(await stageOf(at)).toBe('shadow')
      expect(await valueAt(at, 'late')).toMatchObject({ acknowledged: true })
      const { items } = await listRollbacks(at.context, { limit: 10 })
      expect(items).toMatchObject([{ cause: { kind: 'override' }, by: 'environment', status: 'completed' }])
      await turn(at)
      expect((await listRollbacks(at.context, { limit: 10 })).items.length).toBe(1)
    },
  )

  it('is begun at the start of a server, too, which a store or ledger that is away does not hold up', async () => {
    const at = await standingAt('live', { mode: 'rollback' })
    at.faults.down.add('ledger')
    await startUp(at.context)
    at.faults.down.delete('ledger')
    expect(await stageOf(at)).toBe('shadow')
    at.faults.down.add('source')
    await startUp(at.context)
  })

  it('and is damaged, holds up no other', async () => {
    const before = world({ names: ['projects', 'resources'], leaseMs: 1_000 })
    await fill(before, 10)
    for (const collection of ['projects', 'resources']) {
      const shadow = { collection, direction: 'up', to: 'shadow', action: 'advance-stage' } as const
      await walkStages(before.context, shadow, MOVER)
      await startRun(before.context, { kind: 'backfill', collection, input: {}, ...MOVER })
      await drain(before)
      await walkStages(before.context, { ...shadow, to: 'live' }, MOVER)
    }
    for (const name of ['projects-0.json', 'projects-1.json']) {
      const stored = await before.documents.get(name)
      if (stored === null || stored === 'unchanged') throw new Error('no document')
      await before.documents.put(name, '{"broken', { ifMatch: stored.etag })
    }
    before.faults.down.add('target')
    const at = deployed(before, { mode: 'rollback' })
    expect(await enforceOverrides(at.context)).toMatchObject({
      projects: { kind: 'failed', code: 'corrupt-document' },
      resources: { status: 'completed' },
    })
    expect(await stageOf(at, 'resources')).toBe('dualwrite')
  })

  it('and cannot, is tried again after a while, not at every tick', async () => {
    const at = await standingAt('complete', { mode: 'rollback' })
    const down = deployed(at, { mode: 'rollback' })
    await enforceOverrides(down.context)
    const [first] = (await listRollbacks(at.context, { limit: 10 })).items
    for (let attempt = 1; attempt <= 5; attempt++) {
      const { cancelRun } = await import('../../../lib/engine/runs/steer.js')
      await cancelRun(at.context, { runId: `${first?.id}-pass-${attempt}`, ...MOVER })
      await turn(at)
    }
    expect((await listRollbacks(at.context, { limit: 10 })).items).toMatchObject([{ status: 'failed' }])
    await turn(at)
    expect((await listRollbacks(at.context, { limit: 10 })).items.length).toBe(1)
    at.clock.time += 11 * 60_000
    await turn(at)
    expect((await listRollbacks(at.context, { limit: 10 })).items.length).toBe(2)
  })
})

describe('overrides are shown', () => {
  it('in status, flags and health, with whether they stand against the stage', async () => {
    const at = await standingAt('rampdown', { mode: 'safe', autoRollback: false })
    const { overrides } = await collectionStatus(at.context, 'projects')
    expect(overrides).toMatchObject([
      { variable: 'MCP_MIGRATION_MODE', value: 'safe', ceiling: 'live', against: true },
      { variable: 'MCP_ENABLE_AUTO_ROLLBACK', value: 'false', ceiling: null, against: false },
    ])
    for (const { because } of await listFlags(at.context))
      expect(because).toMatchObject([{ overrides: ['MCP_MIGRATION_MODE=safe', 'MCP_ENABLE_AUTO_ROLLBACK=false'] }])
    expect((await health(at.context)).issues).toEqual([
      'MCP_MIGRATION_MODE=safe stands against the stage of projects, which is rampdown.',
    ])
  })

  it('and none where none is in force', async () => {
    const at = await standingAt('live', {
      mode: 'full',
      useNewSystem: true,
      autoRollback: true,
      backupValidation: false,
    })
    expect((await collectionStatus(at.context, 'projects')).overrides).toEqual([])
    for (const { because } of await listFlags(at.context)) expect(because[0]).not.toHaveProperty('overrides')
  })
})

describe('the audit of overrides', () => {
  it('has one entry for each change, however often and by however many it is looked at', async () => {
    const at = world()
    const safe = deployed(at, { mode: 'safe' })
    expect(await noteSwitches(at.context)).toBe('known')
    await Promise.all([noteSwitches(safe.context), noteSwitches(safe.context), noteSwitches(safe.context)])
    await noteSwitches(safe.context)
    await noteSwitches(at.context)
    const { items } = await readAudit(at.context.ledger, { action: 'override', limit: 10 })
    expect(items.map(({ by, before, after }) => [by, before, after])).toEqual([
      ['environment', { ...NO_SWITCHES, mode: 'safe' }, { ...NO_SWITCHES }],
      ['environment', { ...NO_SWITCHES }, { ...NO_SWITCHES, mode: 'safe' }],
    ])
  })
})

describe('after the last day', () => {
  it('nothing of this is written any more, and nothing is turned back', async () => {
    const at = await standingAt('complete', {})
    await begin(at, { quietMs: 0 }, 'clean-up')
    await drain(at)
    await at.context.ledger.destroy()
    await turn(deployed(at, { mode: 'rollback' }))
    const { items } = await at.context.ledger.list('', null, 10)
    expect(items.map(({ key }) => key)).toEqual([])
    expect((await at.context.ledger.entries('audit', { limit: 10 })).items).toEqual([])
  })
})

describe('automatic rollback', () => {
  it('is off for every plan while the environment says so, whatever the plan is told', () => {
    const at = world()
    expect(autopilotOf({ context: at.context }).autoRollback).toBe(true)
    const off = deployed(at, { autoRollback: false }).context
    expect(autopilotOf({ context: off }).autoRollback).toBe(false)
    expect(autopilotOf({ context: off, autoRollback: true }).autoRollback).toBe(false)
    expect(autopilotOf({ context: at.context, autoRollback: false }).autoRollback).toBe(false)
  })
})
