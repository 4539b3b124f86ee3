import { describe, expect, test } from 'vitest'
import { Rollbacks } from '../../../lib/dashboard/page/rollbacks.js'
import { HOSTILE, shownPart } from '../shown.js'
import { rollbackState, rollbacksOf } from '../work-fixtures.js'

const shown = (members: Parameters<typeof rollbackState>[0]) =>
  shownPart(Rollbacks, rollbacksOf(rollbackState(members)))

describe('a rollback', () => {
  test('says what, from where to where, when, how long, by whom, why, and what came of it', () => {
    const { text } = shown({})
    expect(text).toContain('projects live (50 % of reads at the target) → to shadow in 2 s completed')
    expect(text).toContain('11:55:00 UTC (5 min ago) · by ada p95 doubled')
    expect(text).toContain('bring to the source what it lacks: done The back-fill run-7 has passed 12 records.')
  })

  test('tells its cause in words', () => {
    const cause = (kind: 'trigger' | 'program' | 'emergency-stop' | 'override') => shown({ cause: { kind } }).text
    expect(cause('trigger')).toContain('a rule was breached, by ada')
    expect(cause('program')).toContain('its program turned back, by ada')
    expect(cause('emergency-stop')).toContain('emergency stop, by ada')
    expect(cause('override')).toContain('forced by the environment, by ada')
    const byRule = shown({ cause: { kind: 'trigger', decision: 'd-1' }, reason: 'latency is breached (decision d-1)' })
    expect(byRule.text).toContain('latency is breached What was done')
    expect(byRule.text).toContain('decision d-1')
  })

  test('of a part of a system goes from a share to a share', () => {
    const step = { kind: 'rollout', percent: 0 } as const
    const [first] = rollbackState().steps
    if (first === undefined) throw new Error('There are steps.')
    const { text } = shown({ from: { percent: 25 }, steps: [{ ...first, step }] })
    expect(text).toContain('25 % on the new path → to 0 % on the new path')
    expect(shown({ from: null }).text).toContain('from where is not known')
  })

  test('that is under way says how far it is and how much is left', () => {
    const underWay = { status: 'under-way', endedAt: null, inWords: 'Step 2 of 3.' } as const
    const { text } = shown({ ...underWay, recordsLeft: 1_204, secondsLeft: 8 })
    expect(text).toContain('under way')
    expect(text).toContain('Step 2 of 3. 1,204 records left, about 8 s.')
    expect(shown(underWay).text).toContain('How long it still takes is not known.')
    expect(text).toContain('1 under way')
  })

  test('that failed, or is not in the ledger, or has paused plans says so', () => {
    const { text } = shown({
      status: 'failed',
      inWords: 'It has failed: no pass.',
      recorded: false,
      plansPaused: ['the-week'],
    })
    expect(text).toContain('It has failed: no pass.')
    expect(text).toContain('Not in the ledger')
    expect(text).toContain('A plan was paused for it: the-week.')
    expect(shown({ plansPaused: ['a', 'b'] }).text).toContain('Plans were paused for it: a, b.')
  })

  test('that was rehearsed is never shown as if it had been done', () => {
    const { text } = shown({ rehearsal: true })
    expect(text).toContain('rehearsal: nothing was done')
    expect(text).toContain('What it would do')
    expect(text).not.toContain('completed')
  })

  test('runs nothing of what others wrote', () => {
    const { html, text } = shown({ reason: HOSTILE, by: HOSTILE, rollbackId: HOSTILE, component: HOSTILE })
    expect(html).not.toMatch(/<script|<img/)
    expect(text).toContain(HOSTILE)
  })
})

test('where there was none it says so, and where it cannot be told, that', () => {
  expect(shownPart(Rollbacks, {}).text).toContain('Nothing was ever rolled back by a procedure.')
  const { text } = shownPart(Rollbacks, { rollbacks: null, missing: [{ part: 'rollbacks', code: 'timed-out' }] })
  expect(text).toContain('could not be read just now (timed-out)')
  expect(text).not.toContain('Nothing was ever')
})
