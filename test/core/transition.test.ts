import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Fence, INITIAL_FENCE, reach, type SlotState, slotState, slotsWhere } from '../../lib/core/fence.js'
import { SLOTS, slotsOfPercent } from '../../lib/core/slot.js'
import { isStrict, readsTarget, STAGES, type Stage, sourceNumbers, stageIndex } from '../../lib/core/stage.js'
import {
  type Decision,
  decideDegrade,
  decideMove,
  decideTargetRecovery,
  enter,
  type Move,
  STEPS,
  strictRanges,
  withFullFlags,
} from '../../lib/core/transition.js'
import { EPOCH_MAX } from '../../lib/core/version.js'

const NOW = 1_750_000_000_000

function moved(decision: Decision): Fence {
  if (decision.kind === 'refused') throw new Error(`Refused: ${decision.reason}`)
  return decision.fence
}

/** As after a complete pass. */
function passed(fence: Fence): Fence {
  return withFullFlags(fence, strictRanges(fence))
}

function go(fence: Fence, move: Move): Fence {
  return passed(moved(decideMove(fence, move, NOW)))
}

function at(stage: Stage): Fence {
  let fence = INITIAL_FENCE
  while (reach(fence).stage !== stage) fence = go(fence, { direction: 'up' })
  return fence
}

const state = (over: Partial<SlotState>): SlotState => ({
  stage: 'off',
  era: 0,
  eraAt: 0,
  period: 0,
  fullSource: true,
  fullTarget: false,
  ...over,
})

/** Any journey: moves that are refused are skipped, and each strict stage may or may not be passed. */
const journeys = fc.array(
  fc.record({
    direction: fc.constantFrom('up' as const, 'down' as const),
    rolloutPercent: fc.oneof(
      fc.constant(undefined),
      fc.integer({ min: 0, max: SLOTS }).map((hundredths) => hundredths / 100),
    ),
    to: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...STAGES) },
    ),
    passes: fc.boolean(),
  }),
  { maxLength: 14 },
)

function travel(
  journey: readonly (Move & { passes: boolean })[],
  each: (before: Fence, after: Fence, move: Move) => void,
) {
  let fence = INITIAL_FENCE
  for (const { passes, ...move } of journey) {
    const decision = decideMove(fence, move, NOW)
    if (decision.kind === 'refused') continue
    each(fence, decision.fence, move)
    fence = passes ? passed(decision.fence) : decision.fence
  }
}

describe('laws of every journey', () => {
  test('a move raises the epoch by one and covers all slots, in ranges that differ from their neighbours', () => {
    fc.assert(
      fc.property(journeys, (journey) =>
        travel(journey, (before, after) => {
          expect(after.epoch).toBe(before.epoch + 1)
          expect(after.ranges.at(-1)?.until).toBe(SLOTS)
          for (const [index, range] of after.ranges.entries()) {
            const next = after.ranges[index + 1]
            if (next === undefined) continue
            expect(range.until).toBeLessThan(next.until)
            expect({ ...range, until: 0 }).not.toEqual({ ...next, until: 0 })
          }
        }),
      ),
    )
  })

  test('a move takes every slot it touches one legal step in its direction, and leaves the others as they are', () => {
    fc.assert(
      fc.property(journeys, fc.integer({ min: 0, max: SLOTS - 1 }), (journey, slot) =>
        travel(journey, (before, after, { direction }) => {
          const from = slotState(before, slot)
          const to = slotState(after, slot)
          if (from.stage === to.stage) return expect({ ...to, until: 0 }).toEqual({ ...from, until: 0 })
          expect(STEPS.some((step) => step.from === from.stage && step.to === to.stage)).toBe(true)
          expect(stageIndex(to.stage) > stageIndex(from.stage)).toBe(direction === 'up')
        }),
      ),
    )
  })

  test('the era begins where numbering changes hands, the period where a strict stage is entered from outside', () => {
    fc.assert(
      fc.property(journeys, fc.integer({ min: 0, max: SLOTS - 1 }), (journey, slot) =>
        travel(journey, (before, after) => {
          const from = slotState(before, slot)
          const to = slotState(after, slot)
          const handedOver = sourceNumbers(from.stage) !== sourceNumbers(to.stage)
          expect(to.era).toBe(handedOver ? after.epoch : from.era)
          if (!isStrict(to.stage)) expect(to.period).toBe(0)
          else expect(to.period).toBe(isStrict(from.stage) ? from.period : after.epoch)
        }),
      ),
    )
  })

  test('a store that is read alone is full: the source up to dualwrite, the target from rampdown on', () => {
    fc.assert(
      fc.property(journeys, fc.integer({ min: 0, max: SLOTS - 1 }), (journey, slot) =>
        travel(journey, (_before, after) => {
          const { stage, fullSource, fullTarget } = slotState(after, slot)
          if (!isStrict(stage))
            expect({ fullSource, fullTarget }).toEqual({
              fullSource: sourceNumbers(stage),
              fullTarget: !sourceNumbers(stage),
            })
          else expect(fullSource || fullTarget).toBe(true)
          if (stage === 'shadow') expect(fullSource).toBe(true)
          if (stage === 'live') expect(fullTarget).toBe(true)
        }),
      ),
    )
  })
})

