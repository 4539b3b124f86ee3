import { describe, expect, it } from 'vitest'
import type { Subject } from '../../../lib/core/flags/condition.js'
import type { Condition, FlagDefinition } from '../../../lib/core/flags/definition.js'
import { bucketOf, type Evaluable, evaluate } from '../../../lib/core/flags/evaluate.js'
import { explainFlag } from '../../../lib/core/flags/explain.js'
import { effectivePercent } from '../../../lib/core/flags/schedule.js'
import type { Json } from '../../../lib/core/json.js'
import { flagNamed } from '../../engine/flags/flag-named.js'

const GROUPS = new Map([['staff', new Set(['ann'])]])

function flag(more: Partial<FlagDefinition> = {}): Evaluable {
  return { ...flagNamed('checkout', more), killed: null, groups: GROUPS }
}

function who(
  key: string | null,
  attributes: { [name: string]: Json } = {},
  environment: string | null = null,
): Subject {
  return { key, attributes, environment }
}

const ALL = { percent: 100, split: [{ variant: 'on', weight: 1 }] }

describe('a bucket', () => {
  it.each([
    ['checkout', 'user-1', 47_887],
    ['checkout', 'user-2', 87_369],
    ['other', 'user-1', 31_904],
    ['checkout', '日本-1', 61_573],
  ])('of %s and %s is what it was in every version before', (salt, key, bucket) => {
    expect(bucketOf(salt, key)).toBe(bucket)
  })
})

describe('reasons', () => {
  it.each([
    ['off', flag({ on: false, rollout: ALL }), 'DISABLED', 'off', false],
    ['not begun', flag({ from: 11, rollout: ALL }), 'DISABLED', 'not-yet', false],
    ['begun', flag({ from: 10, rollout: ALL }), 'STATIC', 'everybody', true],
    ['over', flag({ until: 10, rollout: ALL }), 'DISABLED', 'over', false],
    ['not over', flag({ until: 11, rollout: ALL }), 'STATIC', 'everybody', true],
    ['for nobody', flag(), 'STATIC', 'nobody', false],
    ['in', flag({ rollout: { ...ALL, percent: 47.888 } }), 'SPLIT', 'rolled-out', true],
    ['out', flag({ rollout: { ...ALL, percent: 47.887 } }), 'SPLIT', 'left-out', false],
  ])('a flag that is %s', (_what, given, reason, because, value) => {
    expect(evaluate(given, who('user-1'), 10)).toMatchObject({ reason, because, value, rule: null })
  })

  it('a rule that takes everybody is a match, one that takes a share a split, and none of them the default', () => {
    const when: Condition[] = [{ on: 'attribute', attribute: 'plan', operator: 'equals', value: 'pro' }]
    const half = { ...ALL, percent: 47.888 }
    expect(evaluate(flag({ rules: [{ when, rollout: ALL }] }), who(null, { plan: 'pro' }), 0)).toMatchObject({
      reason: 'TARGETING_MATCH',
      value: true,
      rule: 0,
    })
    const shared = flag({ rules: [{ when, rollout: half }], rollout: ALL })
    expect(evaluate(shared, who('user-2', { plan: 'pro' }), 0)).toMatchObject({ because: 'left-out', rule: 0 })
    expect(evaluate(shared, who('user-2', { plan: 'free' }), 0)).toMatchObject({ reason: 'DEFAULT', value: true })
  })

  it('without a key where the hash would decide: the fallback, and what is missing', () => {
    const half = flag({ rollout: { ...ALL, percent: 50 } })
    expect(evaluate(half, who(null), 0)).toMatchObject({ reason: 'ERROR', because: 'no-key', value: false })
    expect(evaluate(flag({ rollout: ALL }), who(null), 0)).toMatchObject({ value: true })
  })
})

