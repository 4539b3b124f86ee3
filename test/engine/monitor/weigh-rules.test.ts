import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { NO_SWITCHES } from '../../../lib/core/switches.js'
import { listAlerts } from '../../../lib/engine/alerts/list.js'
import { moveAlert } from '../../../lib/engine/alerts/move.js'
import type { EngineContext } from '../../../lib/engine/context.js'
import { breachEvidence } from '../../../lib/engine/monitor/evidence.js'
import { keyOfStandings, readStandings } from '../../../lib/engine/monitor/kept.js'
import { armRule } from '../../../lib/engine/monitor/rules.js'
import { weighRules } from '../../../lib/engine/monitor/weigh-rules.js'
import { drain, go, MOVER, START, type World } from '../runs/world.js'
import { BAD, decisions, GOOD, minuteOf, monitored, put, rollbacksOf, stageOf, turn } from './world.js'

const ALERTS = { limit: 50 }
const breaches = async (at: World) =>
  (await listAlerts(at.context, ALERTS)).items.filter(({ about }) => about === 'breach-error-rate-projects')

describe('a breach', () => {
  it('rolls back, alerts, and can be told why', async () => {
    const at = await monitored()
    await minuteOf(at, GOOD)
    await turn(at)
    expect(await stageOf(at)).toBe('live')
    await minuteOf(at, BAD)
    await turn(at)
    expect(await stageOf(at)).toBe('dualwrite')
    const [first, second] = await decisions(at)
    expect(first).toMatchObject({ event: 'changed', outcome: 'pass', action: { kind: 'none' } })
    expect(second).toMatchObject({
      event: 'breached',
      outcome: 'breach',
      action: { kind: 'roll-back', to: 'dualwrite' },
    })
    expect(await rollbacksOf(at)).toMatchObject([{ status: 'completed', decision: second?.id }])
    const trail = await at.context.ledger.entries('audit', { newestFirst: true, limit: 50 })
    const reasons = trail.items.map(({ value }) => (value as { reason: string }).reason)
    expect(reasons).toContain(`error-rate is breached (decision ${second?.id})`)
    expect(await breaches(at)).toMatchObject([
      { severity: 'critical', status: 'open', component: 'projects', decision: second?.id },
    ])
    expect((await listAlerts(at.context, { ...ALERTS, severity: 'info' })).items).toMatchObject([
      { kind: 'rolled-back', decision: second?.id },
    ])
    const { items } = await at.context.ledger.entries('state/metric', { newestFirst: true, limit: 50 })
    const entry = items.find(({ value }) => (value as { id: string }).id === second?.id)
    expect(entry?.value).toMatchObject({
      component: 'projects',
      rule: { name: 'error-rate' },
      sentence: expect.any(String),
    })
  })

  it('of what stands no further than a rollback would lead is alerted, and nothing is rolled back', async () => {
    const at = await monitored()
    await go(at, 'dualwrite', 'down')
    await minuteOf(at, BAD)
    await turn(at)
    expect(await breaches(at)).toMatchObject([{ severity: 'critical', status: 'open' }])
    expect(await rollbacksOf(at)).toEqual([])
  })

  it('that only alerts moves nothing, and its alert is resolved when it is over', async () => {
    const at = await monitored({ action: 'alert', clearWindows: 1 })
    await minuteOf(at, BAD)
    await turn(at)
    expect(await breaches(at)).toMatchObject([{ status: 'open' }])
    await minuteOf(at, GOOD)
    await turn(at)
    expect(await stageOf(at)).toBe('live')
    expect(await breaches(at)).toMatchObject([{ status: 'resolved', history: [{}, { by: 'monitor' }] }])
    expect((await decisions(at)).map(({ event }) => event)).toEqual(['breached', 'cleared'])
  })

  it('is alerted once while it lasts, and again if it is resolved by hand and goes on', async () => {
    const at = await monitored({ action: 'alert' })
    for (let minute = 0; minute < 3; minute++) {
      await minuteOf(at, BAD)
      await turn(at)
    }
    const [alert] = await breaches(at)
    expect(alert).toMatchObject({ count: 3 })
    await moveAlert(at.context, alert?.id ?? '', 'resolve-alert', MOVER)
    await minuteOf(at, BAD)
    await turn(at)
    expect((await breaches(at)).map(({ status }) => status)).toEqual(['open', 'resolved'])
    expect((await decisions(at)).length).toBe(1)
  })

  it('with MCP_ENABLE_AUTO_ROLLBACK=false is an alert that says so, and acts once that is lifted', async () => {
    const at = await monitored()
    const off: EngineContext = { ...at.context, switches: { ...NO_SWITCHES, autoRollback: false } }
    await minuteOf(at, BAD)
    await turn(at, off)
    await turn(at, off)
    expect(await stageOf(at)).toBe('live')
    expect((await breaches(at))[0]?.message).toContain('MCP_ENABLE_AUTO_ROLLBACK is false')
    expect((await decisions(at)).map(({ action }) => action)).toEqual([
      { kind: 'withheld', because: 'auto-rollback-off' },
    ])
    await turn(at)
    expect(await stageOf(at)).toBe('dualwrite')
    expect((await decisions(at)).map(({ event }) => event)).toContain('acts')
  })

  it('after it was seen to needs new evidence, and waits for the cool-down before it acts again', async () => {
    const at = await monitored({ coolDownMinutes: 3 })
    await minuteOf(at, BAD)
    await turn(at)
    expect(await stageOf(at)).toBe('dualwrite')
    await go(at, 'live')
    await turn(at)
    expect(await stageOf(at)).toBe('live')
    await minuteOf(at, BAD)
    await turn(at)
    expect((await decisions(at)).at(-1)).toMatchObject({ action: { kind: 'withheld', because: 'cooling-down' } })
    await minuteOf(at, BAD)
    await minuteOf(at, BAD)
    await turn(at)
    expect(await stageOf(at)).toBe('dualwrite')
    expect((await rollbacksOf(at)).length).toBe(2)
  })

  it('is let go, and its alert resolved, when its rule is disarmed', async () => {
    const at = await monitored({ action: 'alert' })
    await minuteOf(at, BAD)
    await turn(at)
    await armRule(at.context, { name: 'error-rate', component: 'projects' }, false, MOVER)
    await turn(at)
    expect(await breaches(at)).toMatchObject([{ status: 'resolved' }])
    expect((await readStandings(at.context, 'projects')).standings['error-rate']).toBe(undefined)
  })
})

