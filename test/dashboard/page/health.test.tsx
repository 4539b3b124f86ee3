import { render } from 'preact-render-to-string'
import { describe, expect, test } from 'vitest'
import { Health } from '../../../lib/dashboard/page/health.js'
import type { DashboardState, Part } from '../../../lib/dashboard/state.js'
import { dashboardState } from '../fixtures.js'

type Breaker = Part<'breakers'>['items'][number]

const HERE = { state: 'closed', because: null, opened: 0, refused: 0, forMs: 20_000 }

function breaker(members: Partial<Breaker> = {}): Breaker {
  return { store: 'target', here: HERE, shared: null, forced: null, ...members }
}

function shown(members: Partial<DashboardState>): string {
  return render(<Health state={dashboardState(members)} />)
}

function ofBreaker(members: Partial<Breaker>): string {
  return shown({ breakers: { items: [breaker(members)] } })
}

test('what is not well is told in sentences', () => {
  const html = shown({ health: { healthy: false, issues: ['The target of <i>x</i> does not answer.', 'Another.'] } })
  expect(html).toContain('2 issues')
  expect(html).toContain('The target of &lt;i>x&lt;/i> does not answer.')
  expect(shown({})).toContain('no alert is unattended')
})

test('what could not be read is not well', () => {
  const html = shown({ health: null, breakers: null, emergencyStop: null })
  expect(html.match(/could not be read just now/g)).toHaveLength(3)
  expect(html).not.toContain('pill good')
})

describe('whether a store is asked', () => {
  test('is told of every state of its breaker', () => {
    expect(ofBreaker({})).toContain('This instance asks it as usual for 20 s.')
    const open = { ...HERE, state: 'open', because: 'too-many-failures', opened: 1, refused: 12 }
    expect(ofBreaker({ here: open })).toContain('does not ask it for 20 s: too many failures.')
    expect(ofBreaker({ here: open })).toContain('not asked')
    expect(ofBreaker({ here: { ...HERE, state: 'half-open' } })).toContain('one harmless question')
  })

  test('is told by whose order it is not', () => {
    const html = ofBreaker({ forced: { by: 'ada', reason: 'maintenance', at: Date.parse('2026-11-21T11:00:00Z') } })
    expect(html).toContain('left alone by order')
    expect(html).toContain('Left alone by order of ada')
    expect(html).toContain('maintenance')
  })

  test('is told of other instances, and that it is not known of them', () => {
    const at = Date.parse('2026-11-21T11:00:00Z')
    const shared = {
      state: 'open' as const,
      because: 'timeouts',
      since: at,
      by: 'x',
      attempt: 3,
      nextAt: at,
      lease: null,
    }
    expect(ofBreaker({ shared })).toContain('that it fails (timeouts)')
    expect(ofBreaker({ shared: 'unreachable' })).toContain('What other instances know of it cannot be told now.')
    expect(ofBreaker({ here: null })).toContain('not known')
  })
})

test('an emergency stop says who, when, why, and what is not done yet', () => {
  const html = shown({
    emergencyStop: {
      kind: 'stopped',
      stopId: 's',
      state: 'failed',
      since: '2026-11-21T11:00:00.000Z',
      by: 'eve',
      reason: 'records <lost>',
      again: [{ at: '2026-11-21T11:10:00.000Z', by: 'bob', reason: 'still' }],
      open: ['runs'],
    },
  })
  expect(html).toContain('Everything is stopped')
  expect(html).toContain('by eve: records &lt;lost>')
  expect(html).toContain('last by bob')
  expect(html).toContain('Not done yet: runs.')
})
