import { describe, expect, it } from 'vitest'
import { versionOf } from '../../../lib/core/copy.js'
import { CutoverError } from '../../../lib/core/error.js'
import type { Run } from '../../../lib/core/run.js'
import type { Stage } from '../../../lib/core/stage.js'
import { keptMismatches } from '../../../lib/engine/validate/mismatches.js'
import { compareSampled } from '../../../lib/engine/validate/sample.js'
import { validateIds } from '../../../lib/engine/validate/validate-ids.js'
import type { Ledger } from '../../../lib/ports/ledger.js'
import {
  beginAtTarget,
  copiesOf,
  endRun,
  fill,
  goTo,
  ids,
  place,
  plantAtSource,
  plantAtTarget,
  type World,
  world,
} from './world.js'

describe('A run', () => {
  it('that is cut after every batch, or dies before a commit, counts what an uninterrupted one counts', async () => {
    const runs: Run[] = []
    for (const how of ['whole', 'batchwise', 'dying'] as const) {
      const at = how === 'dying' ? dying(world()) : world()
      await fill(at, 130)
      await goTo(at, 'dualwrite')
      await endRun(at, 'backfill')
      await goTo(at, 'live')
      for (const id of ids(130).filter((_, number) => number % 9 === 0)) await spoil(at, id)
      const run = await endRun(at, 'validate', {}, { batchwise: how !== 'whole' })
      expect((await keptMismatches(at.context.ledger, run.id, null, 200)).items).toHaveLength(15)
      runs.push(run)
    }
    const [whole, batchwise, dyingRun] = runs
    // How much is read depends on where batches end; what is found does not.
    const counters = ({ batches: _, inspected, stretches, ...rest }: Run['counters']): Run['counters'] => rest
    expect(whole?.counters).toMatchObject({ compared: 130, matched: 115, mismatched: 15 })
    for (const other of [batchwise, dyingRun]) {
      expect(counters(other?.counters ?? {})).toEqual(counters(whole?.counters ?? {}))
      expect(other?.result).toEqual(whole?.result)
      expect(other?.done).toBe(whole?.done)
    }
  })

  it('refuses an input that it cannot read, and a collection that is finished', async () => {
    const at = world()
    const wrong = [{ redact: ['secret'] }, { redact: 'x' }, { mismatchesKept: -1 }, { mismatchesKept: 1.5 }]
    for (const input of [...wrong, { repair: 'yes' }, { zeroLoss: 1 }, { mismatchesKept: 1_001 }])
      await expect(endRun(at, 'validate', input)).rejects.toThrow(expect.objectContaining({ code: 'invalid-input' }))
    await fill(at, 5)
    await goTo(at, 'complete')
    expect((await endRun(at, 'clean-up', { quietMs: 0 })).status).toBe('succeeded')
    const finished = expect.objectContaining({ code: 'conflict', details: { reason: 'collection-finished' } })
    await expect(endRun(at, 'validate')).rejects.toThrow(finished)
    await expect(validateIds(at.context, at.collection, ['r001'])).rejects.toThrow(finished)
    expect(await compareSampled(place(at, 'r001'), 'r001', at.context.clock)).toEqual({
      kind: 'inconclusive',
      reason: 'not-in-this-stage',
    })
  })

  it('ends when the collection is finished under way, and says so', async () => {
    const at = world()
    await fill(at, 60)
    await goTo(at, 'complete')
    let cleaned = false
    const between = async (): Promise<void> => {
      if (cleaned) return
      cleaned = true
      await endRun(at, 'clean-up', { quietMs: 0 })
    }
    const pace = { recordsPerSecondMax: 5_000 }
    const run = await endRun(at, 'validate', pace, { batchwise: true, between })
    expect(run.status).toBe('failed')
    expect(run.note).toMatch(/finished and cleaned up/)
  })
})

