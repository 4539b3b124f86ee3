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

function movingOf(usd: number, share: number): Part<'cost'> {
  const spent = (dollars: number) => ({ commands: 1, messages: 0, usd: dollars })
  const rest = { soFar: spent(7), sinceEstimate: spent(6), estimated: null }
  return costState({
    estimate,
    sinceEstimate: { ...metered, usd: usd + 6 },
    spentFor: [
      { purpose: 'moving', soFar: spent(usd), sinceEstimate: spent(usd), estimated: spent(8) },
      { purpose: 'traffic', ...rest },
    ],
    share,
  })
}

test('moving is told as a share of what was estimated for moving, and traffic beside it', () => {
  const html = shown(movingOf(2, 0.25))
  expect(html).toMatch(/Moving: <strong>\$2\.00<\/strong> of \$8\.00 estimated \(25 %\)/)
  expect(html).toMatch(/<progress [^>]*value="0.25"/)
  expect(html).toContain('$14.50')
  expect(html).toMatch(
    /reads and writes of the application<\/th><td[^>]*>\$7\.00<\/td><td[^>]*>\$6\.00<\/td><td[^>]*>–</,
  )
})

test('more than was estimated is said with its reason, and the bar is full', () => {
  const html = shown(movingOf(10.4, 1.3))
  expect(html).toContain('(130 %): more than moving once, as repeated runs, validations and rollbacks count too')
  expect(html).toMatch(/<progress [^>]*value="1"/)
})

test('what cannot be told apart has no percentage', () => {
  const html = shown(costState({ estimate, sinceEstimate: { ...metered, usd: 13 } }))
  expect(html).toContain('so there is no percentage')
  expect(html).not.toMatch(/estimated \(\d/)
  expect(html).not.toContain('<progress')
})

test('a month at the rate of a few minutes is too short to say', () => {
  const html = shown(costState({ rateOverSeconds: null, perMonthAtThisRate: null }))
  expect(html).toContain('too short to say')
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
