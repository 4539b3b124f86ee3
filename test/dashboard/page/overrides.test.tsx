import { describe, expect, test } from 'vitest'
import { Overrides } from '../../../lib/dashboard/page/overrides.js'
import type { DashboardState, Part } from '../../../lib/dashboard/state.js'
import { HOSTILE, shownPart } from '../shown.js'

type Override = Part<'overrides'>[number]

const QUIET = 'Nothing overrides anything'
const shown = (members: Partial<DashboardState>) => shownPart(Overrides, members)

function override(members: Partial<Override> = {}): Override {
  return {
    variable: 'MCP_MIGRATION_MODE',
    value: 'safe',
    inForce: true,
    effect: 'Nothing goes further than live.',
    ceiling: 'live',
    against: [],
    ...members,
  }
}

const stopped: Extract<Part<'emergencyStop'>, { kind: 'stopped' }> = {
  kind: 'stopped',
  stopId: 's',
  state: 'failed',
  since: '2026-11-21T11:59:00.000Z',
  by: 'ada',
  reason: 'the house is on fire',
  again: [],
  open: [],
}

describe('what is forced', () => {
  test('by a variable names it, its effect, and what stands against it', () => {
    const { text } = shown({ overrides: [override({ against: ['projects', 'resources'] })] })
    expect(text).toContain('MCP_MIGRATION_MODE=safe')
    expect(text).toContain('Nothing goes further than live.')
    expect(text).toContain('stands against projects, resources')
    expect(text).not.toContain(QUIET)
  })

  test('by an emergency stop names who, when, why and what is not done, and how it is lifted', () => {
    const { text, html, acts } = shownPart(
      Overrides,
      {
        emergencyStop: {
          ...stopped,
          open: ['flags', 'runs'],
          again: [{ at: stopped.since, by: 'bob', reason: 'too' }],
        },
      },
      'admin',
    )
    expect(text).toContain('By ada at 11:59:00 UTC (1 min ago): the house is on fire')
    expect(text).toContain('Not done yet: flags, runs.')
    expect(text).toContain('Called for once more')
    expect(html).toContain('class="panel bad"')
    expect(acts).toEqual(['lift-emergency-stop'])
    expect(shown({ emergencyStop: { ...stopped, open: [] } }).text).toContain('All of it is done.')
  })

  test('by order on a store names who and why', () => {
    const forced = { by: 'ada', reason: 'it is being moved', at: Date.parse('2026-11-21T11:58:00.000Z') }
    const { text } = shown({ breakers: { items: [{ store: 'target', here: null, shared: null, forced }] } })
    expect(text).toContain('The target is left alone')
    expect(text).toContain('By order of ada at 11:58:00 UTC (2 min ago): it is being moved')
    const away = shown({ breakers: { items: [{ store: 'source', here: null, shared: null, forced: 'unreachable' }] } })
    expect(away.text).toContain('Whether the source is left alone by order could not be read.')
    expect(away.text).not.toContain(QUIET)
  })

  test('runs nothing of what others wrote', () => {
    const { html, text } = shown({ emergencyStop: { ...stopped, reason: HOSTILE, by: HOSTILE } })
    expect(html).not.toMatch(/<script|<img/)
    expect(text).toContain(HOSTILE)
  })
})

test('where nothing is, it is said in one sentence, with the variables that could', () => {
  const { text } = shown({
    overrides: [override({ inForce: false, value: null, effect: 'Not set: it forces nothing.' })],
  })
  expect(text).toContain(QUIET)
  expect(text).toContain('MCP_MIGRATION_MODE Not set: it forces nothing.')
})

test('where any of it cannot be told, nothing is said to be free', () => {
  for (const part of ['overrides', 'emergencyStop', 'breakers'] as const) {
    const { text } = shown({ [part]: null, missing: [{ part, code: 'unavailable' }] })
    expect(text).toContain('could not be read just now (unavailable)')
    expect(text).not.toContain(QUIET)
  }
})
