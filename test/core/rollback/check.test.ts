import { describe, expect, it } from 'vitest'
import { faultsOfProcedure } from '../../../lib/core/rollback/check.js'
import type { ProcedureStep } from '../../../lib/core/rollback/procedure.js'

const SLOWLY: ProcedureStep[] = [
  { kind: 'move', to: 'live' },
  { kind: 'pass', when: 'always' },
  { kind: 'validate' },
  { kind: 'wait', seconds: 30 },
  { kind: 'move', to: 'shadow' },
]

describe('a procedure that is not accepted', () => {
  const cases: [string, 'collection' | 'flag', ProcedureStep[], string][] = [
    ['no step', 'collection', [], 'It has 1 to 20 steps.'],
    ['nothing that turns back', 'flag', [{ kind: 'wait', seconds: 1 }], 'no step of the kind "rollout"'],
    [
      'a move up',
      'collection',
      [
        { kind: 'move', to: 'rampdown' },
        { kind: 'move', to: 'rampdown' },
      ],
      'Step 2 (move) leads to rampdown and comes after a move to rampdown: name a stage before rampdown',
    ],
    ['to complete', 'collection', [{ kind: 'move', to: 'complete' }], 'Step 1 (move) leads to complete'],
    [
      'no pass',
      'collection',
      [{ kind: 'move', to: 'shadow' }],
      'put {"kind":"move","to":"live"} and {"kind":"pass","when":"needed"} before it',
    ],
    [
      'a pass too early',
      'collection',
      [
        { kind: 'pass', when: 'needed' },
        { kind: 'move', to: 'live' },
      ],
      'Step 1 (pass) shows that the source has everything only in live and shadow: put {"kind":"move","to":"live"} before it.',
    ],
    [
      'a flag’s step',
      'collection',
      [
        { kind: 'rollout', percent: 0 },
        { kind: 'move', to: 'live' },
      ],
      'Step 1 (rollout) is for parts that a flag switches',
    ],
    [
      'a collection’s step',
      'flag',
      [
        { kind: 'move', to: 'live' },
        { kind: 'rollout', percent: 0 },
      ],
      'Step 1 (move) is for collections',
    ],
    [
      'a share that grows',
      'flag',
      [
        { kind: 'rollout', percent: 10 },
        { kind: 'rollout', percent: 20 },
      ],
      'Step 2 (rollout) leads to 20 % and comes after 10 %',
    ],
    [
      'a wait without end',
      'flag',
      [
        { kind: 'wait', seconds: 1e9 },
        { kind: 'rollout', percent: 0 },
      ],
      'Step 1 (wait) takes 1000000000 s: name more than 0 and at most 86400.',
    ],
  ]
  it.each(cases)('for %s names the step and the mend', (_, kind, steps, fault) => {
    const faults = faultsOfProcedure({ name: 'mine', for: kind, description: '', steps })
    expect(faults.join(' ')).toContain(fault)
  })

  it('for its name', () => {
    const steps = SLOWLY
    expect(faultsOfProcedure({ name: 'to-source', for: 'collection', description: '', steps }).join()).toContain(
      'take another',
    )
    expect(faultsOfProcedure({ name: 'My', for: 'collection', description: '', steps }).join()).toContain(
      'small letter',
    )
    expect(faultsOfProcedure({ name: 'mine', for: 'collection', description: '', steps })).toEqual([])
  })
})
