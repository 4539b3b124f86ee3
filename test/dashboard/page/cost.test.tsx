import { render } from 'preact-render-to-string'
import { expect, test } from 'vitest'
import { Cost, shownDollars } from '../../../lib/dashboard/page/cost.js'
import type { Part } from '../../../lib/dashboard/state.js'
import { costState, dashboardState } from '../fixtures.js'

function shown(cost: Part<'cost'> | null): string {
  return render(<Cost state={dashboardState({ cost, missing: [{ part: 'cost', code: 'timeout' }] })} />)
}

const estimate = {
  usd: 10,
  totalUsd: 14.5,
  commands: 5_000_000,
  messages: 100,
  seconds: 604_800,
  course: 'week' as const,
  collections: ['projects'],
  madeAt: '2026-11-20T12:00:00.000Z',
  madeFor: 'start-plan',
}
const { storageBytes: _, ...metered } = costState().soFar

test('what it has cost so far, lately and a month is told as lower bounds, with what is not counted', () => {
  const html = shown(costState())
  expect(html).toContain('So far, at least')
  expect(html).toContain('$2.41')
  expect(html).toContain('1,204,000 commands, 310 messages')
  expect(html).toContain('$72.00')
  expect(html).toContain('Storage in Redis.')
})

test('without an estimate there is nothing to hold it against', () => {
  expect(shown(costState())).toContain('No estimate was kept')
  expect(shown(costState())).not.toContain('<progress')
})

test('against an estimate it is a share of it', () => {
  const html = shown(costState({ estimate, sinceEstimate: { ...metered, usd: 2.5 }, share: 0.25 }))
  expect(html).toMatch(/<strong>\$2\.50<\/strong> of \$10\.00 estimated \(25 %\)/)
  expect(html).toMatch(/<progress [^>]*value="0.25"/)
  expect(html).toContain('$14.50')
})

test('more than was estimated is said in words, and the bar is full', () => {
  const html = shown(costState({ estimate, sinceEstimate: { ...metered, usd: 13 }, share: 1.3 }))
  expect(html).toContain('(130 %): more than was estimated')
  expect(html).toMatch(/<progress [^>]*value="1"/)
})

test('what was not metered, or not read, is no nought', () => {
  const nothing = { ...costState().soFar, usd: null, commands: null }
  expect(shown(costState({ soFar: nothing }))).toContain('Nothing was metered yet')
  expect(shown(null)).toContain('could not be read just now (timeout)')
  expect([null, 0, 0.00001, 0.0042, 1234.5].map(shownDollars)).toEqual([
    '–',
    '$0.00',
    '<$0.0001',
    '$0.0042',
    '$1,234.50',
  ])
})
