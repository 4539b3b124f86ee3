import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import type { Json } from '../../../lib/core/json.js'
import { systemClock } from '../../../lib/drivers/clock.js'
import { keyOfComponent } from '../../../lib/engine/components.js'
import {
  deleteFlag,
  killFlag,
  listNamedFlags,
  putNamedFlag,
  readNamedFlag,
  reviveFlag,
  setNamedFlag,
  setRollout,
} from '../../../lib/engine/flags/flags.js'
import { deleteGroup, listGroups, putGroup, readGroup } from '../../../lib/engine/flags/groups.js'
import { flagHistory } from '../../../lib/engine/flags/history.js'
import { killAllFlags } from '../../../lib/engine/flags/kill-all.js'
import { streamOfKind } from '../../../lib/engine/state/journal.js'
import { MOVER, type World, world } from '../runs/world.js'
import { flagNamed } from './flag-named.js'

const BOB = { by: 'bob', reason: 'because, too' }
const HALF = { percent: 50, split: [{ variant: 'on', weight: 1 }] }

async function made(...names: string[]): Promise<World> {
  const at = world()
  for (const name of names) await putNamedFlag(at.context, flagNamed(name), MOVER)
  return at
}

/** Something that happens right before the next commit to the ledger, once. */
function meanwhile(at: World, what: () => Promise<unknown>): void {
  at.faults.before = async (store, call) => {
    if (store !== 'ledger' || call !== 'commit') return
    at.faults.before = () => undefined
    await what()
  }
}

