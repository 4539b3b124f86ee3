import { expect, test } from 'vitest'
import { addTo, failureText, mishapsIn, noTotals, summaryText } from './report.js'
import { scenarioOf } from './scenario.js'
import type { Shrunk } from './shrink.js'

const counts = { lost: 3, kill: 1, stageChanges: 7, runs: 0, ticks: 20 }

test('a summary counts what was injected apart from what is ordinary', () => {
  const totals = noTotals()
  addTo(totals, { operations: 600, counts })
  addTo(totals, { operations: 700, counts: { ...counts, late: 2 } })
  expect(mishapsIn(totals)).toBe(10)
  const text = summaryText(totals, 4, 2)
  expect(text).toContain('2 histories, 1,300 operations, 10 faults injected, in 4.0 s (0.5 histories/s, 2 workers)')
  expect(text).toMatch(/lost +6\n/)
  expect(text).toMatch(/ticks +40\n/)
})

test('a failure is told with what plays it again, and a trace that can be read', () => {
  const fence = { epoch: 3, ranges: [{ stage: 'shadow', until: 10_000 }] }
  const text = failureText(
    7,
    shrunk([`1.0  s1 target.raise ${JSON.stringify([fence])}`, JSON.stringify({ text: JSON.stringify(fence) })]),
  )
  expect(text).toContain('Seed 7 fails. Shrunk in 40 replays from 50 operations and 9 injected faults to 3 and 1')
  expect(text).toContain('1.0  s1 target.raise [<fence 3 shadow>]\n{"text":"<fence 3 shadow>"}')
  expect(text).toContain('The stores differ in a.')
  expect(text).toContain('--seed 7')
  const printed = /--scenario '(.*)'/.exec(text)?.[1] ?? ''
  expect(JSON.parse(printed)).toEqual({ ...scenarioOf(7), only: ['s1/2'] })
})

test('of a long trace the end is told', () => {
  const trace = Array.from({ length: 1_200 }, (_, at) => `${at} ${'x'.repeat(600)}`)
  const lines = failureText(7, shrunk(trace)).split('\n')
  expect(lines).toContain('(200 lines before)')
  expect(lines.find((line) => line.startsWith('200 '))?.length).toBeLessThan(420)
  expect(lines.some((line) => line.startsWith('199 '))).toBe(false)
})

function shrunk(trace: string[]): Shrunk {
  return {
    scenario: { ...scenarioOf(7), only: ['s1/2'] },
    outcome: { faults: ['The stores differ in a.'], operations: 3, trace, mishaps: ['s1/2'], counts },
    replays: 40,
    complete: true,
    was: { operations: 50, mishaps: 9 },
    is: { operations: 3, mishaps: 1 },
  }
}