describe('no data', () => {
  it('is no pass and no breach, and nothing is kept of what was never measured', async () => {
    const at = await monitored()
    await turn(at)
    expect(await at.context.ledger.read(keyOfStandings('projects'))).toBe(null)
    expect(await breachEvidence(at.context, 'projects', START)).toBe(null)
    await minuteOf(at, GOOD)
    await turn(at)
    at.clock.time += 600_000
    await turn(at)
    const [first, second] = await decisions(at)
    expect([first?.outcome, second?.outcome, second?.because]).toEqual([
      'pass',
      'not-enough-evidence',
      'nothing-measured',
    ])
  })
})

describe('a rule for certain stages', () => {
  it('is not weighed at others', async () => {
    const at = await monitored({ stages: ['shadow'] })
    await minuteOf(at, BAD)
    await turn(at)
    expect((await decisions(at)).at(-1)).toMatchObject({ because: 'not-at-this-stage' })
    await put(at, { stages: ['live'] })
    await turn(at)
    expect(await stageOf(at)).toBe('dualwrite')
  })
})

describe('evidence of breaches', () => {
  it('counts rules that were weighed since, and those that breached since or still do', async () => {
    const at = await monitored({ action: 'alert', clearWindows: 1 })
    const before = at.clock.now()
    await minuteOf(at, BAD)
    await turn(at)
    const breached = await breachEvidence(at.context, 'projects', before)
    expect(breached?.breaches).toBeGreaterThanOrEqual(1)
    expect(breached?.weighed).toBeGreaterThan(5)
    at.clock.time += 600_000
    await minuteOf(at, GOOD)
    const later = at.clock.now()
    expect(await breachEvidence(at.context, 'projects', later)).toBe(null)
    await turn(at)
    expect(await breachEvidence(at.context, 'projects', later)).toMatchObject({ breaches: 0 })
  })
})