describe('a definition', () => {
  it('is kept, shown with its revision, replaced from it, and deleted', async () => {
    const at = await made('checkout')
    const first = await readNamedFlag(at.context, 'checkout')
    expect(first).toMatchObject({ name: 'checkout', killed: null, changedBy: 'ann', reason: 'because' })
    await putNamedFlag(at.context, flagNamed('checkout', { description: 'more' }), BOB, first.revision)
    const second = await readNamedFlag(at.context, 'checkout')
    expect(second).toMatchObject({ description: 'more', changedBy: 'bob', createdAt: first.createdAt })
    expect(second.revision).toBeGreaterThan(first.revision)
    await deleteFlag(at.context, 'checkout', BOB, second.revision)
    await expect(readNamedFlag(at.context, 'checkout')).rejects.toMatchObject({ code: 'not-found' })
    expect(await listNamedFlags(at.context)).toEqual([])
  })

  it('of two operators who began at one revision takes one, and tells the other of the first', async () => {
    const at = await made('checkout')
    const { revision } = await readNamedFlag(at.context, 'checkout')
    const mine = flagNamed('checkout', { description: 'mine' })
    await putNamedFlag(at.context, flagNamed('checkout', { description: 'theirs' }), BOB, revision)
    await expect(putNamedFlag(at.context, mine, MOVER, revision)).rejects.toMatchObject({
      code: 'conflict',
      details: { reason: 'changed-meanwhile', by: 'bob' },
    })
    expect(await readNamedFlag(at.context, 'checkout')).toMatchObject({ description: 'theirs' })
  })

  it('is not lost to one that comes between its reading and its commit', async () => {
    const at = await made('checkout')
    const { revision } = await readNamedFlag(at.context, 'checkout')
    meanwhile(at, () => putNamedFlag(at.context, flagNamed('checkout', { description: 'theirs' }), BOB, revision))
    const mine = putNamedFlag(at.context, flagNamed('checkout', { description: 'mine' }), MOVER, revision)
    await expect(mine).rejects.toMatchObject({ code: 'conflict', details: { by: 'bob' } })
    expect(await readNamedFlag(at.context, 'checkout')).toMatchObject({ description: 'theirs' })
  })

  it('is not put over one that is there by somebody who has not read it', async () => {
    const at = await made('checkout')
    const again = putNamedFlag(at.context, flagNamed('checkout'), BOB)
    await expect(again).rejects.toMatchObject({ code: 'conflict', details: { by: 'ann' } })
    await deleteFlag(at.context, 'checkout', MOVER)
    const stale = putNamedFlag(at.context, flagNamed('checkout'), BOB, 1)
    await expect(stale).rejects.toMatchObject({ code: 'conflict', details: { reason: 'deleted-meanwhile' } })
  })

  it('takes no name of a view, and no group that is not there', async () => {
    const at = await made()
    const refused = (name: string, group?: string) =>
      putNamedFlag(
        at.context,
        flagNamed(name, group === undefined ? {} : { rules: [{ when: [{ on: 'group', group }], rollout: HALF }] }),
        MOVER,
      )
    await expect(refused('redis_read_projects')).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(refused('migration_mode')).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(refused('checkout', 'staff')).rejects.toThrow('There is no group staff.')
    await expect(deleteFlag(at.context, 'nobody', MOVER)).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('changes of one member', () => {
  it('are made on what they find: neither of two is lost', async () => {
    const at = await made('checkout')
    meanwhile(at, () => killFlag(at.context, 'checkout', BOB))
    await setRollout(at.context, 'checkout', 0, MOVER)
    expect(await readNamedFlag(at.context, 'checkout')).toMatchObject({ on: false, killed: { by: 'bob' } })
  })

  it('a rollout says what took and takes effect, and drops the schedule', async () => {
    const at = world()
    const schedule = [{ at: at.clock.now() + 1_000, percent: 80 }]
    await putNamedFlag(at.context, flagNamed('checkout', { rollout: HALF, schedule }), MOVER)
    expect(await setRollout(at.context, 'checkout', 12.345, MOVER)).toEqual({ before: 50, after: 12.345 })
    at.clock.time += 2_000
    expect(await setRollout(at.context, 'checkout', 0, MOVER)).toEqual({ before: 12.345, after: 0 })
    expect(await readNamedFlag(at.context, 'checkout')).toMatchObject({ on: false, schedule: [] })
    expect(await setRollout(at.context, 'checkout', 100, MOVER)).toEqual({ before: 0, after: 100 })
    await expect(setRollout(at.context, 'checkout', 0.0005, MOVER)).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(setRollout(at.context, 'nobody', 1, MOVER)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('on and off leave the percentage; a text is no value of a named flag', async () => {
    const at = world()
    await putNamedFlag(at.context, flagNamed('checkout', { rollout: HALF }), MOVER)
    await setNamedFlag(at.context, 'checkout', false, MOVER)
    await setNamedFlag(at.context, 'checkout', true, MOVER)
    expect(await readNamedFlag(at.context, 'checkout')).toMatchObject({ on: true, rollout: HALF })
    await expect(setNamedFlag(at.context, 'checkout', 'half', MOVER)).rejects.toMatchObject({ code: 'invalid-input' })
  })

  it('that change nothing are no change', async () => {
    const at = await made('checkout')
    const before = await flagHistory(at.context.ledger, { name: 'checkout', limit: 10 })
    await setNamedFlag(at.context, 'checkout', true, MOVER)
    await reviveFlag(at.context, 'checkout', MOVER)
    expect(await flagHistory(at.context.ledger, { name: 'checkout', limit: 10 })).toEqual(before)
  })

  it('with the revision they were decided on are refused once it is another', async () => {
    const at = await made('checkout')
    const { revision } = await readNamedFlag(at.context, 'checkout')
    await setNamedFlag(at.context, 'checkout', 10, BOB, revision)
    const late = setNamedFlag(at.context, 'checkout', 90, MOVER, revision)
    await expect(late).rejects.toMatchObject({ code: 'conflict', details: { by: 'bob' } })
  })
})

describe('many operators at once', () => {
  it('each get their turn, on flags of their own and on one', async () => {
    const names = Array.from({ length: 30 }, (_, n) => `flag-${n}`)
    const at = await made(...names)
    const context = { ...at.context, clock: systemClock }
    const own = names.map((name, n) => setRollout(context, name, n + 1, MOVER))
    const shared = names.slice(0, 5).map((_, n) => setNamedFlag(context, 'flag-0', 90 + n, BOB))
    await Promise.all([...own, ...shared])
    const flags = new Map((await listNamedFlags(context)).map((flag) => [flag.name, flag.rollout.percent]))
    names.slice(1).forEach((name, n) => {
      expect(flags.get(name)).toBe(n + 2)
    })
    expect((await flagHistory(context.ledger, { name: 'flag-0', limit: 10 })).items).toHaveLength(7)
  })
})

describe('a kill', () => {
  it('is over every other change, and stays through a new definition until it is lifted', async () => {
    const at = await made('checkout')
    await killFlag(at.context, 'checkout', BOB)
    const late = setRollout(at.context, 'checkout', 10, MOVER)
    await expect(late).rejects.toMatchObject({ code: 'conflict', details: { reason: 'killed', by: 'bob' } })
    await expect(setNamedFlag(at.context, 'checkout', true, MOVER)).rejects.toMatchObject({ code: 'conflict' })
    const { revision } = await readNamedFlag(at.context, 'checkout')
    await putNamedFlag(at.context, flagNamed('checkout', { rollout: HALF }), MOVER, revision)
    expect((await readNamedFlag(at.context, 'checkout')).killed).toMatchObject({ by: 'bob' })
    await reviveFlag(at.context, 'checkout', MOVER)
    expect(await readNamedFlag(at.context, 'checkout')).toMatchObject({ killed: null, rollout: HALF })
  })

  it('of all kills what is changed or made while it works, and the stages are not touched', async () => {
    const at = await made(...Array.from({ length: 120 }, (_, n) => `flag-${n}`))
    meanwhile(at, async () => {
      await setNamedFlag(at.context, 'flag-3', 100, BOB)
      await putNamedFlag(at.context, flagNamed('late'), BOB)
    })
    const killed = await killAllFlags(at.context, MOVER)
    expect(killed).toHaveLength(121)
    expect((await listNamedFlags(at.context)).filter((flag) => flag.killed === null)).toEqual([])
    expect(await killAllFlags(at.context, BOB)).toEqual([])
    const { items } = await flagHistory(at.context.ledger, { name: 'late', limit: 5 })
    expect(items[0]).toMatchObject({ action: 'kill-all-flags', by: 'ann', after: { killed: { by: 'ann' } } })
  })

  it('of all that the ledger cuts short is finished by the next', async () => {
    const at = await made(...Array.from({ length: 120 }, (_, n) => `flag-${n}`))
    let commits = 0
    at.faults.before = (store, call) => {
      if (store === 'ledger' && call === 'commit' && ++commits === 2) at.faults.down.add('ledger')
    }
    await expect(killAllFlags(at.context, MOVER)).rejects.toMatchObject({ code: 'unavailable' })
    at.faults.down.clear()
    expect(await killAllFlags(at.context, MOVER)).toHaveLength(70)
  })
})

describe('the trail', () => {
  it('has every change with the flag before and after, by whom and why', async () => {
    const at = await made('checkout', 'other')
    await setNamedFlag(at.context, 'checkout', 25, BOB)
    await killFlag(at.context, 'checkout', MOVER)
    await deleteFlag(at.context, 'checkout', BOB)
    const { items, next } = await flagHistory(at.context.ledger, { name: 'checkout', limit: 10 })
    expect(next).toBeNull()
    expect(items.map(({ action, by }) => [action, by])).toEqual([
      ['delete-flag', 'bob'],
      ['kill-flag', 'ann'],
      ['set-flag', 'bob'],
      ['put-flag', 'ann'],
    ])
    expect(items[2]).toMatchObject({
      reason: 'because, too',
      before: { flag: 'checkout', definition: { rollout: { percent: 0 } } },
      after: { flag: 'checkout', definition: { rollout: { percent: 25 } } },
    })
    const [page] = [await flagHistory(at.context.ledger, { name: 'checkout', limit: 1 })]
    const rest = await flagHistory(at.context.ledger, { name: 'checkout', before: page.next ?? '', limit: 10 })
    expect([...page.items, ...rest.items]).toEqual(items)
  })

  it('tells of the component whose rollout a change moves, in the same commit', async () => {
    const at = await made('checkout')
    const component = { name: 'billing', kind: 'flag', flag: 'checkout', description: '' }
    await at.context.ledger.commit([{ key: keyOfComponent('billing'), ifRevision: null, value: component }])
    await setNamedFlag(at.context, 'checkout', 25, MOVER)
    await killAllFlags(at.context, BOB)
    const { items } = await at.context.ledger.entries(streamOfKind('component'), { limit: 10 })
    const told = items.map(({ value }) => value as { [member: string]: Json })
    expect(told).toMatchObject([
      { component: 'billing', what: 'rollout', from: 0, to: 25, by: 'ann' },
      { component: 'billing', what: 'rollout', from: 25, to: 0, by: 'bob' },
    ])
  })
})

describe('a group', () => {
  it('is kept by revision, seen by every flag at once, and not deleted under a rule', async () => {
    const at = world()
    const group = { name: 'staff', description: '', members: ['ann', 'ann', 'bob'] }
    const kept = await putGroup(at.context, group, MOVER)
    expect(kept.members).toEqual(['ann', 'bob'])
    const rules = [{ when: [{ on: 'group' as const, group: 'staff' }], rollout: HALF }]
    await putNamedFlag(at.context, flagNamed('checkout', { rules }), MOVER)
    await putGroup(at.context, { ...group, members: ['eve'] }, BOB, kept.revision)
    expect((await readNamedFlag(at.context, 'checkout')).groups.get('staff')).toEqual(new Set(['eve']))
    const late = putGroup(at.context, group, MOVER, kept.revision)
    await expect(late).rejects.toMatchObject({ code: 'conflict', details: { by: 'bob' } })
    const used = deleteGroup(at.context, 'staff', MOVER)
    await expect(used).rejects.toMatchObject({ code: 'conflict', details: { reason: 'in-use', flags: ['checkout'] } })
    await deleteFlag(at.context, 'checkout', MOVER)
    await deleteGroup(at.context, 'staff', MOVER)
    expect(await listGroups(at.context)).toEqual([])
    await expect(readGroup(at.context, 'staff')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('that a flag begins to use while it is being deleted is not deleted', async () => {
    const at = world()
    await putGroup(at.context, { name: 'staff', description: '', members: [] }, MOVER)
    const rules = [{ when: [{ on: 'group' as const, group: 'staff' }], rollout: HALF }]
    meanwhile(at, () => putNamedFlag(at.context, flagNamed('checkout', { rules }), BOB))
    await expect(deleteGroup(at.context, 'staff', MOVER)).rejects.toMatchObject({ details: { reason: 'in-use' } })
  })
})

describe('a ledger that was removed and begun anew', () => {
  it('is not taken for the one before, though it counts from 1 again', async () => {
    const at = await made('checkout')
    expect(await listNamedFlags(at.context)).toHaveLength(1)
    await at.context.ledger.destroy()
    expect(await listNamedFlags(at.context)).toEqual([])
  })
})

describe('a ledger that does not answer', () => {
  it('throws, and a change asked again finds what was done', async () => {
    const at = await made('checkout')
    at.faults.down.add('ledger')
    await expect(listNamedFlags(at.context)).rejects.toBeInstanceOf(CutoverError)
    await expect(setNamedFlag(at.context, 'checkout', 5, MOVER)).rejects.toMatchObject({ code: 'unavailable' })
    at.faults.down.clear()
    expect(await setRollout(at.context, 'checkout', 5, MOVER)).toEqual({ before: 0, after: 5 })
  })
})
