import { render } from 'preact-render-to-string'
import { describe, expect, it, test } from 'vitest'
import { Parts } from '../../../lib/dashboard/page/parts.js'
import { type Steering, Steers } from '../../../lib/dashboard/page/steering.js'
import type { Part } from '../../../lib/dashboard/state.js'
import { dashboardState } from '../fixtures.js'

type Component = Part<'components'>[number]

const none = { operations: 0, errors: 0, p50Ms: null, p95Ms: null, p99Ms: null }
const search: Component = {
  name: 'search',
  kind: 'flag',
  flag: 'new-search',
  description: '',
  stage: null,
  rolloutPercent: 25,
  health: 'good',
  plan: null,
  paths: [
    { ...none, path: 'legacy', sharePercent: 75, operations: 200, errors: 2, p50Ms: 12, p95Ms: 40 },
    { ...none, path: 'new', sharePercent: 25 },
  ],
}

function shown(members: Partial<Component>, role: Steering['role'] = 'operator'): string {
  const steering: Steering = { role, zone: 'UTC', nowMs: 0, ask: () => {} }
  const state = dashboardState({ components: [{ ...search, ...members }] })
  return render(
    <Steers.Provider value={steering}>
      <Parts state={state} />
    </Steers.Provider>,
  )
}

describe('a switched part', () => {
  const modes: [percent: number | null, mode: string][] = [
    [0, 'legacy only'],
    [25, 'gradual: 25 % new'],
    [100, 'new only'],
    [null, 'share not known'],
  ]
  it.each(modes)('with %s %% on the new path is called %s', (rolloutPercent, mode) => {
    expect(shown({ rolloutPercent })).toContain(mode)
  })

  it('has both paths beside each other, and what was not measured is no nought', () => {
    const [, legacy = '', fresh = ''] = shown({}).split('<th scope="row">')
    expect(legacy.match(/[\d.]+ (%|ms)/g)).toEqual(['75 %', '1 %', '12 ms', '40 ms'])
    expect(fresh).toContain('–')
    expect(fresh).not.toContain('0 ms')
  })

  it('is steered by whoever may, where it is known how it stands', () => {
    for (const act of ['set-share', 'roll-back-part']) {
      expect(shown({})).toContain(`data-act="${act}"`)
      expect(shown({}, 'viewer')).not.toContain(act)
      expect(shown({ rolloutPercent: null })).not.toContain(act)
    }
  })

  it('says whether it keeps within its limits, and when nobody can tell', () => {
    expect(shown({ health: 'in-breach' })).toContain('in breach')
    expect(shown({ health: 'unknown' })).toContain('not enough evidence')
  })
})

test('without a switched part there is no panel, nor with collections alone, nor where they cannot be read', () => {
  for (const components of [[], [{ ...search, kind: 'collection' as const }], null])
    expect(render(<Parts state={dashboardState({ components })} />)).toBe('')
})
