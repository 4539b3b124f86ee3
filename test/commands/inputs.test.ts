import { describe, expect, it } from 'vitest'
import { stepsShape } from '../../lib/commands/autopilot.js'
import { commands } from '../../lib/commands/index.js'

const MISSPELT = { rollout_percent: 10 }

describe('the input of a verb', () => {
  it.each(commands.map((command) => [command.name, command]))('refuses unknown members: %s', (_, { input }) => {
    const codes = input.safeParse(MISSPELT).error?.issues.map(({ code }) => code)
    expect(codes).toContain('unrecognized_keys')
  })
})

describe('the steps of a plan', () => {
  const step = {
    name: 'reads',
    day: 1,
    action: { kind: 'move', to: 'live', rolloutPercent: 10 },
    gate: [{ kind: 'comparisons', minSamples: 10, maxMismatchShare: 0 }],
    soakMs: 0,
    onFail: 'wait',
    rollback: { to: 'shadow', rolloutPercent: 5 },
  }

  it('are taken as they are described', () => {
    expect(stepsShape.parse([step])).toStrictEqual([step])
  })

  it.each([
    ['the step', { ...step, ...MISSPELT }],
    ['its action', { ...step, action: { ...step.action, ...MISSPELT } }],
    ['its gate', { ...step, gate: [{ ...step.gate[0], ...MISSPELT }] }],
    ['its way back', { ...step, rollback: { to: 'shadow', ...MISSPELT } }],
  ])('refuse unknown members in %s', (_, changed) => {
    expect(stepsShape.safeParse([changed]).success).toBe(false)
  })
})
