import { describe, expect, it } from 'vitest'
import { actionInWords, rollbackInWords } from '../../../lib/core/plan/step-words.js'
import { theWeek } from '../../../lib/core/plan/the-week.js'

describe('a step in words', () => {
  it('says what each step of the week does', () => {
    expect(theWeek(['projects']).steps.map(({ action }) => actionInWords(action))).toEqual([
      'nothing but its gate',
      'move all to dualwrite',
      'copy what is there',
      'move all to shadow',
      'copy what is there',
      'compare both stores',
      'move 10 % to live',
      'move 50 % to live',
      'move all to live',
      'compare both stores',
      'move all to rampdown',
      'prove that nothing was lost',
      'move all to complete',
      'write the records out as documents',
      'remove what cutover kept beside the records',
    ])
    expect(actionInWords({ kind: 'rollout', rolloutPercent: 5 })).toBe('send 5 % to the new path')
  })

  it('says where turning back leads', () => {
    expect(rollbackInWords({ to: 'shadow' })).toBe('shadow')
    expect(rollbackInWords({ to: 'shadow', rolloutPercent: 10 })).toBe('shadow, all but 10 %')
    expect(rollbackInWords({ rolloutPercent: 0 })).toBe('0 % on the new path')
  })
})
