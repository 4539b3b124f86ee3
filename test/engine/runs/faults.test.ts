import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { STAGES, type Stage } from '../../../lib/core/stage.js'
import { startRun } from '../../../lib/engine/runs/start.js'
import { walkStages } from '../../../lib/engine/stages/walk.js'
import { collectionStatus } from '../../../lib/engine/status.js'
import { begin, change, drain, fill, go, ids, MOVER, pass, put, runOf, valueAt, type World, world } from './world.js'

/** What an instance that knows the stage answers while a store is away. `other`: the store that the stage does not name. */
type Outcome = 'ok' | 'other' | 'unavailable' | 'outcome-unknown'

/** Strict stages are full here, and leaving behind is not enabled: nothing changes but by the protocol itself. */
const TABLE: { [stage in Stage]: { [lost in 'source' | 'target']: { read: Outcome; write: Outcome } } } = {
  off: { source: { read: 'unavailable', write: 'unavailable' }, target: { read: 'ok', write: 'ok' } },
  dualwrite: { source: { read: 'unavailable', write: 'unavailable' }, target: { read: 'ok', write: 'ok' } },
  shadow: { source: { read: 'other', write: 'outcome-unknown' }, target: { read: 'ok', write: 'outcome-unknown' } },
  live: { source: { read: 'ok', write: 'outcome-unknown' }, target: { read: 'other', write: 'outcome-unknown' } },
  rampdown: { source: { read: 'ok', write: 'ok' }, target: { read: 'unavailable', write: 'outcome-unknown' } },
  complete: { source: { read: 'ok', write: 'ok' }, target: { read: 'unavailable', write: 'outcome-unknown' } },
}

async function inStage(stage: Stage): Promise<World> {
  const at = world()
  await fill(at, 20)
  if (stage === 'shadow') {
    await go(at, 'live')
    await go(at, 'shadow', 'down')
  } else await go(at, stage)
  for (const id of ids(10)) await valueAt(at, id)
  await at.settled()
  return at
}

async function codeOf(work: Promise<unknown>): Promise<Outcome> {
  try {
    await work
    return 'ok'
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error
    expect(error.details.retryAfterSeconds).toBeGreaterThan(0)
    return error.code as Outcome
  }
}

describe.each(STAGES)('in %s', (stage) => {
  it.each(['source', 'target'] as const)('with the %s away, the stage says who fails and who goes on', async (lost) => {
    const at = await inStage(stage)
    const named = stage === 'off' || stage === 'dualwrite' || stage === 'shadow' ? 'source' : 'target'
    at.faults.down.add(lost)
    const wanted = TABLE[stage][lost]
    const servers = new Set<string>()
    const read = await codeOf(
      at.plane.get('projects', 'r0001').then(({ servedBy }) => {
        servers.add(servedBy)
      }),
    )
    const other = read === 'ok' && !servers.has(named)
    expect(other ? 'other' : read).toBe(wanted.read)
    const acknowledged = new Map<string, number>()
    for (let number = 0; number < 6; number++) {
      const outcome = await codeOf(put(at, `r000${number}`, { written: number }))
      expect(outcome).toBe(wanted.write)
      if (outcome === 'ok') acknowledged.set(`r000${number}`, number)
    }
    await at.settled()
    at.faults.down.delete(lost)
    for (const [id, number] of acknowledged) expect(await valueAt(at, id)).toEqual({ id, written: number })
    // Afterwards everything works again, and a write that was not acknowledged is there as a whole or not at all.
    for (let number = 0; number < 6; number++) {
      const id = `r000${number}`
      expect([
        { id, number },
        { id, written: number },
      ]).toContainEqual(await valueAt(at, id))
      await put(at, id, { again: true })
      expect(await valueAt(at, id)).toEqual({ id, again: true })
    }
  })

  it('ledger and queue are nothing that reads and writes need', async () => {
    const at = await inStage(stage)
    at.faults.down.add('ledger').add('queue')
    await put(at, 'r0001', { without: 'ledger' })
    await change(at, 'r0002', { kind: 'delete' })
    expect([await valueAt(at, 'r0001'), await valueAt(at, 'r0002')]).toEqual([{ id: 'r0001', without: 'ledger' }, null])
    await expect(begin(at)).rejects.toMatchObject({ code: 'unavailable' })
    // A rollback does not wait for them.
    if (stage !== 'off') expect(await moveDown(at)).toMatchObject({ kind: 'moved' })
  })

  it('a run can be started while the queue is away, and goes on when it is back', async () => {
    const at = await inStage(stage)
    at.faults.down.add('queue')
    const run = await startRun(at.context, { kind: 'validate', collection: 'projects', input: {}, ...MOVER })
    expect(run.status).toBe('running')
    at.faults.down.delete('queue')
    at.clock.time += 30_000
    const { republishStalled } = await import('../../../lib/engine/runs/watch.js')
    expect(await republishStalled(at.context)).toEqual([run.id])
    await drain(at)
    expect((await runOf(at, run.id)).status).not.toBe('running')
  })

  it.each(['source', 'target'] as const)('with the %s away, commands say so and change nothing', async (lost) => {
    const at = await inStage(stage)
    const before = await collectionStatus(at.context, 'projects')
    at.faults.down.add(lost)
    await expect(moveDown(at)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(begin(at)).rejects.toMatchObject({ code: 'unavailable' })
    at.faults.down.delete(lost)
    expect(await collectionStatus(at.context, 'projects')).toEqual(before)
    expect((await pass(at)).status).toBe('succeeded')
  })
})

function moveDown(at: World) {
  return walkStages(at.context, { collection: 'projects', direction: 'down', action: 'roll-back' }, MOVER)
}
