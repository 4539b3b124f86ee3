import { render } from 'preact-render-to-string'
import { describe, expect, test } from 'vitest'
import { Audit } from '../../../lib/dashboard/page/audit.js'
import { changeInWords } from '../../../lib/dashboard/page/audit-words.js'
import type { Part } from '../../../lib/dashboard/state.js'
import { auditEntry, dashboardState } from '../fixtures.js'

function shown(audit: Part<'audit'> | null): string {
  return render(<Audit state={dashboardState({ audit, missing: [{ part: 'audit', code: 'unavailable' }] })} />)
}

describe('what an entry has changed', () => {
  test('is told member by member, what is the same left out', () => {
    const after = { stage: 'live', rolloutPercent: 10, epoch: 3, on: true }
    expect(changeInWords({ stage: 'shadow', rolloutPercent: 100, on: true }, after)).toBe(
      'stage shadow → live, rollout percent 100 → 10, epoch 3',
    )
    expect(changeInWords({ killed: false, why: 'x' }, { killed: true })).toBe('killed no → yes, why x, no more')
    expect(changeInWords(null, { status: 'open' })).toBe('status open')
    expect(changeInWords(null, null)).toBe('')
  })

  test('is left to the details where it is more than a line', () => {
    expect(changeInWords(null, { counters: { read: 7 } })).toBeNull()
    expect(changeInWords(null, [1])).toBeNull()
    expect(changeInWords({}, { a: 1, b: 2, c: 3, d: 4, e: 5 })).toBeNull()
    expect(changeInWords({}, { note: 'x'.repeat(200) })).toBeNull()
  })
})

test('an entry says when in which zone, who, what, of which collection, why, and what has changed', () => {
  const html = shown({ items: [auditEntry()], next: null })
  expect(html).toContain('11:30:00 UTC')
  expect(html).toMatch(/<strong>advance-stage<\/strong> projects/)
  expect(html).toContain('by ada')
  expect(html).toContain('the copy is whole')
  expect(html).toContain('stage dualwrite → shadow, epoch 2')
})

test('what does not fit on a line is in the details, as text', () => {
  const html = shown({ items: [auditEntry({ before: null, after: { deep: { text: '<img src=x>' } } })], next: null })
  expect(html).toContain('What changed')
  expect(html).toContain('&lt;img src=x>')
  expect(html).toContain('nothing')
})

test('reasons and names are text', () => {
  const html = shown({ items: [auditEntry({ reason: '<b>now</b>', by: '"><script>' })], next: null })
  expect(html).not.toMatch(/<b>|<script/)
})

test('without JavaScript it is said where older entries are', () => {
  expect(shown({ items: [auditEntry()], next: '9-0' })).toContain('list-audit')
  expect(shown({ items: [auditEntry()], next: null })).not.toContain('list-audit')
})

test('that nothing was changed is not said where it could not be read', () => {
  expect(shown({ items: [], next: null })).toContain('Nothing was changed yet')
  expect(shown(null)).toContain('could not be read just now (unavailable)')
  expect(shown(null)).not.toContain('Nothing was changed yet')
})