describe('Repair', () => {
  it('mends what versions can mend, changes nothing the second time, and never lowers a version', async () => {
    for (const stage of ['dualwrite', 'shadow', 'live'] as const) {
      const at = await filled(stage)
      for (const id of ids(12)) await spoil(at, id)
      await plantAtSource(at, 'x-missing', { version: 1, op: '', value: { id: 'x-missing' } })
      const before = await versions(at)
      const run = await endRun(at, 'validate', { repair: true })
      expect(run).toMatchObject({ status: 'succeeded', counters: { mismatched: 13, repaired: 13, matched: 28 } })
      expect(run.result).toMatchObject({ digestSource: expect.stringMatching(/^[0-9a-f]{16}$/) })
      expect((run.result as { digestSource: string }).digestSource).toBe(
        (run.result as { digestTarget: string }).digestTarget,
      )
      const after = await versions(at)
      for (const [id, pair] of before) {
        expect(after.get(id)?.[0]).toBeGreaterThanOrEqual(pair[0])
        expect(after.get(id)?.[1]).toBeGreaterThanOrEqual(pair[1])
      }
      const again = await endRun(at, 'validate', { repair: true })
      expect(again.counters).toMatchObject({ mismatched: 0, repaired: 0, matched: 41 })
      expect(await versions(at)).toEqual(after)
    }
  })

  it('leaves what only a person can decide, and says that it differs', async () => {
    const at = await filled('live')
    await plantAtSource(at, 'x', { version: 1, op: 'same', value: { id: 'x', n: 1 } })
    await plantAtTarget(at, 'x', { version: 1, op: 'same', value: { id: 'x', n: 2 } })
    const before = await copiesOf(at, 'x')
    const [outcome] = await validateIds(at.context, at.collection, ['x'], { repair: true })
    expect(outcome).toMatchObject({ repaired: false, verdict: { kind: 'mismatch', reason: 'values-differ' } })
    expect((await endRun(at, 'validate', { repair: true })).status).toBe('failed')
    expect(await copiesOf(at, 'x')).toEqual(before)
  })

  it('does nothing unless it is asked for', async () => {
    const at = await filled('live')
    await spoil(at, 'r003')
    const before = await copiesOf(at, 'r003')
    await endRun(at, 'validate')
    await validateIds(at.context, at.collection, ['r003'])
    expect(await copiesOf(at, 'r003')).toEqual(before)
  })

  it('declares nothing full', async () => {
    const at = world()
    await fill(at, 10)
    await goTo(at, 'shadow')
    const run = await endRun(at, 'validate', { repair: true })
    expect(run).toMatchObject({ status: 'succeeded', counters: { repaired: 10 } })
    const fence = (await at.collection.source.partitions[0]?.control())?.fence
    expect(fence?.ranges[0]?.fullTarget).toBe(false)
  })
})

describe('A write that the target has begun and nobody has finished', () => {
  it.each(['shadow', 'live'] as const)('is brought to the source in %s, as a reader would', async (stage) => {
    const at = await filled(stage)
    await beginAtTarget(at, 'r001', { id: 'r001', begun: true })
    await beginAtTarget(at, 'new', { id: 'new' })
    const run = await endRun(at, 'validate')
    expect(run).toMatchObject({ status: 'succeeded', counters: { matched: 41, inconclusive: 0 } })
    expect((await copiesOf(at, 'r001')).source?.value).toEqual({ id: 'r001', begun: true })
  })

  it('is only told of, and not touched, by a sample', async () => {
    const at = await filled('live')
    await beginAtTarget(at, 'r001', { id: 'r001', begun: true })
    const before = await copiesOf(at, 'r001')
    expect(await compareSampled(place(at, 'r001'), 'r001', at.context.clock)).toEqual({
      kind: 'inconclusive',
      reason: 'being-written',
    })
    expect(await copiesOf(at, 'r001')).toEqual(before)
  })

  it('is information in rampdown and complete, where the target acknowledges alone', async () => {
    for (const stage of ['rampdown', 'complete'] as const) {
      const at = await filled(stage)
      await beginAtTarget(at, 'r001', { id: 'r001', begun: true })
      const run = await endRun(at, 'validate')
      expect(run).toMatchObject({ status: 'succeeded', counters: { matched: 39, inconclusive: 1 } })
      const [outcome] = await validateIds(at.context, at.collection, ['r001'])
      expect(outcome?.verdict).toEqual({ kind: 'inconclusive', reason: 'source-may-lag' })
    }
  })

  it('stays undecided in dualwrite after a rollback', async () => {
    const at = await filled('live')
    await beginAtTarget(at, 'r001', { id: 'r001', begun: true })
    await goTo(at, 'dualwrite')
    const [outcome] = await validateIds(at.context, at.collection, ['r001'])
    expect(outcome?.verdict).toEqual({ kind: 'inconclusive', reason: 'unacknowledged-at-target' })
  })
})

describe('A record that differs at every look', () => {
  it('is being written while it moves, in every stage that compares', async () => {
    for (const stage of ['dualwrite', 'shadow', 'live', 'rampdown', 'complete'] as const) {
      const at = await filled(stage)
      await spoil(at, 'r001')
      const clock = { ...at.context.clock, sleep: () => spoil(at, 'r001') }
      const [outcome] = await validateIds({ clock }, at.collection, ['r001'])
      expect(outcome?.verdict, stage).toEqual({ kind: 'inconclusive', reason: 'being-written' })
    }
  })

  it('in dualwrite is given time until the last look, and later no more than a second one', async () => {
    for (const [stage, looks] of [
      ['dualwrite', 3],
      ['live', 1],
    ] as const) {
      const at = await filled(stage)
      await spoil(at, 'r001')
      let pauses = 0
      const sleep = async (): Promise<void> => {
        pauses++
      }
      const [outcome] = await validateIds({ clock: { ...at.context.clock, sleep } }, at.collection, ['r001'])
      expect(outcome?.verdict).toMatchObject({ kind: 'mismatch', reason: 'target-behind' })
      expect(pauses).toBe(looks)
    }
    const at = await filled('dualwrite')
    await spoil(at, 'r001')
    let left = 3
    const arriving = async (): Promise<void> => {
      const { source } = await copiesOf(at, 'r001')
      if (--left === 0 && source !== null) await plantAtTarget(at, 'r001', source)
    }
    const clock = { ...at.context.clock, sleep: arriving }
    expect((await validateIds({ clock }, at.collection, ['r001']))[0]?.verdict).toEqual({ kind: 'match' })
  })
})

