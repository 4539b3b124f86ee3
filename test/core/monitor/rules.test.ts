import { describe, expect, it } from 'vitest'
import type { Component } from '../../../lib/core/component.js'
import { rulesOf } from '../../../lib/core/monitor/apply.js'
import { checkRule } from '../../../lib/core/monitor/check-rule.js'
import { type Decision, eventOf } from '../../../lib/core/monitor/decision.js'
import { DEFAULT_RULES, SHIPPED_RULES } from '../../../lib/core/monitor/default-rules.js'
import { explain } from '../../../lib/core/monitor/explain.js'
import { replay } from '../../../lib/core/monitor/replay.js'
import type { Rule } from '../../../lib/core/monitor/rule.js'
import { weigh } from '../../../lib/core/monitor/weigh.js'
import { NOW, rule, steady } from './values.js'

const PROJECTS: Component = { name: 'projects', kind: 'collection', collection: 'projects' }
const SEARCH: Component = { name: 'search', kind: 'flag', flag: 'search', description: '' }

describe('the rules that are shipped', () => {
  it('are accepted as they are, each under a name of its own', () => {
    for (const one of SHIPPED_RULES) expect(checkRule(one)).toBe(one)
    expect(new Set(SHIPPED_RULES.map(({ name }) => name)).size).toBe(SHIPPED_RULES.length)
  })

  it('are the triggers that were asked for', () => {
    const limits = DEFAULT_RULES.map(({ metric, operator, threshold, action }) => [metric, operator, threshold, action])
    expect(limits).toEqual(
      expect.arrayContaining([
        ['error-rate', '>', 0.01, 'roll-back'],
        ['p95-ms', '>', 500, 'roll-back'],
        ['memory-share', '>', 0.9, 'roll-back'],
        ['dropped-connection-rate', '>', 0.01, 'roll-back'],
        ['p50-ms', '>', 0.2, 'roll-back'],
      ]),
    )
    expect(SHIPPED_RULES.filter(({ armed }) => !armed).map(({ name }) => name)).toContain('work-success')
  })
})

describe('which rules a component has', () => {
  const latency = (more: Partial<Rule>): Rule => rule({ name: 'latency', metric: 'p95-ms', ...more })
  const found = (component: Component, ...stored: Rule[]): number | undefined =>
    rulesOf(component, stored, [latency({ threshold: 1 })]).find(({ name }) => name === 'latency')?.threshold

  it('what is stored before what is shipped, what is for it before what is for all', () => {
    const forAll = latency({ threshold: 2 })
    const forOne = latency({ threshold: 3, component: 'projects' })
    expect(found(PROJECTS)).toBe(1)
    expect(found(PROJECTS, forAll)).toBe(2)
    expect(found(PROJECTS, forOne, forAll)).toBe(3)
    expect(found(PROJECTS, forAll, forOne)).toBe(3)
    expect(found(SEARCH, forAll, forOne)).toBe(2)
  })

  it('those of its kind, on its own paths', () => {
    const ofParts = latency({ kind: 'flag', path: 'target', relativeTo: 'source' })
    expect(rulesOf(PROJECTS, [], [ofParts])).toEqual([])
    expect(rulesOf(SEARCH, [], [ofParts])).toMatchObject([{ path: 'new', relativeTo: 'legacy' }])
    expect(rulesOf(PROJECTS, [], [latency({ path: 'new' })])).toMatchObject([{ path: 'target' }])
  })
})

it.each([
  [{ name: 'Mine' }, 'The name'],
  [{ metric: 'p42-ms' }, 'There is no metric "p42-ms"'],
  [{ metric: 'ratio:a' }, 'There is no metric'],
  [{ threshold: Number.NaN }, 'A threshold is a number'],
  [{ windowMinutes: 0 }, 'longer than 0'],
  [{ windowMinutes: 1_000, clearWindows: 2 }, 'at most 1440 minutes'],
  [{ breachWindows: 11 }, 'from 1 to 10'],
  [{ confidence: 1 }, 'The confidence'],
  [{ clearThreshold: 0.5 }, 'on the good side'],
  [{ leastDifference: 5 }, 'relativeTo'],
  [{ relativeTo: 'source' }, 'two paths'],
  [{ metric: 'memory-share', path: 'target', relativeTo: 'source' }, 'belongs to no path'],
  [{ component: 'No One' }, 'The component'],
] as const)('%j is not accepted: %s', (more, words) => {
  expect(() => checkRule(rule(more as Partial<Rule>))).toThrow(words)
})

