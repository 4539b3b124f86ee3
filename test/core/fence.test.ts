import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeFence,
  encodeFence,
  type Fence,
  INITIAL_FENCE,
  mapRanges,
  reach,
  type SlotState,
  slotState,
  slotsWhere,
  targetReadPercent,
} from '../../lib/core/fence.js'
import { SLOTS } from '../../lib/core/slot.js'
import { STAGES, type Stage } from '../../lib/core/stage.js'

const stateOf = (stage: Stage): SlotState => ({
  stage,
  era: 1,
  eraAt: 2,
  period: 3,
  fullSource: true,
  fullTarget: false,
})

const fences = fc
  .array(fc.tuple(fc.integer({ min: 1, max: SLOTS - 1 }), fc.constantFrom(...STAGES)), { maxLength: 5 })
  .map((cuts): Fence => {
    const untils = [...new Set(cuts.map(([until]) => until))].sort((a, b) => a - b)
    const ranges = untils.map((until, at) => ({ ...stateOf(cuts[at]?.[1] ?? 'off'), until }))
    return { epoch: 7, ranges: [...ranges, { ...stateOf('off'), until: SLOTS }] }
  })

test('a fence survives its text', () => {
  fc.assert(
    fc.property(fences, (fence) => {
      expect(decodeFence(JSON.parse(encodeFence(fence)), 'here')).toEqual(fence)
    }),
  )
})

test('what is no fence is damage, never the absence of one', () => {
  const [range] = INITIAL_FENCE.ranges
  for (const value of [
    null,
    undefined,
    'fence',
    {},
    { epoch: 1.5, ranges: [range] },
    { epoch: 1, ranges: [] },
    { epoch: 1, ranges: [{ ...range, until: SLOTS - 1 }] },
    { epoch: 1, ranges: [{ ...range, stage: 'unheard-of' }] },
    { epoch: 1, ranges: [range, range] },
    { epoch: 1, ranges: [{ ...range, until: 0 }, range] },
  ]) {
    expect(() => decodeFence(value, 'the vault')).toThrow(/fence in the vault is damaged/)
  }
})

test('every slot has one state, and none lies outside', () => {
  fc.assert(
    fc.property(fences, fc.integer({ min: 0, max: SLOTS - 1 }), (fence, slot) => {
      const range = slotState(fence, slot) as SlotState & { until: number }
      expect(slot).toBeLessThan(range.until)
    }),
  )
  expect(() => slotState(INITIAL_FENCE, SLOTS)).toThrow(/outside the fence/)
})

test('shares add up to all slots', () => {
  fc.assert(
    fc.property(fences, (fence) => {
      const sum = STAGES.map((stage) => slotsWhere(fence, (state) => state.stage === stage)).reduce((a, b) => a + b)
      expect(sum).toBe(SLOTS)
    }),
  )
})

test('the reach is the furthest stage and the share that stands there', () => {
  const ranges = [
    { ...stateOf('live'), until: 1 },
    { ...stateOf('shadow'), until: SLOTS },
  ]
  expect(reach({ epoch: 1, ranges })).toEqual({ stage: 'live', percent: 0.01 })
  expect(reach(INITIAL_FENCE)).toEqual({ stage: 'off', percent: 100 })
  expect(targetReadPercent({ epoch: 1, ranges })).toBe(0.01)
})

test('mapping with nothing to change gives the same states, equal neighbours joined', () => {
  fc.assert(
    fc.property(fences, fc.array(fc.integer({ min: 0, max: SLOTS })), (fence, cuts) => {
      const ranges = mapRanges(fence, cuts, (state) => state)
      for (let slot = 0; slot < SLOTS; slot += 101) {
        expect({ ...slotState({ ...fence, ranges }, slot), until: 0 }).toEqual({ ...slotState(fence, slot), until: 0 })
      }
      expect(mapRanges({ ...fence, ranges }, [], (state) => state)).toEqual(ranges)
    }),
  )
})

test('a cut falls exactly where it is asked for', () => {
  const ranges = mapRanges(INITIAL_FENCE, [4_000, 1_000, 4_000], (state, from, until) =>
    from >= 1_000 && until <= 4_000 ? { ...state, stage: 'dualwrite' } : state,
  )
  expect(ranges.map(({ stage, until }) => [stage, until])).toEqual([
    ['off', 1_000],
    ['dualwrite', 4_000],
    ['off', SLOTS],
  ])
})
