import { describe, expect, it } from 'vitest'
import { type Fence, INITIAL_FENCE, type SlotRange } from '../../lib/core/fence.js'
import { rollbackReadiness } from '../../lib/core/readiness.js'
import { STAGES, type Stage } from '../../lib/core/stage.js'

function fence(...ranges: Partial<SlotRange>[]): Fence {
  const [plain] = INITIAL_FENCE.ranges
  if (plain === undefined) throw new Error('a fence has a range')
  return { epoch: 5, ranges: ranges.map((range) => ({ ...plain, ...range })) }
}

function at(stage: Stage, fullSource: boolean): Fence {
  return fence({ stage, fullSource })
}

describe('the way back', () => {
  it('is none where reads come from the source', () => {
    for (const stage of ['off', 'dualwrite', 'shadow'] as const)
      for (const full of [true, false])
        expect(rollbackReadiness([at(stage, full)], 7, 2)).toEqual({ kind: 'instant', because: 'nothing-to-undo' })
  })

  it('is instant in live while the source has everything', () => {
    expect(rollbackReadiness([at('live', true)], 7, 2)).toEqual({ kind: 'instant', because: 'source-is-full' })
  })

  it('takes a pass where the source may lack something', () => {
    expect(rollbackReadiness([at('live', false)], 7, 2)).toEqual({ kind: 'after-pass', records: 7, seconds: 4 })
    for (const stage of ['rampdown', 'complete'] as const)
      for (const full of [true, false])
        expect(rollbackReadiness([at(stage, full)], 0, 2)).toEqual({ kind: 'after-pass', records: 0, seconds: 0 })
  })

  it('is as far as the furthest slot of any partition', () => {
    const mixed = fence({ until: 100, stage: 'rampdown' }, { stage: 'live', fullSource: true })
    expect(rollbackReadiness([at('shadow', true), mixed], 3, null)).toEqual({
      kind: 'after-pass',
      records: 3,
      seconds: null,
    })
  })

  it('is not told in numbers that nobody knows', () => {
    expect(rollbackReadiness([at('complete', false)], null, 2)).toEqual({
      kind: 'after-pass',
      records: null,
      seconds: null,
    })
    expect(rollbackReadiness([at('complete', false)], 5, 0)).toMatchObject({ seconds: null })
  })

  it('is gone after the clean-up, in any partition', () => {
    for (const stage of STAGES)
      expect(rollbackReadiness([at(stage, true), { ...at('complete', false), plain: true }], 0, 1)).toEqual({
        kind: 'impossible',
        because: 'cleaned-up',
      })
  })
})
