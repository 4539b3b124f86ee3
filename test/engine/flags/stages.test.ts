import { describe, expect, it } from 'vitest'
import { STAGES, type Stage, stageIndex } from '../../../lib/core/stage.js'
import { readAudit } from '../../../lib/engine/audit.js'
import { listFlags, setFlag } from '../../../lib/engine/flags/stages.js'
import { walkStages } from '../../../lib/engine/stages/walk.js'
import { collectionStatus } from '../../../lib/engine/status.js'
import { fill, go, MOVER, pass, type World, world } from '../runs/world.js'

async function two(): Promise<World> {
  const at = world({ names: ['projects', 'resources'], partitions: 1 })
  await fill(at, 30)
  return at
}

async function flags(at: World): Promise<{ [name: string]: unknown }> {
  return Object.fromEntries((await listFlags(at.context)).map(({ name, value }) => [name, value]))
}

function set(at: World, name: string, value: boolean | number | string) {
  return setFlag(at.context, name, value, MOVER)
}

async function stands(at: World, collection = 'projects'): Promise<string> {
  const { stage, rolloutPercent } = await collectionStatus(at.context, collection)
  return `${stage} ${rolloutPercent}`
}

describe('flags', () => {
  it('have the names that operators know, whatever the stage', async () => {
    const at = await two()
    expect(await flags(at)).toEqual({
      redis_read_projects: false,
      redis_read_resources: false,
      redis_write_projects: false,
      redis_write_resources: false,
      redis_mcp_tools: false,
      migration_mode: 'json',
    })
  })

  it.each([
    ['off', false, false, 'json'],
    ['dualwrite', true, false, 'dual'],
    ['shadow', true, false, 'dual'],
    ['live', true, true, 'dual'],
    ['rampdown', true, true, 'dual'],
    ['complete', true, true, 'dual'], // the other collection is not there yet
  ] as const)('are a view on the stage: %s', async (stage, writes, reads, mode) => {
    const at = await two()
    await go(at, stage)
    expect(await flags(at)).toMatchObject({
      redis_write_projects: writes,
      redis_read_projects: reads,
      redis_read_resources: false,
      redis_mcp_tools: false,
      migration_mode: mode,
    })
  })

  it('move the stages behind them, one truth for both', async () => {
    const at = await two()
    await set(at, 'redis_write_projects', true)
    expect([await stands(at), await stands(at, 'resources')]).toEqual(['dualwrite 100', 'off 100'])
    await set(at, 'migration_mode', 'dual')
    expect([await stands(at), await stands(at, 'resources')]).toEqual(['shadow 100', 'shadow 100'])
    const refused = await set(at, 'redis_read_projects', true)
    expect(refused).toMatchObject([{ result: { kind: 'refused', reason: 'target-not-full' } }])
    await pass(at)
    await set(at, 'redis_read_projects', true)
    expect(await flags(at)).toMatchObject({ redis_read_projects: true, redis_mcp_tools: false })
    await set(at, 'redis_read_projects', false)
    expect(await stands(at)).toBe('shadow 100')
    await set(at, 'redis_write_projects', false)
    expect(await stands(at)).toBe('off 100')
    await set(at, 'migration_mode', 'json')
    expect(await flags(at)).toMatchObject({ migration_mode: 'json', redis_write_resources: false })
  })

  it('take a share of the reads, more or less, and show it', async () => {
    const at = await two()
    await go(at, 'shadow')
    await pass(at)
    for (const percent of [10, 50, 25, 0.01, 99.99, 100, 50, 0]) {
      await set(at, 'redis_read_projects', percent)
      const { redis_read_projects: shown } = await flags(at)
      expect(shown).toBe(percent === 100 ? true : percent === 0 ? false : percent)
    }
    expect(await stands(at)).toBe('shadow 100')
  })

  it('that say what is so already change nothing', async () => {
    for (const stage of STAGES) {
      const at = await two()
      await go(at, stage)
      const before = await collectionStatus(at.context, 'projects')
      const { redis_read_projects: reads, redis_write_projects: writes } = await flags(at)
      await set(at, 'redis_read_projects', reads as boolean)
      if (reads === true) await set(at, 'redis_read_projects', 100)
      if (writes === true || stage === 'off') await set(at, 'redis_write_projects', writes as boolean)
      expect([stage, await collectionStatus(at.context, 'projects')]).toEqual([stage, before])
    }
  })

  it('refuse names and values that are none', async () => {
    const at = await two()
    await expect(set(at, 'redis_read_nobody', true)).rejects.toMatchObject({ code: 'not-found' })
    for (const [name, value] of [
      ['redis_read_projects', 101],
      ['redis_read_projects', -1],
      ['redis_read_projects', 'half'],
      ['redis_write_projects', 50],
      ['migration_mode', 'fast'],
      ['migration_mode', true],
    ] as const)
      await expect(set(at, name, value)).rejects.toMatchObject({ code: 'invalid-input' })
  })

  it('are in the audit trail with who and why, before and after', async () => {
    const at = await two()
    await set(at, 'redis_write_projects', true)
    expect((await readAudit(at.context.ledger, { action: 'set-flag', limit: 10 })).items).toMatchObject([
      {
        by: 'ann',
        reason: 'because',
        collection: 'projects',
        before: { stage: 'off', rolloutPercent: 100 },
        after: { stage: 'dualwrite', rolloutPercent: 100, epoch: 1 },
      },
    ])
  })
})