describe('rollouts', () => {
  const percents = fc.integer({ min: 1, max: SLOTS }).map((hundredths) => hundredths / 100)

  test('a larger share holds every slot of a smaller one, and the same share the same slots', () => {
    fc.assert(
      fc.property(percents, percents, (one, other) => {
        const shadow = at('shadow')
        const [small, large] = one < other ? [one, other] : [other, one]
        const live = (share: number) => moved(decideMove(shadow, { direction: 'up', rolloutPercent: share }, NOW))
        for (let slot = 0; slot < SLOTS; slot += 97) {
          const inSmall = slotState(live(small), slot).stage === 'live'
          if (inSmall) expect(slotState(live(large), slot).stage).toBe('live')
        }
        expect(live(small)).toEqual(live(small))
        expect(reach(live(large))).toEqual({ stage: 'live', percent: large })
      }),
    )
  })

  test('a move up and then down restores which store each slot is read from', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STAGES.slice(0, -1)), percents, (stage, share) => {
        const before = at(stage)
        const up = go(before, { direction: 'up', rolloutPercent: share })
        const down = go(up, { direction: 'down' })
        for (let slot = 0; slot < SLOTS; slot += 97) {
          expect(readsTarget(slotState(down, slot).stage)).toBe(readsTarget(slotState(before, slot).stage))
        }
        expect(reach(down)).toEqual(reach(before))
      }),
    )
  })

  test('a rollout goes on, and goes back, to any share', () => {
    let fence = go(at('shadow'), { direction: 'up', rolloutPercent: 0.01 })
    expect(slotsWhere(fence, ({ stage }) => stage === 'live')).toBe(1)
    fence = go(fence, { direction: 'up', rolloutPercent: 25 })
    expect(reach(fence)).toEqual({ stage: 'live', percent: 25 })
    fence = go(fence, { direction: 'down', rolloutPercent: 5 })
    expect(reach(fence)).toEqual({ stage: 'live', percent: 5 })
    fence = go(fence, { direction: 'up' })
    expect(reach(fence)).toEqual({ stage: 'live', percent: 100 })
    fence = go(go(fence, { direction: 'up', rolloutPercent: 10 }), { direction: 'down' })
    expect(reach(fence)).toEqual({ stage: 'live', percent: 100 })
  })

  test('slots that a step does not reach keep their era and period', () => {
    const fence = go(at('dualwrite'), { direction: 'up', rolloutPercent: 30 })
    expect(slotState(fence, 2_999)).toMatchObject({ stage: 'shadow', era: 2, period: 2 })
    expect(slotState(fence, 3_000)).toMatchObject({ stage: 'dualwrite', era: 0, period: 0 })
  })
})

