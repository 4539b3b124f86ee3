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

/** With nothing that the source lists. */
function ready(fences: Fence[], open: number | null, perSecond: number | null): unknown {
  const { inWords, ...rest } = rollbackReadiness(fences, { open, listed: 0, perSecond })
  return rest
}

describe('the way back', () => {
  it('is none where reads come from the source', () => {
    for (const stage of ['off', 'dualwrite', 'shadow'] as const)
      for (const full of [true, false])
        expect(ready([at(stage, full)], 7, 2)).toEqual({ kind: 'instant', because: 'nothing-to-undo' })
  })

  it('is instant in live while the source has everything', () => {
    expect(ready([at('live', true)], 7, 2)).toEqual({ kind: 'instant', because: 'source-is-full' })
  })

  it('takes a pass where the source may lack something', () => {
    expect(ready([at('live', false)], 7, 2)).toEqual({ kind: 'after-pass', records: 7, seconds: 4 })
    for (const stage of ['rampdown', 'complete'] as const)
      for (const full of [true, false])
        expect(ready([at(stage, full)], 0, 2)).toEqual({ kind: 'after-pass', records: 0, seconds: 0 })
  })

  it('is as far as the furthest slot of any partition', () => {
    const mixed = fence({ until: 100, stage: 'rampdown' }, { stage: 'live', fullSource: true })
    expect(ready([at('shadow', true), mixed], 3, null)).toEqual({
      kind: 'after-pass',
      records: 3,
      seconds: null,
    })
  })

  it('is not told in numbers that nobody knows', () => {
    expect(ready([at('complete', false)], null, 2)).toEqual({
      kind: 'after-pass',
      records: null,
      seconds: null,
    })
    expect(ready([at('complete', false)], 5, 0)).toMatchObject({ seconds: null })
  })

  it('is gone after the clean-up, in any partition', () => {
    for (const stage of STAGES)
      expect(ready([at(stage, true), { ...at('complete', false), plain: true }], 0, 1)).toEqual({
        kind: 'impossible',
        because: 'cleaned-up',
      })
  })

  it('counts what a pass looks at beside what it brings', () => {
    const facts = { open: 1_204, listed: 96, perSecond: 162.5 }
    expect(rollbackReadiness([at('rampdown', false)], facts)).toEqual({
      kind: 'after-pass',
      records: 1_204,
      seconds: 8,
      inWords: '1,204 records, about 8 s',
    })
    expect(rollbackReadiness([at('rampdown', false)], { ...facts, listed: null })).toMatchObject({ seconds: null })
  })

  it('is told in words', () => {
    const words = (stage: Stage, full: boolean, open: number | null, perSecond: number | null): string =>
      rollbackReadiness([at(stage, full)], { open, listed: 0, perSecond }).inWords
    expect(words('shadow', true, 0, 1)).toBe('instant')
    expect(words('live', true, 9, 1)).toBe('instant')
    expect(words('live', false, 1, 1)).toBe('1 record, about 1 s')
    expect(words('complete', false, 3_000, 10)).toBe('3,000 records, about 5 min')
    expect(words('complete', false, 3_000_000, 100)).toBe('3,000,000 records, about 9 h')
    expect(words('complete', false, null, 10)).toBe('an unknown number of records, time unknown')
  })
})
