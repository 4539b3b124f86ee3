import { render } from 'preact-render-to-string'
import { describe, expect, test } from 'vitest'
import { Thresholds } from '../../../lib/dashboard/page/thresholds.js'
import { atFirst, byCloseness, nearness } from '../../../lib/dashboard/page/thresholds-order.js'
import type { Part } from '../../../lib/dashboard/state.js'
import { dashboardState, monitorRule } from '../fixtures.js'

const far = monitorRule({ rule: 'far', closeness: 0.1 })
const near = monitorRule({ rule: 'near', closeness: 0.8 })
const breached = monitorRule({ rule: 'breached', closeness: 0.6, status: 'breached', outcome: 'breach' })
const silent = monitorRule({
  rule: 'silent',
  closeness: null,
  value: null,
  outcome: 'not-enough-evidence',
  inWords: 'not enough evidence: 3 of 20 operations',
})
const off = monitorRule({ rule: 'off', armed: false, closeness: null, inWords: 'not armed' })

function shown(monitor: Part<'monitor'> | null): string {
  return render(<Thresholds state={dashboardState({ monitor, missing: [{ part: 'monitor', code: 'timeout' }] })} />)
}

describe('the order of rules', () => {
  test('is the nearest first, what is breached before all, without evidence after it, not armed last', () => {
    const [first, second] = byCloseness([
      { component: 'quiet', rules: [off, far] },
      { component: 'projects', rules: [silent, far, off, near, breached] },
    ])
    expect(first?.component).toBe('projects')
    expect(first?.rules.map(({ rule }) => rule)).toEqual(['breached', 'near', 'far', 'silent', 'off'])
    expect(second?.rules.map(({ rule }) => rule)).toEqual(['far', 'off'])
  })

  test('leaves out components without rules', () => {
    expect(byCloseness([{ component: 'projects', rules: [] }])).toEqual([])
  })

  test('shows some at first, and never hides a breach', () => {
    const many = Array.from({ length: 20 }, (_, number) => monitorRule({ rule: `r${number}`, status: 'breached' }))
    expect(atFirst([{ component: 'projects', rules: [...many, far] }]).first[0]?.rules).toHaveLength(20)
    const calm = Array.from({ length: 20 }, (_, number) => monitorRule({ rule: `r${number}` }))
    const { first, rest } = atFirst([{ component: 'projects', rules: [...calm, silent] }])
    expect([first[0]?.rules.length, rest[0]?.rules.length]).toEqual([8, 13])
  })
})

test('nearness is told in steps; what is beyond but not proven is no breach', () => {
  const told = [0, 0.69, 0.7, 0.9, 1, 7].map((closeness) => nearness(monitorRule({ closeness })))
  expect(told).toEqual(['far', 'far', 'near', 'very-near', 'at-the-limit', 'at-the-limit'])
  expect([breached, silent, off].map(nearness)).toEqual(['beyond', 'no-evidence', 'not-armed'])
})

test('a rule is a labelled meter with what it was weighed on and what would follow', () => {
  const html = shown([{ component: 'projects', rules: [near] }])
  expect(html).toMatch(/<meter [^>]*value="0.8"[^>]*aria-valuetext="80 % of the way, p95 120 ms of 500 ms"/)
  expect(html).toContain('p95 120 ms of 500 ms')
  expect(html).toContain('On a breach: critical alert, back to dualwrite.')
})

test('without evidence there is no meter: it would look like a nought', () => {
  const html = shown([{ component: 'projects', rules: [silent] }])
  expect(html).not.toContain('<meter')
  expect(html).toContain('not enough evidence: 3 of 20 operations')
  expect(html).toContain('Nothing was weighed on enough evidence yet')
  expect(html).toContain('1 without enough evidence')
})

test('what the latest breach has led to is said', () => {
  const action = (status: string, because: string) => ({ action: { status, because, rollbackId: null } })
  const of = (members: object) => shown([{ component: 'projects', rules: [monitorRule(members)] }])
  expect(of(action('done', 'breach'))).toContain('The last breach was acted on.')
  expect(of(action('under-way', 'breach'))).toContain('It is being acted on.')
  expect(of(action('withheld', 'cooling-down'))).toContain('was not acted on: withheld, cooling down.')
})

test('a rule that is not armed says that nothing follows', () => {
  expect(shown([{ component: 'projects', rules: [off] }])).toContain('Nothing follows while it is not armed.')
})

test('what could not be read is not shown as if there were no rules', () => {
  expect(shown(null)).toContain('could not be read just now (timeout)')
  expect(shown([])).toContain('No rule watches anything here')
})

test('what a rule is called is text', () => {
  expect(shown([{ component: '<b>x</b>', rules: [monitorRule({ description: '"><script>' })] }])).not.toMatch(
    /<b>|<script/,
  )
})