describe('steps', () => {
  test('flags, era and period after each step, from a strict stage that was passed or was not', () => {
    const rows = STEPS.map(({ from, to }) => {
      const strict = isStrict(from)
      const fullTarget = !sourceNumbers(from)
      const before = state({ stage: from, era: 3, period: strict ? 5 : 0, fullSource: sourceNumbers(from), fullTarget })
      const { era, period, fullSource, fullTarget: full } = enter(before, to, 9, NOW)
      const known = enter({ ...before, fullSource: true, fullTarget: true }, to, 9, NOW)
      const flags = (source: boolean, target: boolean) => `${source ? 'S' : '-'}${target ? 'T' : '-'}`
      return [
        from,
        to,
        `era ${era}`,
        `period ${period}`,
        flags(fullSource, full),
        flags(known.fullSource, known.fullTarget),
      ].join(' ')
    })
    expect(rows).toEqual([
      'off dualwrite era 3 period 0 S- S-',
      'dualwrite shadow era 9 period 9 S- S-',
      'shadow live era 3 period 5 -T ST',
      'live rampdown era 3 period 0 -T -T',
      'shadow rampdown era 3 period 0 -T -T',
      'rampdown complete era 3 period 0 -T -T',
      'complete rampdown era 3 period 0 -T -T',
      'rampdown live era 3 period 9 -T -T',
      'live shadow era 3 period 5 -T ST',
      'shadow dualwrite era 9 period 0 S- S-',
      'live dualwrite era 9 period 0 S- S-',
      'dualwrite off era 3 period 0 S- S-',
    ])
  })

  test('the moment of an era is that of the step that began it', () => {
    expect(enter(state({ stage: 'dualwrite' }), 'shadow', 2, NOW).eraAt).toBe(NOW)
    expect(enter(state({ stage: 'shadow', eraAt: NOW }), 'live', 3, NOW + 1).eraAt).toBe(NOW)
    expect(enter(state({ stage: 'live', eraAt: NOW }), 'dualwrite', 3, NOW + 1).eraAt).toBe(NOW + 1)
  })

  test('it is not forgotten until when the target acknowledged alone, however often the stage changes since', () => {
    let slot = state({ stage: 'rampdown' })
    for (const to of ['live', 'shadow', 'dualwrite', 'shadow', 'dualwrite', 'off'] as const) {
      slot = enter(slot, to, 9, to === 'live' ? NOW : NOW + 1)
      expect(slot.aloneUntil).toBe(NOW)
    }
    expect(enter(state({ stage: 'shadow' }), 'dualwrite', 9, NOW)).not.toHaveProperty('aloneUntil')
    expect(enter({ ...slot, stage: 'rampdown' }, 'complete', 9, NOW + 1).aloneUntil).toBe(NOW)
  })

  test('whatever is no step is refused, with its reason', () => {
    const reason = (fence: Fence, move: Move, epoch?: number) => {
      const decision = decideMove(fence, move, NOW, epoch)
      return decision.kind === 'refused' ? decision.reason : decision.kind
    }
    expect(reason(at('dualwrite'), { direction: 'up', to: 'live' })).toBe('no-such-step')
    expect(reason(at('shadow'), { direction: 'up', to: 'shadow' })).toBe('already-there')
    expect(reason(at('complete'), { direction: 'up' })).toBe('already-there')
    expect(reason(INITIAL_FENCE, { direction: 'down' })).toBe('already-there')
    expect(reason({ ...at('complete'), plain: true }, { direction: 'down' })).toBe('collection-finished')
    expect(reason(INITIAL_FENCE, { direction: 'up' }, EPOCH_MAX + 1)).toBe('epochs-exhausted')
    const bare = moved(decideMove(at('dualwrite'), { direction: 'up' }, NOW))
    expect(reason(bare, { direction: 'up' })).toBe('target-not-full')
    const back = moved(decideMove(at('rampdown'), { direction: 'down' }, NOW))
    expect(reason(back, { direction: 'down' })).toBe('source-not-full')
  })

  test('one affected slot that is not full refuses the whole move', () => {
    const half = moved(
      decideMove(passed(go(at('dualwrite'), { direction: 'up', rolloutPercent: 50 })), { direction: 'up' }, NOW),
    )
    expect(decideMove(half, { direction: 'up', to: 'live' }, NOW)).toMatchObject({ reason: 'target-not-full' })
    expect(decideMove(half, { direction: 'up', to: 'live', rolloutPercent: 50 }, NOW)).toMatchObject({ kind: 'move' })
  })
})