describe('Stores that fail', () => {
  it('make outcomes for ids inconclusive, and a run wait', async () => {
    const at = await filled('live')
    const target = place(at, 'r001').target
    const { getMany } = target
    target.getMany = async () => {
      throw new CutoverError('unavailable', 'away')
    }
    const [outcome] = await validateIds(at.context, at.collection, ['r001'])
    const unavailable = { kind: 'inconclusive', reason: 'store-unavailable' }
    expect(outcome).toMatchObject({ stage: null, verdict: unavailable })
    expect(await compareSampled(place(at, 'r001'), 'r001', at.context.clock)).toEqual(unavailable)
    target.getMany = getMany
    const [later] = await validateIds(at.context, at.collection, ['r001'])
    expect(later?.verdict.kind).toBe('match')
  })

  it('do not hide other faults from a sample', async () => {
    const at = await filled('live')
    place(at, 'r001').target.getMany = async () => {
      throw new CutoverError('internal', 'a fault of ours')
    }
    await expect(compareSampled(place(at, 'r001'), 'r001', at.context.clock)).rejects.toThrow('a fault of ours')
  })
})

describe('Asking for ids', () => {
  it('takes 1 to 200 of them, well formed', async () => {
    const at = world()
    const refused = expect.objectContaining({ code: 'invalid-input' })
    for (const wrong of [[], ids(201), [''], ['a\n']])
      await expect(validateIds(at.context, at.collection, wrong)).rejects.toThrow(refused)
    expect(await validateIds(at.context, at.collection, ids(200))).toHaveLength(200)
  })
})

it('A sample shows where copies differ and no value', async () => {
  const at = await filled('live')
  expect(await compareSampled(place(at, 'r001'), 'r001', at.context.clock)).toEqual({ kind: 'match' })
  await spoil(at, 'r001')
  const verdict = await compareSampled(place(at, 'r001'), 'r001', at.context.clock)
  expect(verdict).toMatchObject({ kind: 'mismatch', reason: 'target-behind' })
  expect(JSON.stringify(verdict)).not.toContain('spoilt')
  expect(JSON.stringify(verdict)).toContain('$.word')
})

it('A sample holds nothing against a target that no complete pass has filled yet', async () => {
  const at = world()
  await fill(at, 40)
  const inconclusive = { kind: 'inconclusive', reason: 'target-not-full' }
  await goTo(at, 'dualwrite')
  expect(await compareSampled(place(at, 'r001'), 'r001', at.context.clock)).toEqual(inconclusive)
  await goTo(at, 'shadow')
  expect(await compareSampled(place(at, 'r001'), 'r001', at.context.clock)).toEqual(inconclusive)
  expect((await endRun(at, 'backfill')).status).toBe('succeeded')
  expect(await compareSampled(place(at, 'r001'), 'r001', at.context.clock)).toEqual({ kind: 'match' })
  await spoil(at, 'r001')
  const verdict = await compareSampled(place(at, 'r001'), 'r001', at.context.clock)
  expect(verdict).toMatchObject({ kind: 'mismatch', reason: 'target-behind' })
})

async function filled(stage: Stage): Promise<World> {
  const at = world()
  await fill(at, 40)
  await goTo(at, 'dualwrite')
  await endRun(at, 'backfill')
  await goTo(at, stage)
  return at
}

/** The source has a later copy that the target has never heard of. */
async function spoil(at: World, id: string): Promise<void> {
  const { source } = await copiesOf(at, id)
  await plantAtSource(at, id, { version: versionOf(source) + 1, op: `spoil-${id}`, value: { id, word: 'spoilt' } })
}

async function versions(at: World): Promise<Map<string, [number, number]>> {
  const all = new Map<string, [number, number]>()
  for (const id of [...ids(40), 'x-missing']) {
    const { source, target } = await copiesOf(at, id)
    all.set(id, [versionOf(source), versionOf(target)])
  }
  return all
}

/** Every third commit of a run is answered by silence: half of them were done, half not. */
function dying(at: World): World {
  let commits = 0
  const { ledger } = at.context
  const commit: Ledger['commit'] = async (changes, entries) => {
    const ofRun = changes[0]?.key.startsWith('run/') ?? false
    if (!ofRun || ++commits % 3 !== 0) return ledger.commit(changes, entries)
    if (commits % 2 === 0) await ledger.commit(changes, entries)
    throw new CutoverError('unavailable', 'no answer')
  }
  return { ...at, context: { ...at.context, ledger: { ...ledger, commit } } }
}
