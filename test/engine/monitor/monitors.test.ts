import { describe, expect, it } from 'vitest'
import type { CommandContext } from '../../../lib/commands/context.js'
import { allMonitors, showMonitor } from '../../../lib/commands/operators/alerts/show-monitor.js'
import { keyOfComponent } from '../../../lib/engine/components.js'
import { type World, world } from '../runs/world.js'
import { BAD, GOOD, minuteOf, monitored, put, turn } from './world.js'

const VIEWER = { name: 'viewer', role: 'viewer' } as const

function contextOf(at: World): CommandContext {
  return { engine: at.context, checkRecord: (_collection, _id, value) => value }
}

async function all(at: World) {
  return allMonitors.output.parse(await allMonitors.run(contextOf(at)))
}

async function one(at: World, component = 'projects') {
  return showMonitor.output.parse(await showMonitor.run(contextOf(at), { component }, VIEWER))
}

async function ruleOf(at: World, name: string) {
  const found = (await one(at)).rules.find(({ rule }) => rule === name)
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}

async function declared(at: World, name: string): Promise<void> {
  const value = { name, kind: 'flag', flag: name, description: '' }
  await at.context.ledger.commit([{ key: keyOfComponent(name), ifRevision: null, value }])
}

/** What the ledger is asked while `work` goes on. */
async function accesses(at: World, work: () => Promise<unknown>): Promise<string[]> {
  const calls: string[] = []
  at.faults.before = (store, call) => {
    if (store === 'ledger') calls.push(call)
  }
  await work()
  at.faults.before = () => undefined
  return calls
}

describe('a rule as operators see it', () => {
  it('says its threshold, what was weighed, and how near the two are', async () => {
    const at = await monitored({ threshold: 0.1, rollBackTo: 'shadow', severity: 'warning' })
    expect(await ruleOf(at, 'error-rate')).toMatchObject({
      ...{ metric: 'error-rate', operator: '>', threshold: 0.1, unit: 'share', path: 'target', operation: null },
      ...{ relativeTo: null, severity: 'warning', windowMinutes: 1, onBreach: 'roll-back', rollBackTo: 'shadow' },
      ...{ status: null, value: null, closeness: null, inWords: 'never weighed', weighedAt: null },
    })
    await minuteOf(at, { count: 500, errors: 20 })
    await turn(at)
    const found = await ruleOf(at, 'error-rate')
    expect(found).toMatchObject({ status: 'clear', outcome: 'pass', value: 0.04, inWords: 'error rate 4 % of 10 %' })
    expect(found.closeness).toBeCloseTo(0.4)
  })

  it('that is breached is beyond, and says what that has led to', async () => {
    const at = await monitored({ breachWindows: 1 })
    await minuteOf(at, BAD)
    await turn(at)
    const found = await ruleOf(at, 'error-rate')
    expect(found).toMatchObject({ outcome: 'breach', value: 0.2, action: { status: 'done' } })
    expect(found.closeness).toBeCloseTo(20)
  })

  it('without evidence says how much of it there is', async () => {
    const at = await monitored()
    await minuteOf(at, { count: 1 })
    await turn(at)
    const [found, latency] = [await ruleOf(at, 'error-rate'), await ruleOf(at, 'latency')]
    expect(found).toMatchObject({ value: 0, closeness: null, inWords: 'not enough evidence: 6 of 20 operations' })
    expect(latency).toMatchObject({ closeness: null, inWords: 'not enough evidence: 6 of 100 operations' })
    expect(await ruleOf(at, 'memory')).toMatchObject({ value: null, closeness: null, inWords: 'nothing measured' })
  })

  it('that is not armed is near nothing', async () => {
    const at = await monitored()
    await minuteOf(at, GOOD)
    await turn(at)
    await put(at, { armed: false })
    expect(await ruleOf(at, 'error-rate')).toMatchObject({ armed: false, closeness: null, inWords: 'not armed' })
  })
})

describe('the rules of every component', () => {
  it('are those of each, collections and declared parts', async () => {
    const at = world({ names: ['projects', 'resources'] })
    await declared(at, 'search')
    await minuteOf(at, GOOD, { ...GOOD, component: 'search', path: 'new' })
    await turn(at)
    const found = await all(at)
    expect(found.map(({ component }) => component)).toEqual(['projects', 'resources', 'search'])
    expect(found).toEqual(await Promise.all(['projects', 'resources', 'search'].map((name) => one(at, name))))
    expect(found[2]?.rules.find(({ rule }) => rule === 'error-rate')).toMatchObject({ path: 'new', value: 0 })
  })

  it('cost one access of the ledger, idle or busy, and so do those of one', async () => {
    const at = await monitored()
    expect(await accesses(at, () => all(at))).toEqual(['look'])
    expect(await accesses(at, () => one(at))).toEqual(['look'])
    await declared(at, 'search')
    await put(at, { name: 'mine' })
    await minuteOf(at, BAD)
    await turn(at)
    expect(await accesses(at, () => all(at))).toEqual(['look'])
    expect(await accesses(at, () => one(at, 'search'))).toEqual(['look'])
  })

  it('a component that there is not is named as such', async () => {
    await expect(one(world(), 'nobody')).rejects.toMatchObject({ code: 'not-found' })
  })
})