describe('full flags', () => {
  test('only slots of the same strict period that the pass covered become full', () => {
    const shadow = moved(decideMove(at('dualwrite'), { direction: 'up' }, NOW))
    const part = withFullFlags(shadow, [{ from: 2_000, until: 5_000, period: shadow.epoch }])
    expect(slotsWhere(part, ({ fullTarget }) => fullTarget)).toBe(3_000)
    expect(slotState(part, 1_999).fullTarget).toBe(false)
    expect(slotState(part, 2_000)).toMatchObject({ fullSource: true, fullTarget: true })
    expect(withFullFlags(shadow, [{ from: 0, until: SLOTS, period: shadow.epoch - 1 }])).toEqual(shadow)
    expect(withFullFlags(part, [{ from: 0, until: SLOTS, period: shadow.epoch }]).ranges).toHaveLength(1)
  })

  test('slots that have left the strict stages are not touched', () => {
    const shadow = moved(decideMove(at('dualwrite'), { direction: 'up' }, NOW))
    const covered = strictRanges(shadow)
    const half = moved(decideMove(shadow, { direction: 'down', rolloutPercent: 50 }, NOW))
    const flagged = withFullFlags(half, covered)
    expect(slotState(flagged, 0).fullTarget).toBe(true)
    expect(slotState(flagged, 9_999)).toMatchObject({ stage: 'dualwrite', fullTarget: false })
  })

  test('ranges that border on each other are flagged together', () => {
    const half = moved(decideMove(at('dualwrite'), { direction: 'up', rolloutPercent: 50 }, NOW))
    const whole = moved(decideMove(half, { direction: 'up' }, NOW))
    expect(strictRanges(whole)).toEqual([
      { from: 0, until: 5_000, period: half.epoch },
      { from: 5_000, until: SLOTS, period: whole.epoch },
    ])
    expect(slotsWhere(passed(whole), ({ fullTarget }) => fullTarget)).toBe(SLOTS)
  })
})

describe('a store that is left behind', () => {
  test('strict slots go to the tolerant stage of the survivor, others stay', () => {
    const fence = go(at('live'), { direction: 'up', rolloutPercent: 20 })
    const alone = moved(decideDegrade(fence, 'target', NOW, 30))
    expect(slotState(alone, 0).stage).toBe('rampdown')
    expect(slotState(alone, 9_999)).toMatchObject({ stage: 'dualwrite', era: 30, fullSource: true, fullTarget: false })
    const other = moved(decideDegrade(fence, 'source', NOW, 30))
    expect(slotState(other, 9_999)).toMatchObject({ stage: 'rampdown', era: 2, fullTarget: true })
    expect(decideDegrade(fence, 'source', NOW, 30)).toMatchObject({ first: 'target', to: 'rampdown' })
  })

  test('slots whose survivor is not known full stay, and if all do it is refused', () => {
    const back = moved(decideMove(at('rampdown'), { direction: 'down' }, NOW))
    expect(decideDegrade(back, 'target', NOW, 30)).toMatchObject({ reason: 'source-not-full' })
    const shadow = moved(decideMove(at('dualwrite'), { direction: 'up' }, NOW))
    expect(decideDegrade(shadow, 'source', NOW, 30)).toMatchObject({ reason: 'target-not-full' })
    expect(decideDegrade(at('complete'), 'target', NOW, 30)).toMatchObject({ reason: 'already-there' })
    const mixed = moved(decideMove(at('rampdown'), { direction: 'down', rolloutPercent: 40 }, NOW))
    const rest = passed(mixed)
    expect(slotState(moved(decideDegrade(rest, 'target', NOW, 30)), 9_999).stage).toBe('dualwrite')
  })
})

describe('a target that lost data', () => {
  test('its slots start a new era; strict ones from shadow, where the source is full', () => {
    const fence = moved(decideTargetRecovery(at('live'), NOW, 40))
    expect(slotState(fence, 0)).toMatchObject({
      stage: 'shadow',
      era: 40,
      period: 40,
      fullSource: true,
      fullTarget: false,
    })
    const late = moved(decideTargetRecovery(at('rampdown'), NOW, 40))
    expect(slotState(late, 0)).toMatchObject({ stage: 'rampdown', era: 40, period: 0, fullTarget: true })
    expect(decideTargetRecovery(at('dualwrite'), NOW, 40)).toMatchObject({ kind: 'refused' })
  })

  test('slots that the source numbers are not concerned', () => {
    const half = go(at('dualwrite'), { direction: 'up', rolloutPercent: 50 })
    const fence = moved(decideTargetRecovery(half, NOW, 40))
    expect(slotState(fence, 9_999)).toMatchObject({ stage: 'dualwrite', era: 0 })
  })
})

test('percentages are taken to 0.01, and never beyond all slots', () => {
  expect([0, 0.004, 0.005, 0.01, 12.34, 99.99, 100, 250, -1].map(slotsOfPercent)).toEqual([
    0, 0, 1, 1, 1_234, 9_999, 10_000, 10_000, 0,
  ])
})