describe('why', () => {
  const traffic = steady(60, 0, { count: 500, errors: 100 })
  const weighed = weigh(rule({ path: 'target' }), null, traffic, NOW)
  const decision: Decision = {
    id: 'one',
    at: NOW,
    component: 'projects',
    rule: rule({ path: 'target', action: 'roll-back' }),
    event: 'breached',
    before: null,
    action: { kind: 'roll-back', to: 'dualwrite' },
    alert: null,
    ...weighed,
  }

  it('is told in sentences with numbers, limit and consequence', () => {
    const words = explain(decision)
    expect(words).toContain('error-rate on the target > 1 % over 1 min is a breach, at 99 % confidence')
    expect(words).toMatch(/it was 20 % \(600 of 3000\), at least 18\.\d % and at most 21\.\d %/)
    expect(words).toContain('the whole interval lies beyond the threshold')
    expect(words).toContain('projects is rolled back to dualwrite.')
  })

  it('says so where nothing was measured, or nothing is done', () => {
    expect(explain({ ...decision, ...weigh(rule(), null, [], NOW) })).toContain('neither good nor bad')
    const off: Decision = { ...decision, action: { kind: 'withheld', because: 'auto-rollback-off' } }
    expect(explain(off)).toContain('MCP_ENABLE_AUTO_ROLLBACK is false')
    const cooling: Decision = { ...decision, action: { kind: 'withheld', because: 'cooling-down' } }
    expect(explain(cooling)).toContain('cools down')
  })

  it('what came to the same is kept once an hour', () => {
    const pass = weigh(rule(), null, steady(60, 0, { count: 500 }), NOW)
    expect(eventOf(null, pass, false, NOW)).toBe('changed')
    const standing = { status: 'clear', outcome: 'pass', storedAt: NOW } as never
    expect(eventOf(standing, pass, false, NOW + 3_599_000)).toBe(null)
    expect(eventOf(standing, pass, false, NOW + 3_600_000)).toBe('unchanged')
    expect(eventOf(standing, weighed, false, NOW)).toBe('breached')
  })
})

describe('a replay', () => {
  const good = { count: 500 }
  const history = [
    ...steady(1800, 900, good),
    ...steady(900, 600, { count: 500, errors: 100 }),
    ...steady(600, 0, good),
  ]
  const span = { from: NOW - 1_700_000, to: NOW, stepMs: 10_000 }

  it('says when it would have breached, acted and cleared', () => {
    const alerts = replay(rule(), 'projects', history, span)
    expect(alerts.decisions.map(({ event, at }) => [event, (at - NOW) / 1000])).toEqual([
      ['changed', -1700],
      ['breached', -890],
      ['changed', -540],
      ['cleared', -480],
    ])
    expect(alerts.rollbacks).toBe(0)
    expect(alerts.outcomes.breach + alerts.outcomes.pass + alerts.outcomes['not-enough-evidence']).toBe(alerts.weighed)
    expect(alerts.decisions[1]?.sentence).toContain('it is a breach')
  })

  it('acts once in a cool-down', () => {
    const often = replay(rule({ action: 'roll-back', coolDownMinutes: 0 }), 'projects', history, span)
    const seldom = replay(rule({ action: 'roll-back', coolDownMinutes: 60 }), 'projects', history, span)
    expect(often.rollbacks).toBeGreaterThan(1)
    expect(seldom.rollbacks).toBe(1)
  })

  it('of nothing comes to nothing', () => {
    const nothing = replay(rule({ action: 'roll-back' }), 'projects', [], span)
    expect(nothing.outcomes).toEqual({ pass: 0, breach: 0, 'not-enough-evidence': 171 })
  })
})
