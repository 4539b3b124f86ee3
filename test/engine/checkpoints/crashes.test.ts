import { describe, expect, it } from 'vitest'
import type { CheckpointFinding } from '../../../lib/core/checkpoint/checkpoint.js'
import { CutoverError } from '../../../lib/core/error.js'
import type { Json } from '../../../lib/core/json.js'
import { askCheck } from '../../../lib/engine/checkpoints/ask.js'
import { openChecks, readCheck, settleCheckpoint } from '../../../lib/engine/checkpoints/documents.js'
import { settleChecks } from '../../../lib/engine/checkpoints/turn.js'
import { cancelRun } from '../../../lib/engine/runs/steer.js'
import { readRun, runKey } from '../../../lib/engine/runs/store.js'
import { deliver, drain, fill, go, type World, world } from '../runs/world.js'
import { ANN, entered, NAME, rules } from './world.js'

const ASKED = { component: NAME, phase: 'reads', name: null }
const BOTH = rules({ kind: 'data-consistency' }, { kind: 'api-compatibility' })

async function live(records = 40): Promise<World> {
  const at = world({ leaseMs: 1_000 })
  await fill(at, records)
  await go(at, 'live')
  return at
}

function turn(at: World): Promise<Json> {
  return settleChecks(at.context, at.clock.now() + 10_000)
}

describe('a check', () => {
  it('that is cancelled is settled by the cron, and passes in nothing', async () => {
    const at = await live()
    const { id, runId } = await askCheck(at.context, { ...ASKED, rules: BOTH }, ANN)
    expect(await turn(at)).toMatchObject({ settled: [] })
    await cancelRun(at.context, { runId: runId ?? '', ...ANN })
    // Two crons at once, and one later.
    await Promise.all([turn(at), turn(at)])
    expect(await turn(at)).toMatchObject({ settled: [] })
    const { check } = await readCheck(at.context.ledger, id)
    expect(check).toMatchObject({ outcome: 'not-enough-evidence', phase: 'reads' })
    expect(check.checkpoints.map(({ finding }) => finding?.because)).toEqual(['run-cancelled', 'run-cancelled'])
    expect(await entered(at.context, 'validation-checkpoint')).toHaveLength(2)
    expect(await entered(at.context, 'phase-check')).toHaveLength(1)
    expect(await openChecks(at.context.ledger, 10)).toEqual([])
  })

  it('of a run that nobody knows any more is settled after a while', async () => {
    const at = await live()
    const { id } = await askCheck(at.context, { ...ASKED, rules: BOTH }, ANN)
    const held = await at.context.ledger.read(runKey(id))
    await at.context.ledger.commit([{ key: runKey(id), ifRevision: held?.revision ?? null, value: undefined }])
    expect(await turn(at)).toMatchObject({ settled: [] })
    at.clock.time += 180_000
    expect(await turn(at)).toMatchObject({ settled: [id] })
    expect((await readCheck(at.context.ledger, id)).check.outcome).toBe('not-enough-evidence')
  })

  it('keeps its first finding, whoever settles it again', async () => {
    const at = await live()
    const { id } = await askCheck(at.context, { ...ASKED, rules: BOTH }, ANN)
    const pass: CheckpointFinding = { outcome: 'pass', because: 'no-differences', numbers: {}, examples: [] }
    const breach: CheckpointFinding = { ...pass, outcome: 'breach', because: 'differences-found' }
    await settleCheckpoint(at.context, id, 0, breach)
    await Promise.all([1, 2, 3].map(() => settleCheckpoint(at.context, id, 0, pass)))
    await Promise.all([1, 2, 3].map(() => settleCheckpoint(at.context, id, 1, pass)))
    expect((await readCheck(at.context.ledger, id)).check.outcome).toBe('breach')
    expect(await entered(at.context, 'validation-checkpoint')).toHaveLength(2)
    expect(await entered(at.context, 'phase-check')).toHaveLength(1)
    await drain(at)
    expect((await readCheck(at.context.ledger, id)).check.checkpoints[0]?.finding).toEqual(breach)
  })

  it('survives the death of its worker at every call of the ledger', async () => {
    for (let deathAt = 1; deathAt <= 40; deathAt++) {
      const at = await live(30)
      const { id } = await askCheck(at.context, { ...ASKED, rules: BOTH }, ANN)
      let calls = 0
      at.faults.before = (store) => {
        if (store === 'ledger' && ++calls === deathAt) throw new CutoverError('unavailable', 'Killed.')
      }
      const [first] = at.queue.peek()
      if (first === undefined) throw new Error('nothing to deliver')
      await deliver(at, first).catch(() => undefined)
      at.faults.before = () => undefined
      at.clock.time += 30_000
      for (let round = 0; round < 5; round++) {
        const { run } = await readRun(at.context.ledger, id)
        if (run.status !== 'running') break
        await deliver(at, { ...first, body: { runId: id, step: run.step } }).catch(() => undefined)
        at.clock.time += 30_000
      }
      await turn(at)
      const { check } = await readCheck(at.context.ledger, id)
      expect([deathAt, check.outcome]).toEqual([deathAt, 'pass'])
      expect(await entered(at.context, 'validation-checkpoint')).toHaveLength(2)
      if (calls < deathAt) break
    }
  })

  it('is inconclusive, not wrong, while a store does not answer', async () => {
    const at = await live()
    const { id } = await askCheck(at.context, { ...ASKED, rules: BOTH }, ANN)
    at.faults.down.add('target')
    const [first] = at.queue.peek()
    if (first === undefined) throw new Error('nothing to deliver')
    await deliver(at, first).catch(() => undefined)
    expect((await readCheck(at.context.ledger, id)).check.outcome).toBeNull()
    at.faults.down.delete('target')
    at.clock.time += 30_000
    await drain(at)
    expect((await readCheck(at.context.ledger, id)).check.outcome).toBe('pass')
  })

  it('is asked for once at a time', async () => {
    const at = await live()
    await askCheck(at.context, { ...ASKED, rules: BOTH }, ANN)
    await expect(askCheck(at.context, { ...ASKED, rules: BOTH }, ANN)).rejects.toMatchObject({ code: 'conflict' })
  })
})
