import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import type { Run } from '../../../lib/core/run.js'
import type { Stage } from '../../../lib/core/stage.js'
import { memoryTarget } from '../../../lib/drivers/stores/memory/target.js'
import { keptMismatches, type Mismatch } from '../../../lib/engine/validate/mismatches.js'
import type { TargetCollection } from '../../../lib/ports/store.js'
import {
  beginAtTarget,
  endRun,
  fill,
  goTo,
  PARTITIONS,
  plantAtSource,
  plantAtTarget,
  quickClock,
  type World,
  world,
  write,
} from './world.js'

const RECORDS = 400

describe('A validation that has the target compare', () => {
  it('reads nothing of an unchanged collection, and one stretch of one that has changed in one record', async () => {
    const asked = counted()
    const at = await filled('live', asked.target)
    asked.reset()
    const run = await endRun(at, 'validate')
    expect(run).toMatchObject({ status: 'succeeded', counters: { compared: RECORDS, matched: RECORDS, inspected: 0 } })
    expect(asked.calls()).toEqual({ compare: 1, count: 1 })
    await plantAtTarget(at, 'r123', { version: 2 ** 40, op: 'later', value: { id: 'r123' } })
    asked.reset()
    const again = await endRun(at, 'validate')
    expect(again).toMatchObject({ status: 'failed', counters: { compared: RECORDS, mismatched: 1 } })
    expect(again.counters.inspected).toBeGreaterThan(0)
    expect(again.counters.inspected).toBeLessThan(RECORDS / 2)
    expect(asked.calls()).toMatchObject({ compare: 1, page: expect.any(Number) })
    expect(asked.calls().page).toBeLessThan(10)
  })

  it('finds exactly what one finds that reads everything', async () => {
    const spots = fc.uniqueArray(fc.record({ at: fc.nat(RECORDS + 20), what: fc.constantFrom(...DISTURBANCES) }), {
      selector: ({ at }) => at,
      maxLength: 12,
    })
    const stages = fc.constantFrom<Stage>('dualwrite', 'shadow', 'live', 'rampdown', 'complete')
    await fc.assert(
      fc.asyncProperty(spots, stages, async (disturbed, stage) => {
        const found = await Promise.all([false, true].map((blind) => findings(disturbed, stage, blind)))
        expect(found[0]).toEqual(found[1])
      }),
      { numRuns: 12 },
    )
  }, 120_000)

  it('takes values that are only written in another way for equal', async () => {
    const at = await filled('live')
    await plantAtSource(at, 'x', { version: 1, op: 'same', value: { id: 'x', a: 1, b: 2 } })
    await plantAtTarget(at, 'x', { version: 1, op: 'same', value: { b: 2, id: 'x', a: 1 } })
    const run = await endRun(at, 'validate')
    expect(run).toMatchObject({ status: 'succeeded', counters: { compared: RECORDS + 1, matched: RECORDS + 1 } })
    expect(run.counters.inspected).toBeGreaterThan(0)
  })

  it('sees a record that changes between the comparison and the look that follows', async () => {
    const inner = memoryTarget({ collection: 'projects', partitions: PARTITIONS, clock: quickClock() })
    let busy = async (): Promise<void> => {}
    const compare: TargetCollection['compare'] = async (...given) => {
      await busy()
      const answer = await inner.compare(...given)
      await busy()
      return answer
    }
    const at = await filled('live', { ...inner, compare })
    let n = 0
    busy = async () => {
      for (let turn = 0; turn < 5; turn++) await write(at, `r00${turn}`, { id: `r00${turn}`, n: n++ })
    }
    const run = await endRun(at, 'validate', {}, { batchwise: true })
    expect(run).toMatchObject({ status: 'succeeded', counters: { compared: RECORDS, mismatched: 0 } })
  })

  it('waits like every run while the target does not answer, and goes on from where it was', async () => {
    const inner = memoryTarget({ collection: 'projects', partitions: PARTITIONS, clock: quickClock() })
    let failing = 0
    const compare: TargetCollection['compare'] = async (...given) => {
      if (failing-- > 0) throw new CutoverError('unavailable', 'away')
      return inner.compare(...given)
    }
    const at = await filled('live', { ...inner, compare })
    failing = 5
    const run = await endRun(at, 'validate')
    expect(run).toMatchObject({ status: 'succeeded', counters: { compared: RECORDS, matched: RECORDS } })
  })

  it('keeps to the pace that it was given', async () => {
    const asked = counted()
    const at = await filled('live', asked.target)
    asked.reset()
    const run = await endRun(at, 'validate', { recordsPerSecondMax: 20_000 }, { batchwise: true })
    expect(run.counters).toMatchObject({ compared: RECORDS, matched: RECORDS })
    expect(run.counters.batches).toBeGreaterThan(3)
  })
})

