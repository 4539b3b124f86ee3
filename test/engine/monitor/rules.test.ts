import { describe, expect, it } from 'vitest'
import { listAlerts } from '../../../lib/engine/alerts/list.js'
import { forgetDecisions, listDecisions } from '../../../lib/engine/monitor/decisions.js'
import { replayRule } from '../../../lib/engine/monitor/replay.js'
import { armRule, deleteRule, listRules, putRule, readRule } from '../../../lib/engine/monitor/rules.js'
import { rule } from '../../core/monitor/values.js'
import { MOVER, START, world } from '../runs/world.js'
import { BAD, decisions, GOOD, minuteOf, monitored, rollbacksOf, stageOf, turn } from './world.js'

const ALL = { name: 'error-rate', component: '*' }
const ONE = { name: 'error-rate', component: 'projects' }

describe('rules', () => {
  it('are put only from the revision that was read: of two at once one is refused', async () => {
    const { context } = world()
    const both = await Promise.all(
      [0.02, 0.03].map((threshold) => putRule(context, rule({ ...ALL, threshold }), MOVER, { ifRevision: 0 })),
    )
    expect(both.map(({ kind }) => kind).sort()).toEqual(['changed', 'refused'])
    const known = await readRule(context, 'error-rate')
    expect(known.from).toBe('stored')
    const again = (ifRevision: number) => putRule(context, rule({ ...ALL, threshold: 0.5 }), MOVER, { ifRevision })
    expect(await again(known.revision - 1)).toEqual({ kind: 'refused', reason: 'revision-moved' })
    expect(await again(known.revision)).toMatchObject({ kind: 'changed', known: { rule: { threshold: 0.5 } } })
  })

  it('that are shipped hold again where what stood in their place is deleted, and cannot be deleted', async () => {
    const { context } = world()
    const shipped = await readRule(context, 'error-rate')
    expect(shipped).toMatchObject({ from: 'shipped', revision: 0, rule: { threshold: 0.01, armed: true } })
    await putRule(context, rule({ ...ALL, threshold: 0.2 }), MOVER)
    await putRule(context, rule({ ...ONE, threshold: 0.3 }), MOVER)
    expect((await readRule(context, 'error-rate', 'projects')).rule.threshold).toBe(0.3)
    expect((await deleteRule(context, ONE, MOVER)).kind).toBe('changed')
    expect((await readRule(context, 'error-rate', 'projects')).rule.threshold).toBe(0.2)
    expect((await deleteRule(context, ALL, MOVER)).kind).toBe('changed')
    expect(await readRule(context, 'error-rate', 'projects')).toEqual(shipped)
    expect(await deleteRule(context, ALL, MOVER)).toEqual({ kind: 'refused', reason: 'shipped' })
    await expect(deleteRule(context, ONE, MOVER)).rejects.toMatchObject({ code: 'not-found' })
    await expect(readRule(context, 'nobody')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('are armed and disarmed for one component alone, and every change is audited', async () => {
    const { context } = world()
    await armRule(context, ONE, false, MOVER)
    expect((await readRule(context, 'error-rate', 'projects')).rule.armed).toBe(false)
    expect((await readRule(context, 'error-rate')).rule.armed).toBe(true)
    await armRule(context, ONE, true, MOVER)
    const listed = (await listRules(context)).filter((known) => known.rule.name === 'error-rate')
    expect(listed.map((known) => [known.rule.component, known.from])).toEqual([
      ['*', 'shipped'],
      ['projects', 'stored'],
    ])
    const { items } = await context.ledger.entries('audit', { limit: 10 })
    expect(items.map(({ value }) => value)).toMatchObject([
      { action: 'disarm-rule', by: 'ann', before: null, after: { armed: false } },
      { action: 'arm-rule', by: 'ann', before: { armed: false }, after: { armed: true } },
    ])
  })

  it('are for components that there are, and of bounded number', async () => {
    const { context } = world()
    await expect(putRule(context, rule({ component: 'nobody' }), MOVER)).rejects.toMatchObject({ code: 'not-found' })
    const many = Array.from({ length: 50 }, (_, at) => rule({ name: `mine-${at}` }))
    const results = []
    for (const one of many)
      results.push(await putRule(context, one, MOVER).catch((error: { code: string }) => error.code))
    expect(results.filter((result) => result === 'conflict').length).toBeGreaterThan(10)
  })
})

describe('a replay', () => {
  it('says what a rule would have done, and does nothing', async () => {
    const at = await monitored({ armed: false })
    const from = at.clock.now()
    for (const traffic of [GOOD, GOOD, BAD, GOOD, GOOD, GOOD]) await minuteOf(at, traffic)
    const { rule: mine } = await readRule(at.context, 'error-rate', 'projects')
    const span = { from: from + 60_000, to: at.clock.now(), stepMinutes: 0.5 }
    const replayed = await replayRule(at.context, { rule: mine, component: 'projects', ...span })
    expect(replayed).toMatchObject({ weighed: 11, rollbacks: 1, more: false, grainMs: 1000 })
    expect(replayed.decisions.map(({ event }) => event)).toEqual([
      ...['changed', 'breached', 'breached', 'changed', 'cleared'],
    ])
    expect(await stageOf(at)).toBe('live')
    expect([await rollbacksOf(at), (await listAlerts(at.context, { limit: 5 })).items]).toEqual([[], []])
    expect(await decisions(at)).toEqual([])
  })

  it('is bounded', async () => {
    const { context } = world()
    const asked = (more: object) =>
      replayRule(context, { rule: rule(), component: 'projects', from: START - 86_400_000, to: START, ...more })
    await expect(asked({ stepMinutes: 0.1 })).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(asked({ to: START - 90_000_000 })).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(asked({ from: START - 40 * 86_400_000 })).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(asked({ component: 'nobody' })).rejects.toMatchObject({ code: 'not-found' })
    expect((await asked({})).weighed).toBeLessThanOrEqual(2_000)
  })
})

describe('decisions', () => {
  it('are found by rule, outcome and event, page by page', async () => {
    const at = await monitored({ action: 'alert', clearWindows: 1 })
    for (const traffic of [GOOD, BAD, GOOD, BAD]) {
      await minuteOf(at, traffic)
      await turn(at)
    }
    const found = async (query: object) => (await listDecisions(at.context, { limit: 100, ...query })).items
    expect((await found({ rule: 'error-rate', event: 'breached' })).length).toBe(2)
    expect((await found({ rule: 'error-rate', outcome: 'pass' })).map(({ event }) => event)).toEqual([
      'cleared',
      'changed',
    ])
    expect(await found({ component: 'nobody' })).toEqual([])
    const all = await found({})
    const paged = []
    let cursor: string | undefined
    do {
      const { items, next } = await listDecisions(at.context, { limit: 3, cursor })
      paged.push(...items)
      cursor = next ?? undefined
    } while (cursor !== undefined)
    expect(paged).toEqual(all)
  })

  it('are forgotten after thirty days', async () => {
    const at = await monitored()
    await minuteOf(at, GOOD)
    await turn(at)
    expect((await decisions(at)).length).toBe(1)
    at.clock.time += 31 * 86_400_000
    await forgetDecisions(at.context)
    expect(await decisions(at)).toEqual([])
  })
})