describe('whatever happens in between', () => {
  it('two instances at once: one decision, one rollback', async () => {
    const at = await monitored()
    await minuteOf(at, BAD)
    await Promise.all([turn(at), turn(at), turn(at)])
    expect((await decisions(at)).filter(({ event }) => event === 'breached').length).toBe(1)
    expect((await rollbacksOf(at)).length).toBe(1)
    expect((await breaches(at)).length).toBe(1)
    expect(await stageOf(at)).toBe('dualwrite')
  })

  it('a crash at any call of the ledger is made good by later turns, with one rollback for the decision', async () => {
    let crashes = 0
    for (let call = 1; ; call++) {
      const at = await monitored()
      await minuteOf(at, BAD)
      let calls = 0
      at.faults.before = (store) => {
        calls += store === 'ledger' ? 1 : 0
        if (store === 'ledger' && calls >= call) throw new CutoverError('unavailable', 'The instance is gone.')
      }
      await weighRules(at.context, at.clock.now() + 60_000).catch(() => {})
      await at.settled()
      at.faults.before = () => undefined
      const survived = calls < call
      at.clock.time += 20_000
      await turn(at)
      at.clock.time += 61_000 // whoever held the action is certainly gone
      await turn(at)
      await turn(at)
      await turn(at)
      expect([call, await stageOf(at)]).toEqual([call, 'dualwrite'])
      const begun = await rollbacksOf(at)
      const decided = (await decisions(at)).filter(({ action }) => action.kind === 'roll-back')
      expect([call, begun.map(({ decision }) => decision)]).toEqual([call, decided.map(({ id }) => id)])
      expect([call, begun.map(({ status }) => status)]).toEqual([call, ['completed']])
      if (survived) break
      crashes += 1
    }
    expect(crashes).toBeGreaterThan(8)
  })

  it('a ledger that has committed and does not answer is no second decision', async () => {
    const at = await monitored()
    await minuteOf(at, BAD)
    const { ledger } = at.context
    let commits = 0
    const deaf: EngineContext = {
      ...at.context,
      ledger: {
        ...ledger,
        commit: async (...of) => {
          const answer = await ledger.commit(...of)
          commits += 1
          if (commits === 1) throw new CutoverError('unavailable', 'No answer.')
          return answer
        },
      },
    }
    await turn(at, deaf)
    await turn(at)
    expect((await decisions(at)).filter(({ event }) => event === 'breached').length).toBe(1)
    expect((await rollbacksOf(at)).length).toBe(1)
    expect(await stageOf(at)).toBe('dualwrite')
  })

  it('a rollback that the ledger has not heard of yet is not one that has failed', async () => {
    const at = await monitored()
    await go(at, 'complete')
    await minuteOf(at, BAD)
    let down = true
    at.faults.before = (store, _, [of]) => {
      if (store !== 'ledger' || !down) return
      const keys = Array.isArray(of) ? of.map(({ key }: { key: string }) => key) : [of]
      if (keys.some((key) => /^rollback(-of)?\//.test(String(key)))) throw new CutoverError('unavailable', 'down')
    }
    await weighRules(at.context, at.clock.now() + 60_000)
    down = false
    for (let turns = 0; turns < 3; turns++) {
      await turn(at)
      const { standings } = await readStandings(at.context, 'projects')
      expect(standings['error-rate']?.action?.status).not.toBe('failed')
      await drain(at)
    }
    expect(await stageOf(at)).toBe('dualwrite')
    expect((await readStandings(at.context, 'projects')).standings['error-rate']?.action?.status).toBe('done')
  })

  it('metrics that do not answer are evidence of nothing', async () => {
    const at = await monitored()
    await minuteOf(at, BAD)
    const away = async (): Promise<never> => {
      throw new CutoverError('unavailable', 'No metrics.')
    }
    await turn(at, { ...at.context, metrics: { ...at.context.metrics, read: away } })
    expect(await decisions(at)).toEqual([])
    expect(await stageOf(at)).toBe('live')
  })

  it('a clock that is behind neither forgets a breach nor acts on it twice', async () => {
    const at = await monitored()
    await minuteOf(at, BAD)
    await turn(at)
    at.clock.time -= 30_000
    await turn(at)
    expect((await rollbacksOf(at)).length).toBe(1)
  })
})
