import { describe, expect, it } from 'vitest'
import type { Subject } from '../../../lib/core/flags/condition.js'
import { assignCohort, cohortOf, SHARDS, SUBJECTS_MAX } from '../../../lib/engine/flags/cohorts.js'
import { deleteFlag, putNamedFlag, readNamedFlag, setNamedFlag } from '../../../lib/engine/flags/flags.js'
import { streamOfKind } from '../../../lib/engine/state/journal.js'
import { MOVER, type World, world } from '../runs/world.js'
import { flagNamed } from './flag-named.js'

const KEYS = Array.from({ length: 60 }, (_, n) => `user-${n}`)
const SPLIT = [
  { variant: 'a', weight: 1 },
  { variant: 'b', weight: 1 },
]

async function sticky(percent = 50): Promise<World> {
  const at = world()
  await putNamedFlag(at.context, definition(percent), MOVER)
  return at
}

function definition(percent: number, split = SPLIT) {
  const variants = { a: 'A', b: 'B', none: '-' }
  return flagNamed('test', { kind: 'string', variants, fallback: 'none', sticky: true, rollout: { percent, split } })
}

function subject(key: string | null): Subject {
  return { key, attributes: {}, environment: null }
}

async function deal(at: World, keys = KEYS): Promise<string[]> {
  const flag = await readNamedFlag(at.context, 'test')
  const dealt: string[] = []
  for (const key of keys) dealt.push((await assignCohort(at.context, flag, subject(key))).variant)
  return dealt
}

async function redefine(at: World, percent: number, split = SPLIT): Promise<void> {
  const { revision } = await readNamedFlag(at.context, 'test')
  await putNamedFlag(at.context, definition(percent, split), MOVER, revision)
}

describe('a variant of a sticky flag', () => {
  it('is kept when percentages and weights change; who was left out comes in later', async () => {
    const at = await sticky(50)
    const first = await deal(at)
    expect(new Set(first)).toEqual(new Set(['a', 'b', 'none']))
    await redefine(at, 1, [
      { variant: 'a', weight: 1 },
      { variant: 'b', weight: 1_000 },
    ])
    const second = await deal(at)
    first.forEach((variant, n) => {
      if (variant !== 'none') expect(second[n]).toBe(variant)
    })
    await redefine(at, 100)
    expect(await deal(at)).not.toContain('none')
  })

  it('is not kept at 0, nor when the split names it no more, and is there again afterwards', async () => {
    const at = await sticky(50)
    const first = await deal(at)
    await setNamedFlag(at.context, 'test', 0, MOVER)
    expect(new Set(await deal(at))).toEqual(new Set(['none']))
    await setNamedFlag(at.context, 'test', 50, MOVER)
    expect(await deal(at)).toEqual(first)
    await redefine(at, 50, [{ variant: 'b', weight: 1 }])
    expect(await deal(at)).not.toContain('a')
    await redefine(at, 50)
    expect(await deal(at)).toEqual(first)
  })

  it('is told of once, in the same commit, and dealt to nobody without a key', async () => {
    const at = await sticky(50)
    const first = await deal(at)
    await deal(at)
    const { items } = await at.context.ledger.entries(streamOfKind('experiment-cohort'), { limit: 200 })
    const told = items.map(({ value }) => value as { subject: string; variant: string; flag: string })
    expect(told.map(({ subject: key }) => key)).toEqual(KEYS.filter((_, n) => first[n] !== 'none'))
    const flag = await readNamedFlag(at.context, 'test')
    expect(await assignCohort(at.context, flag, subject(null))).toMatchObject({ because: 'no-key', variant: 'none' })
  })

  it('is one for a subject that is dealt twice at once, whatever changes in between', async () => {
    const at = await sticky(100)
    const before = await readNamedFlag(at.context, 'test')
    at.faults.before = async (store, call) => {
      if (store !== 'ledger' || call !== 'commit') return
      at.faults.before = () => undefined
      await redefine(at, 100, [
        { variant: 'a', weight: 1 },
        { variant: 'b', weight: 100_000 },
      ])
      const after = await readNamedFlag(at.context, 'test')
      for (const key of KEYS) await assignCohort(at.context, after, subject(key))
    }
    for (const key of KEYS) {
      const { variant } = await assignCohort(at.context, before, subject(key))
      expect(variant).toBe(await cohortOf(at.context, before, key))
    }
  })

  it('is forgotten with the flag; one made again under the name deals anew', async () => {
    const at = await sticky(100)
    await deal(at)
    await deleteFlag(at.context, 'test', MOVER)
    expect((await at.context.ledger.list('flag-cohort/', null, 200)).items).toEqual([])
    at.clock.time += 1
    await putNamedFlag(at.context, definition(100), MOVER)
    const flag = await readNamedFlag(at.context, 'test')
    expect(await cohortOf(at.context, flag, 'user-1')).toBeNull()
  })

  it('of an earlier flag of the name counts no more, where a crash has left it behind', async () => {
    const at = await sticky(100)
    await deal(at)
    const { items } = await at.context.ledger.list('flag-cohort/', null, 200)
    await deleteFlag(at.context, 'test', MOVER)
    await at.context.ledger.commit(items.map(({ key, value }) => ({ key, ifRevision: null, value })))
    at.clock.time += 1
    await putNamedFlag(at.context, definition(100), MOVER)
    const flag = await readNamedFlag(at.context, 'test')
    expect(await cohortOf(at.context, flag, 'user-1')).toBeNull()
    await deal(at)
    expect(await cohortOf(at.context, flag, 'user-1')).not.toBeNull()
  })

  it('may be asked for by any name', async () => {
    const at = await sticky(100)
    const names = ['__proto__', 'constructor', 'toString', 'a/b', '../x', ' ', '"', '日本']
    const first = await deal(at, names)
    await redefine(at, 1)
    expect(await deal(at, names)).toEqual(first)
  })

  it('is dealt by the hash alone where there is no more room to keep it', async () => {
    const at = await sticky(100)
    const flag = await readNamedFlag(at.context, 'test')
    await deal(at, ['user-1'])
    const [shard] = (await at.context.ledger.list('flag-cohort/', null, 200)).items
    const subjects = Array.from({ length: SUBJECTS_MAX }, (_, n) => [`other-${n}`, 'a'])
    const full = { made: flag.createdAt, subjects }
    const key = shard?.key ?? ''
    await at.context.ledger.commit([{ key, ifRevision: shard?.revision ?? null, value: full }])
    expect(await assignCohort(at.context, flag, subject('user-1'))).toMatchObject({ because: 'rolled-out' })
    expect(await cohortOf(at.context, flag, 'user-1')).toBeNull()
    expect(SHARDS * SUBJECTS_MAX).toBe(102_400)
  })
})