describe('walking', () => {
  function walk(at: World, direction: 'up' | 'down', to?: Stage, rolloutPercent?: number) {
    const action = direction === 'up' ? 'advance-stage' : 'roll-back'
    return walkStages(at.context, { collection: 'projects', direction, to, rolloutPercent, action }, MOVER)
  }

  it('goes as far as is safe, and says what must be done before the rest', async () => {
    const at = await two()
    expect(await walk(at, 'up', 'complete')).toMatchObject({
      kind: 'moved',
      from: 'off',
      to: 'shadow',
      pending: { to: 'complete', reason: 'target-not-full' },
    })
    await pass(at)
    const pending = { to: 'complete', reason: 'zero-loss-not-proved' }
    expect(await walk(at, 'up', 'complete')).toMatchObject({ from: 'shadow', to: 'rampdown', pending })
    await go(at, 'complete')
    expect(await walk(at, 'down', 'off')).toMatchObject({
      from: 'complete',
      to: 'live',
      pending: { to: 'off', reason: 'source-not-full' },
    })
    await pass(at)
    expect(await walk(at, 'down', 'off')).toMatchObject({ from: 'live', to: 'off', pending: null })
    const { items } = await readAudit(at.context.ledger, { collection: 'projects', limit: 100 })
    const steps = items.filter(({ action }) => action === 'advance-stage' || action === 'roll-back').reverse()
    const path = steps.map(({ before, after }) => [
      (before as { stage: Stage }).stage,
      (after as { stage: Stage }).stage,
    ])
    for (const [number, [from, to]] of path.entries()) {
      if (number > 0) expect(from).toBe(path[number - 1]?.[1])
      expect(Math.abs(stageIndex(to ?? 'off') - stageIndex(from ?? 'off'))).toBe(1)
    }
  })

  it('takes one stage by default, and finishes a rollout first', async () => {
    const at = await two()
    expect(await walk(at, 'up')).toMatchObject({ to: 'dualwrite' })
    expect(await walk(at, 'up', undefined, 100)).toMatchObject({ to: 'shadow' })
    await pass(at)
    expect(await walk(at, 'up', 'live', 10)).toMatchObject({ to: 'live', rolloutPercent: 10 })
    expect(await walk(at, 'up', 'rampdown', 5)).toMatchObject({ to: 'rampdown', rolloutPercent: 5 })
    expect(await walk(at, 'down')).toMatchObject({ kind: 'moved', from: 'rampdown', to: 'live' })
    await pass(at)
    expect(await walk(at, 'up')).toMatchObject({ to: 'live', rolloutPercent: 100 })
  })

  it('finishes a rollout that stands between it and the goal', async () => {
    const at = await two()
    await go(at, 'dualwrite')
    await walk(at, 'up', 'shadow', 40)
    await pass(at)
    expect(await walk(at, 'up', 'live')).toMatchObject({
      to: 'shadow',
      pending: { to: 'live', reason: 'target-not-full' },
    })
    await pass(at)
    expect(await walk(at, 'up', 'live')).toMatchObject({ to: 'live', rolloutPercent: 100, pending: null })
  })

  it('refuses what is so already, or against the direction', async () => {
    const at = await two()
    await go(at, 'shadow')
    for (const [direction, to] of [
      ['up', 'shadow'],
      ['up', 'off'],
      ['down', 'shadow'],
      ['down', 'live'],
    ] as const)
      expect(await walk(at, direction, to)).toMatchObject({ kind: 'refused', reason: 'already-there' })
  })

  it('is refused while the target is down, and goes on where it stood', async () => {
    const at = await two()
    await go(at, 'live')
    at.faults.down.add('target')
    await expect(walk(at, 'down', 'off')).rejects.toMatchObject({ code: 'unavailable' })
    at.faults.down.delete('target')
    expect(await walk(at, 'down', 'off')).toMatchObject({ from: 'live', to: 'off' })
  })

  it('ends where it was decided when its caller dies between the two fences', async () => {
    const at = await two()
    await go(at, 'live')
    at.faults.before = (store, call) => {
      if (store === 'target' && call === 'raise') throw new Error('killed')
    }
    await expect(walk(at, 'up', 'rampdown')).rejects.toThrow('killed')
    at.faults.before = () => undefined
    expect(await collectionStatus(at.context, 'projects')).toMatchObject({ stage: 'rampdown', settling: true })
    expect(await walk(at, 'up')).toMatchObject({ kind: 'refused', reason: 'zero-loss-not-proved', to: 'complete' })
    await go(at, 'complete')
    expect((await collectionStatus(at.context, 'projects')).settling).toBe(false)
    const { items } = await readAudit(at.context.ledger, { collection: 'projects', limit: 100 })
    const epochs = items.flatMap(({ after }) => (after as { epoch?: number } | null)?.epoch ?? [])
    expect(epochs).toEqual([...epochs].sort((a, b) => b - a))
    expect(new Set(epochs).size).toBe((await collectionStatus(at.context, 'projects')).epoch)
  })
})