const DISTURBANCES = ['missing', 'ahead', 'behind', 'changed', 'clash', 'deleted', 'unfinished', 'order'] as const

interface Spot {
  at: number
  what: (typeof DISTURBANCES)[number]
}

/** What a run finds in a collection with these differences: its counters, its digests, and the mismatches it kept. */
async function findings(spots: readonly Spot[], stage: Stage, blind: boolean): Promise<unknown> {
  const inner = memoryTarget({ collection: 'projects', partitions: PARTITIONS, clock: quickClock() })
  const compare: TargetCollection['compare'] = async (...given) => {
    const { compared, fences } = await inner.compare(...given)
    return { compared: compared.map((one) => ({ ...one, same: false })), fences }
  }
  const at = await filled(stage, blind ? { ...inner, compare } : inner)
  for (const spot of spots) await disturb(at, spot)
  const run = await endRun(at, 'validate', { zeroLoss: true })
  const { items } = await keptMismatches(at.context.ledger, run.id, null, 200)
  if (blind) expect(run.counters.inspected).toBe(run.counters.compared)
  const { zeroLoss, ...result } = run.result as { zeroLoss: { proved: boolean; because: string[] } }
  const { proved, because } = zeroLoss
  return { status: run.status, counters: foundIn(run), result, proved, because, kept: items.map(shownOf) }
}

function foundIn({ counters }: Run): Run['counters'] {
  const { batches, inspected, stretches, unlisted, ...rest } = counters
  for (const name of Object.keys(rest)) if (name.includes('Digest')) delete rest[name]
  return rest
}

function shownOf({ runId: _, at: __, ...shown }: Mismatch): unknown {
  return shown
}

async function disturb(at: World, { at: number, what }: Spot): Promise<void> {
  const id = `r${String(number).padStart(3, '0')}`
  const later = { version: 2 ** 41, op: `later-${id}`, value: { id, later: true } }
  switch (what) {
    case 'missing':
      return plantAtSource(at, `${id}x`, { ...later, value: { id: `${id}x` } })
    case 'ahead':
      return plantAtTarget(at, id, later)
    case 'behind':
      return plantAtSource(at, id, later)
    case 'changed':
    case 'order':
      await plantAtSource(at, id, { ...later, value: { id, n: 1, m: 2 } })
      return plantAtTarget(at, id, { ...later, value: what === 'order' ? { m: 2, id, n: 1 } : { id, n: 2, m: 2 } })
    case 'clash':
      await plantAtSource(at, id, later)
      return plantAtTarget(at, id, { ...later, op: `other-${id}` })
    case 'deleted':
      return plantAtTarget(at, id, { ...later, value: null })
    case 'unfinished':
      return beginAtTarget(at, id, { id, begun: true })
  }
}

async function filled(stage: Stage, target?: TargetCollection): Promise<World> {
  const at = world(target === undefined ? {} : { target })
  await fill(at, RECORDS)
  await goTo(at, 'dualwrite')
  await endRun(at, 'backfill')
  await goTo(at, stage)
  return at
}

/** A target that counts the calls of its listing. */
function counted(): { target: TargetCollection; calls: () => { [name: string]: number }; reset: () => void } {
  const inner = memoryTarget({ collection: 'projects', partitions: PARTITIONS, clock: quickClock() })
  let calls: { [name: string]: number } = {}
  const count = (name: string): void => {
    calls[name] = (calls[name] ?? 0) + 1
  }
  const target: TargetCollection = {
    ...inner,
    page: (...given) => {
      count('page')
      return inner.page(...given)
    },
    compare: (...given) => {
      count('compare')
      return inner.compare(...given)
    },
    count: () => {
      count('count')
      return inner.count()
    },
  }
  const reset = (): void => {
    calls = {}
  }
  return { target, calls: () => calls, reset }
}
