import { render } from 'preact-render-to-string'
import { describe, expect, test } from 'vitest'
import { Alerts, byUrgency } from '../../../lib/dashboard/page/alerts.js'
import { type Steering, Steers } from '../../../lib/dashboard/page/steering.js'
import type { DashboardState } from '../../../lib/dashboard/state.js'
import { alertState, dashboardState, monitorRule } from '../fixtures.js'

function shown(members: Partial<DashboardState>, role: Steering['role'] = 'operator'): string {
  const steering: Steering = { role, zone: 'UTC', nowMs: Date.parse('2026-11-21T12:00:00.000Z'), ask: () => {} }
  return render(
    <Steers.Provider value={steering}>
      <Alerts state={dashboardState(members)} />
    </Steers.Provider>,
  )
}

const acknowledged = alertState({
  id: 'a',
  status: 'acknowledged',
  acknowledgedBy: 'ada',
  at: '2026-11-21T11:59:00.000Z',
  history: [{ to: 'acknowledged', at: '2026-11-21T11:59:30.000Z', by: 'ada', reason: 'looking at it' }],
})

test('the gravest come first, of those what nobody has taken on, of those the newest', () => {
  const older = alertState({ id: 'older', at: '2026-11-21T11:00:00.000Z' })
  const newer = alertState({ id: 'newer', at: '2026-11-21T11:50:00.000Z', status: 'escalated' })
  const info = alertState({ id: 'info', severity: 'info' })
  const warning = alertState({ id: 'warning', severity: 'warning' })
  const sorted = byUrgency([info, acknowledged, older, warning, newer])
  expect(sorted.map(({ id }) => id)).toEqual(['newer', 'older', 'a', 'warning', 'info'])
})

describe('an alert', () => {
  test('says since when, why, and that nobody has acknowledged it', () => {
    const html = shown({ alerts: { items: [alertState({ escalatesAt: '2026-11-21T12:13:00.000Z' })], next: null } })
    expect(html).toContain('The p95 of projects was 620 ms, above 500 ms.')
    expect(html).toContain('11:58:00 UTC')
    expect(html).toContain('(2 min ago)')
    expect(html).toContain('Nobody has acknowledged it; it is escalated at')
    expect(html).toContain('1 critical')
  })

  test('is acknowledged and resolved by an operator, not by a viewer', () => {
    const alerts = { items: [alertState()], next: null }
    expect(shown({ alerts })).toMatch(/data-act="acknowledge-alert".*data-act="resolve-alert"/s)
    expect(shown({ alerts }, 'viewer')).not.toContain('data-act')
  })

  test('that somebody has acknowledged says who and why, and is not acknowledged again', () => {
    const html = shown({ alerts: { items: [acknowledged], next: null } })
    expect(html).toContain('Acknowledged by ada')
    expect(html).toContain('looking at it')
    expect(html).not.toContain('data-act="acknowledge-alert"')
    expect(html).toContain('data-act="resolve-alert"')
  })

  test('is text, whatever it says', () => {
    expect(shown({ alerts: { items: [alertState({ message: '<script>1</script>' })], next: null } })).not.toContain(
      '<script>',
    )
  })
})

describe('that no alert is open', () => {
  const none = { alerts: { items: [], next: null } }

  test('is said with who is watching', () => {
    const html = shown({ ...none, monitor: [{ component: 'projects', rules: [monitorRule()] }] })
    expect(html).toContain('No alert is open. 1 armed rule is watching, weighed last at')
  })

  test('is said with a warning where nobody is', () => {
    const rules = [monitorRule({ armed: false })]
    expect(shown({ ...none, monitor: [{ component: 'projects', rules }] })).toContain('But no rule is armed')
    expect(shown({ ...none, monitor: null })).toContain('Whether rules are watching could not be told')
  })

  test('is not said where they could not be read', () => {
    const html = shown({ alerts: null, missing: [{ part: 'alerts', code: 'unavailable' }] })
    expect(html).toContain('could not be read just now (unavailable)')
    expect(html).not.toContain('No alert is open')
  })
})

test('more than are shown are not passed over', () => {
  expect(shown({ alerts: { items: [alertState()], next: '20261121120000-a' } })).toContain('there are more')
})
