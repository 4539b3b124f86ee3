import { describe, expect, it } from 'vitest'
import type { ProcedureStep } from '../../../lib/core/rollback/procedure.js'
import { putNamedFlag, readNamedFlag, setRollout } from '../../../lib/engine/flags/flags.js'
import { declareComponent } from '../../../lib/engine/programs/declare.js'
import { readRollback } from '../../../lib/engine/rollback/kept.js'
import { listRollbacks } from '../../../lib/engine/rollback/list.js'
import { deleteProcedure, listProcedures, putProcedure } from '../../../lib/engine/rollback/procedures.js'
import { type RollbackRequest, rollBackComponent } from '../../../lib/engine/rollback/roll-back-component.js'
import { drain, fill, go, MOVER, put, type World, world } from '../runs/world.js'
import { rememberCheckpoint } from './checkpoint.js'
import { flagOf } from './flag.js'
import { stageOf, turn } from './world.js'

function back(at: World, component: string, more: Partial<RollbackRequest> = {}) {
  return rollBackComponent(at.context, { component, cause: { kind: 'operator' }, ...more }, MOVER)
}

async function percentOf(at: World): Promise<number> {
  const { rollout, on } = await readNamedFlag(at.context, 'search')
  return on ? rollout.percent : 0
}

async function withFlag(percent: number): Promise<World> {
  const at = world()
  await putNamedFlag(at.context, flagOf('search', percent), MOVER)
  await declareComponent(at.context, { name: 'utilities', flag: 'search', description: '' }, MOVER)
  return at
}

const SLOWLY: ProcedureStep[] = [
  { kind: 'move', to: 'live' },
  { kind: 'pass', when: 'always' },
  { kind: 'validate' },
  { kind: 'wait', seconds: 30 },
  { kind: 'move', to: 'shadow' },
]

describe('a part that a flag switches', () => {
  it('is rolled back at once', async () => {
    const at = await withFlag(40)
    expect(await back(at, 'utilities')).toMatchObject({
      status: 'completed',
      procedure: 'flag-at-once',
      from: { percent: 40 },
      steps: [{ status: 'done', note: 'The rollout of search went from 40 % to 0 %.' }],
    })
    expect(await percentOf(at)).toBe(0)
  })

  it('gradually, by the clock, and never up', async () => {
    const at = await withFlag(30)
    const { id } = await back(at, 'utilities', { procedure: 'flag-gradually' })
    const shares = [await percentOf(at)]
    for (let minute = 0; minute < 4; minute++) {
      at.clock.time += 61_000
      await turn(at)
      shares.push(await percentOf(at))
    }
    expect(shares).toEqual([30, 10, 0, 0, 0])
    expect((await readRollback(at.context.ledger, id)).rollback.steps.map(({ status }) => status)).toEqual([
      'skipped',
      'done',
      'done',
      'done',
      'done',
    ])
  })

  it('is not raised by a schedule meanwhile', async () => {
    const at = world()
    const schedule = [{ at: at.clock.now() + 10_000, percent: 80 }]
    await putNamedFlag(at.context, { ...flagOf('search', 20), schedule }, MOVER)
    await declareComponent(at.context, { name: 'utilities', flag: 'search', description: '' }, MOVER)
    await back(at, 'utilities', { procedure: 'flag-gradually' })
    at.clock.time += 20_000
    expect((await readNamedFlag(at.context, 'search')).schedule).toEqual([])
  })

  it('with the ledger away waits for it', async () => {
    const at = await withFlag(40)
    at.faults.down.add('ledger')
    const rollback = await back(at, 'utilities')
    expect(rollback).toMatchObject({ status: 'under-way', recorded: false })
    at.faults.down.delete('ledger')
    expect((await listRollbacks(at.context, { limit: 5 })).items).toMatchObject([{ id: rollback.id }])
    await turn(at)
    expect(await percentOf(at)).toBe(0)
    expect((await listRollbacks(at.context, { limit: 5 })).items).toMatchObject([
      { id: rollback.id, status: 'completed' },
    ])
  })
})