describe('a condition on an attribute', () => {
  const NOTHING = Symbol('nothing')
  const cases: [
    FlagDefinition['rules'][0]['when'][0],
    Json | typeof NOTHING,
    'holds' | 'does-not-hold' | 'not-known',
  ][] = [
    [text('equals', 'pro'), 'pro', 'holds'],
    [text('equals', 'pro'), 'Pro', 'does-not-hold'],
    [text('equals', 7), '7', 'does-not-hold'],
    [text('equals', 'pro'), NOTHING, 'not-known'],
    [text('equals', 'pro'), null, 'not-known'],
    [text('equals', 'pro'), { plan: 'pro' }, 'not-known'],
    [text('equals', 'pro'), ['pro'], 'not-known'],
    [{ ...text('equals', 'pro'), not: true }, 'free', 'holds'],
    [{ ...text('equals', 'pro'), not: true }, NOTHING, 'not-known'],
    [text('in', ['pro', 7]), 7, 'holds'],
    [text('in', ['pro', 7]), true, 'does-not-hold'],
    [text('contains', 'ro'), 'pro', 'holds'],
    [text('contains', 'ro'), ['pro'], 'does-not-hold'],
    [text('contains', 'pro'), ['pro'], 'holds'],
    [text('contains', 7), ['pro', 7], 'holds'],
    [text('contains', 'p'), 7, 'not-known'],
    [text('starts-with', 'p'), 'pro', 'holds'],
    [text('starts-with', 'p'), ['p'], 'not-known'],
    [text('greater', 6), 7, 'holds'],
    [text('greater', 7), 7, 'does-not-hold'],
    [text('greater', 6), '7', 'not-known'],
    [text('less', 8), 7, 'holds'],
    [text('less', 7), 7, 'does-not-hold'],
  ]
  it.each(cases)('%j of %j %s', (condition, found, outcome) => {
    const attributes = found === NOTHING ? {} : { plan: found as Json }
    const explained = explainFlag(flag({ rules: [{ when: [condition], rollout: ALL }] }), who('x', attributes), 0)
    expect(explained.rules[0]?.conditions[0]?.outcome).toBe(outcome)
    expect(explained.value).toBe(outcome === 'holds')
  })

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'knows no attribute %s that is not given',
    (name) => {
      const when: Condition[] = [{ on: 'attribute', attribute: name, operator: 'contains', value: 'a', not: true }]
      expect(evaluate(flag({ rules: [{ when, rollout: ALL }] }), who('x'), 0).value).toBe(false)
    },
  )

  it('knows only what a subject has itself', () => {
    const when: Condition[] = [{ on: 'attribute', attribute: 'plan', operator: 'equals', value: 'pro' }]
    const inherited: { [name: string]: Json } = Object.create({ plan: 'pro' })
    expect(evaluate(flag({ rules: [{ when, rollout: ALL }] }), who('x', inherited), 0).value).toBe(false)
  })

  it('may be on the key itself', () => {
    const when: Condition[] = [{ on: 'attribute', attribute: 'targetingKey', operator: 'starts-with', value: 'a' }]
    const given = flag({ rules: [{ when, rollout: ALL }] })
    expect([who('ann'), who('bob'), who(null)].map((one) => evaluate(given, one, 0).value)).toEqual([
      true,
      false,
      false,
    ])
  })
})

function text(operator: 'equals' | 'in' | 'contains' | 'starts-with' | 'greater' | 'less', value: Json) {
  return { on: 'attribute', attribute: 'plan', operator, value } as Condition
}

describe('conditions on groups and environments', () => {
  function of(condition: Condition, subject: Subject): boolean {
    return evaluate(flag({ rules: [{ when: [condition], rollout: ALL }] }), subject, 0).value === true
  }

  it('take members of the list, and whoever says of itself that it is one', () => {
    const staff: Condition = { on: 'group', group: 'staff' }
    expect(of(staff, who('ann'))).toBe(true)
    expect(of(staff, who('bob'))).toBe(false)
    expect(of(staff, who('bob', { groups: ['x', 'staff'] }))).toBe(true)
    expect(of(staff, who(null, { groups: 'staff' }))).toBe(true)
    expect(of({ ...staff, not: true }, who('bob'))).toBe(true)
    expect(of({ ...staff, not: true }, who(null))).toBe(false)
    expect(of({ on: 'group', group: 'constructor' }, who('ann'))).toBe(false)
  })

  it('take nobody whose environment is not known', () => {
    const live: Condition = { on: 'environment', environments: ['production'] }
    expect(of(live, who('a', {}, 'production'))).toBe(true)
    expect(of({ ...live, not: true }, who('a', {}, 'preview'))).toBe(true)
    expect(of({ ...live, not: true }, who('a', {}, null))).toBe(false)
  })
})

describe('a schedule', () => {
  const schedule = [
    { at: 10, percent: 1 },
    { at: 20, percent: 50 },
    { at: 30, percent: 0 },
  ]
  it.each([
    [9, 5],
    [10, 1],
    [19, 1],
    [20, 50],
    [30, 0],
    [99, 0],
  ])('at %d gives %d percent', (now, percent) => {
    const given = flag({ schedule, rollout: { ...ALL, percent: 5 } })
    expect(effectivePercent(given, now)).toBe(percent)
    expect(explainFlag(given, who('x'), now).percent).toBe(percent)
  })

  it('does not count outside of from and until, nor under a kill', () => {
    const given = flag({ schedule, from: 15, until: 25 })
    expect([14, 15, 24, 25].map((now) => effectivePercent(given, now))).toEqual([0, 1, 50, 0])
    expect(effectivePercent({ ...given, killed: { at: 0, by: 'a', reason: 'r' } }, 24)).toBe(0)
  })
})

describe('a split', () => {
  it('deals by weight, keeps what was dealt, and forgets a variant that it names no more', () => {
    const variants = { a: 'A', b: 'B', none: '-' }
    const split = [
      { variant: 'a', weight: 1 },
      { variant: 'b', weight: 3 },
    ]
    const given = flag({ kind: 'string', variants, fallback: 'none', sticky: true, rollout: { percent: 100, split } })
    const counts = { A: 0, B: 0 }
    for (let n = 0; n < 4_000; n++) counts[evaluate(given, who(`u${n}`), 0).value as 'A' | 'B'] += 1
    expect(counts.A / 4_000).toBeCloseTo(0.25, 1)
    const [a, gone] = ['a', 'gone'].map((assigned) => evaluate(given, { ...who('u1'), assigned }, 0))
    expect(a).toMatchObject({ value: 'A', because: 'kept' })
    expect(gone?.because).toBe('rolled-out')
  })
})