describe('a procedure of one’s own', () => {
  it('does its steps in order, each with its times', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'complete')
    await put(at, 'late', { acknowledged: true })
    await putProcedure(
      at.context,
      { name: 'slowly', for: 'collection', description: '', steps: SLOWLY, component: 'projects' },
      MOVER,
    )
    const { id, procedure } = await back(at, 'projects')
    expect(procedure).toBe('slowly')
    const seen: string[] = []
    for (let round = 0; round < 6; round++) {
      const { rollback } = await readRollback(at.context.ledger, id)
      seen.push(rollback.steps.map(({ status }) => status.slice(0, 2)).join(' '))
      await drain(at)
      at.clock.time += 31_000
      await turn(at)
    }
    expect(seen.at(-1)).toBe('do do do do do')
    expect(seen.slice(0, 3)).toEqual(['do un to to to', 'do do un to to', 'do do do un to'])
    expect(await stageOf(at)).toBe('shadow')
    const { rollback } = await readRollback(at.context.ledger, id)
    const [, , , wait] = rollback.steps
    expect((wait?.endedAt ?? 0) - (wait?.startedAt ?? 0)).toBeGreaterThanOrEqual(30_000)
  })

  it('fails where a checkpoint is breached, and goes on where one passes', async () => {
    for (const outcome of ['pass', 'breach'] as const) {
      const at = world()
      await fill(at, 5)
      await go(at, 'live')
      const steps: ProcedureStep[] = [
        { kind: 'checkpoint', checkpoint: null, seconds: 600 },
        { kind: 'pass', when: 'needed' },
        { kind: 'move', to: 'shadow' },
      ]
      await putProcedure(
        at.context,
        { name: 'checked', for: 'collection', description: '', steps: [{ kind: 'move', to: 'live' }, ...steps] },
        MOVER,
      )
      const { id, status, inWords } = await back(at, 'projects', { procedure: 'checked' })
      expect([status, inWords]).toEqual([
        'under-way',
        expect.stringContaining('no checkpoint has given enough evidence'),
      ])
      at.clock.time += 1_000
      await rememberCheckpoint(at, outcome)
      await turn(at)
      expect((await readRollback(at.context.ledger, id)).rollback.status).toBe(
        outcome === 'pass' ? 'completed' : 'failed',
      )
      expect(await stageOf(at)).toBe(outcome === 'pass' ? 'shadow' : 'live')
    }
  })

  it('that nobody answers in time fails, and says so', async () => {
    const at = world()
    const steps: ProcedureStep[] = [
      { kind: 'checkpoint', checkpoint: null, seconds: 60 },
      { kind: 'rollout', percent: 0 },
    ]
    await putNamedFlag(at.context, flagOf('search', 40), MOVER)
    await declareComponent(at.context, { name: 'utilities', flag: 'search', description: '' }, MOVER)
    await putProcedure(at.context, { name: 'checked', for: 'flag', description: '', steps }, MOVER)
    const { id } = await back(at, 'utilities', { procedure: 'checked' })
    at.clock.time += 61_000
    await turn(at)
    const { rollback } = await readRollback(at.context.ledger, id)
    expect(rollback).toMatchObject({
      status: 'failed',
      inWords: expect.stringContaining('enough evidence within 60 s'),
    })
    expect(await setRollout(at.context, 'search', 40, MOVER)).toMatchObject({ after: 40 })
  })

  it('can be put again, listed and deleted; the component then has the default', async () => {
    const at = world()
    const mine = { name: 'slowly', for: 'collection', description: '', steps: SLOWLY, component: 'projects' } as const
    await putProcedure(at.context, mine, MOVER)
    await putProcedure(at.context, { ...mine, description: 'again' }, MOVER)
    expect((await listProcedures(at.context)).map(({ name }) => name)).toEqual([
      'to-source',
      'flag-at-once',
      'flag-gradually',
      'slowly',
    ])
    await deleteProcedure(at.context, 'slowly', MOVER)
    expect(await back(at, 'projects')).toMatchObject({ procedure: 'to-source' })
    await expect(deleteProcedure(at.context, 'to-source', MOVER)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('is for one kind of component alone', async () => {
    const at = await withFlag(40)
    const mine = { name: 'slowly', for: 'collection', description: '', steps: SLOWLY } as const
    await expect(putProcedure(at.context, { ...mine, component: 'utilities' }, MOVER)).rejects.toThrow(
      'Give "for": "flag".',
    )
    await putProcedure(at.context, mine, MOVER)
    await expect(back(at, 'utilities', { procedure: 'slowly' })).rejects.toThrow('utilities is a flag. Choose another.')
  })
})
