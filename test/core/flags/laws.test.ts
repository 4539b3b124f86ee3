import chisquare from '@stdlib/stats-base-dists-chisquare'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultsOfFlag } from '../../../lib/core/flags/check.js'
import { outcomeOf, type Subject } from '../../../lib/core/flags/condition.js'
import type { Condition, Flag, Rollout } from '../../../lib/core/flags/definition.js'
import { BUCKETS, bucketOf, type Evaluable, evaluate } from '../../../lib/core/flags/evaluate.js'
import { explainFlag } from '../../../lib/core/flags/explain.js'
import type { Json } from '../../../lib/core/json.js'
import { flagNamed } from '../../engine/flags/flag-named.js'
import { holds } from '../../hostile/law.js'

const NOW = 1_700_000_000_000
const VARIANTS = { a: 'A', b: 'B', c: 'C', none: '-' }
const names = ['plan', 'age', 'groups', 'constructor', 'toString', 'hasOwnProperty', 'targetingKey', '__proto__']

const key = fc.oneof(fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }), fc.uuid())
const value = fc.oneof(fc.constantFrom<Json>('pro', 'free', 7, 8, true, null, ['pro'], ['staff']), fc.jsonValue())
const attributes = fc
  .dictionary(fc.constantFrom(...names.slice(0, -1)), value as fc.Arbitrary<Json>)
  .chain((some) => fc.constantFrom(some, JSON.parse('{"__proto__": {"plan": "pro"}}') as typeof some))
const subject: fc.Arbitrary<Subject> = fc.record(
  {
    key: fc.option(key),
    attributes,
    environment: fc.constantFrom('production', 'preview', null),
    assigned: fc.constantFrom('a', 'b', 'c', 'none', 'constructor', 'gone'),
  },
  { requiredKeys: ['key', 'attributes', 'environment'] },
)
const percent = fc.oneof(
  fc.integer({ min: 0, max: BUCKETS }).map((steps) => steps / 1_000),
  fc.constantFrom(0, 100),
)
const split = fc
  .uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .chain((some) =>
    fc.tuple(
      ...some.map((variant) => fc.record({ variant: fc.constant(variant), weight: fc.integer({ min: 1, max: 9 }) })),
    ),
  )
const rollout: fc.Arbitrary<Rollout> = fc.record({ percent, split })
const scalar = fc.constantFrom<string | number | boolean>('pro', 'p', 7, true)
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    on: fc.constant('attribute' as const),
    attribute: fc.constantFrom(...names),
    operator: fc.constantFrom('equals' as const, 'contains' as const),
    value: scalar,
    not: fc.boolean(),
  }),
  fc.record({
    on: fc.constant('attribute' as const),
    attribute: fc.constantFrom(...names),
    operator: fc.constant('in' as const),
    value: fc.array(scalar, { minLength: 1, maxLength: 3 }),
    not: fc.boolean(),
  }),
  fc.record({
    on: fc.constant('attribute' as const),
    attribute: fc.constantFrom(...names),
    operator: fc.constantFrom('greater' as const, 'less' as const),
    value: fc.constantFrom(6, 7, 8),
    not: fc.boolean(),
  }),
  fc.record({ on: fc.constant('environment' as const), environments: fc.constant(['production']), not: fc.boolean() }),
  fc.record({ on: fc.constant('group' as const), group: fc.constantFrom('staff', 'nobody'), not: fc.boolean() }),
)
const rules = fc.array(fc.record({ when: fc.array(condition, { minLength: 1, maxLength: 3 }), rollout }), {
  maxLength: 4,
})
const time = fc.option(fc.constantFrom(NOW - 1, NOW, NOW + 1))
const flag: fc.Arbitrary<Evaluable> = fc
  .record({
    on: fc.boolean(),
    killed: fc.option(fc.constant({ at: 1, by: 'ann', reason: 'r' })),
    rules,
    rollout,
    salt: fc.constantFrom('one', 'two'),
    sticky: fc.boolean(),
    from: time,
    until: time,
    schedule: fc.uniqueArray(fc.record({ at: fc.constantFrom(NOW - 5, NOW, NOW + 5), percent }), {
      selector: ({ at }) => at,
    }),
  })
  .map((some) => ({
    ...flagNamed('law', { kind: 'string', variants: VARIANTS, fallback: 'none' }),
    ...some,
    schedule: some.schedule.sort((left, right) => left.at - right.at),
    groups: new Map([['staff', new Set(['ann'])]]),
  }))

const alive = flag.map((some): Evaluable => ({ ...some, on: true, killed: null, from: null, until: null }))

function at(given: Evaluable, to: number): Evaluable {
  return { ...given, rules: [], schedule: [], rollout: { ...given.rollout, percent: to } }
}

function isIn(given: Evaluable, who: Subject): boolean {
  const { because } = evaluate(given, who, NOW)
  return because === 'rolled-out' || because === 'everybody' || because === 'kept'
}

describe('an evaluation', () => {
  it('gives one of the variants, and throws for nothing that a caller says', () => {
    holds(fc.tuple(flag, subject), 2_000, ([given, who]) => {
      const { variant, value: found } = evaluate(given, who, NOW)
      expect(Object.entries(VARIANTS)).toContainEqual([variant, found])
    })
  })

  it('is the same for the same, wherever it is made', () => {
    holds(fc.tuple(flag, subject), 1_000, ([given, who]) => {
      const copy = { ...structuredClone({ ...given, groups: null }), groups: new Map(given.groups) }
      const other = { ...who, attributes: Object.fromEntries(Object.entries(who.attributes).toReversed()) }
      expect(evaluate(copy, other, NOW)).toEqual(evaluate(given, other, NOW))
      expect(evaluate(given, who, NOW)).toEqual(evaluate(given, who, NOW))
    })
  })

  it('gives everybody the fallback once the flag is killed, whatever else is said', () => {
    holds(fc.tuple(flag, subject), 1_000, ([given, who]) => {
      const killed: Flag['killed'] = { at: 1, by: 'ann', reason: 'r' }
      expect(evaluate({ ...given, killed }, who, NOW)).toMatchObject({ variant: 'none', because: 'killed', rule: null })
    })
  })

  it('does not ask what a subject was dealt before, but of a sticky flag', () => {
    holds(fc.tuple(alive, subject), 1_000, ([given, who]) => {
      const { assigned, ...unknown } = who
      const dealt = evaluate({ ...given, sticky: false }, who, NOW)
      expect(dealt).toEqual(evaluate({ ...given, sticky: false }, unknown, NOW))
      expect(dealt.because).not.toBe('kept')
    })
  })

  it('is of the first rule whose conditions all hold; rules behind it count for nothing', () => {
    holds(fc.tuple(alive, subject), 2_000, ([given, who]) => {
      const matches = given.rules.map(({ when }) => when.every((one) => outcomeOf(one, who, given.groups) === 'holds'))
      const first = matches.indexOf(true)
      const found = evaluate(given, who, NOW)
      expect(found.rule).toBe(first < 0 ? null : first)
      const shorter = first < 0 ? { ...given, rules: [] } : { ...given, rules: given.rules.slice(0, first + 1) }
      expect(evaluate(shorter, who, NOW).variant).toBe(found.variant)
      const explained = explainFlag(given, who, NOW)
      expect(explained).toMatchObject(found)
      expect(explained.rules.map(({ matches: one }) => one)).toEqual(matches)
    })
  })

  it('of what is not known satisfies neither a condition nor its negation', () => {
    holds(fc.tuple(condition, subject), 2_000, ([one, who]) => {
      const groups = new Map<string, Set<string>>()
      const [plain, negated] = [false, true].map((not) => outcomeOf({ ...one, not }, who, groups))
      if (plain === 'not-known') expect(negated).toBe('not-known')
      else expect(new Set([plain, negated])).toEqual(new Set(['holds', 'does-not-hold']))
    })
  })
})

describe('a percentage', () => {
  it('that is raised only ever adds subjects, and moves nobody between variants', () => {
    holds(fc.tuple(alive, subject, percent, percent), 3_000, ([given, who, p, q]) => {
      const [low, high] = [Math.min(p, q), Math.max(p, q)]
      const unkept = { ...given, sticky: false }
      if (!isIn(at(unkept, low), who)) return
      expect(isIn(at(unkept, high), who)).toBe(true)
      expect(evaluate(at(unkept, high), who, NOW).variant).toBe(evaluate(at(unkept, low), who, NOW).variant)
    })
  })

  it('is nobody at 0 and everybody at 100, and each step of 0.001 is one bucket', () => {
    holds(fc.tuple(alive, key), 1_000, ([given, name]) => {
      const who: Subject = { key: name, attributes: {}, environment: null }
      const bucket = bucketOf(given.salt, name)
      expect([isIn(at(given, 0), who), isIn(at(given, 100), who)]).toEqual([false, true])
      expect(isIn(at({ ...given, sticky: false }, bucket / 1_000), who)).toBe(false)
      expect(isIn(at({ ...given, sticky: false }, (bucket + 1) / 1_000), who)).toBe(true)
    })
  })

  it('that is lowered keeps whom a sticky flag had dealt a variant, but for 0', () => {
    holds(fc.tuple(alive, key, percent), 1_000, ([given, name, to]) => {
      const assigned = given.rollout.split[0]?.variant ?? ''
      const who: Subject = { key: name, attributes: {}, environment: null, assigned }
      expect(evaluate(at({ ...given, sticky: true }, to), who, NOW).variant).toBe(to === 0 ? 'none' : assigned)
    })
  })
})

/** Ten thousand each of the forms that keys have in earnest. */
const KEYS = [
  (n: number) => `user-${n}`,
  (n: number) => String(n),
  (n: number) => `${(n * 2_654_435_761) >>> 0}@example.com`,
  (n: number) => `日本-${n}`,
].map((form) => Array.from({ length: 10_000 }, (_, n) => form(n)))

const SALTS = ['checkout', 'checkout2', 'a', 'a-very-long-salt-of-a-flag-that-somebody-has-named-carefully']

/** Beyond what chance does once in ten thousand times. The keys are always the same: it holds, or it does not. */
function expectChance(counts: number[], expected: number[], freedom: number): void {
  const sum = counts.reduce((total, count, n) => total + (count - (expected[n] ?? 0)) ** 2 / (expected[n] ?? 1), 0)
  expect(sum).toBeLessThan(chisquare.quantile(0.9999, freedom))
}

describe('buckets', () => {
  it.each(SALTS)('are used evenly, whatever keys look like: salt %s', (salt) => {
    for (const keys of KEYS) {
      const counts = Array<number>(100).fill(0)
      for (const name of keys) {
        const place = Math.floor(bucketOf(salt, name) / 1_000)
        counts[place] = (counts[place] ?? 0) + 1
      }
      expectChance(counts, Array<number>(100).fill(keys.length / 100), 99)
    }
  })

  it('of two flags have nothing to do with each other, and neither have share and split of one', () => {
    const sixths = { ...flagNamed('x'), killed: null, groups: new Map() }
    const three = ['a', 'b', 'c'].map((variant) => ({ variant, weight: 1 }))
    const dealt: Evaluable = {
      ...sixths,
      kind: 'string',
      variants: VARIANTS,
      rollout: { percent: 99.999, split: three },
    }
    for (const keys of KEYS) {
      const flags = Array<number>(100).fill(0)
      const variants = Array<number>(30).fill(0)
      for (const name of keys) {
        const tenth = Math.floor(bucketOf('one', name) / 10_000)
        const cell = tenth * 10 + Math.floor(bucketOf('two', name) / 10_000)
        flags[cell] = (flags[cell] ?? 0) + 1
        const { variant } = evaluate(dealt, { key: name, attributes: {}, environment: null }, NOW)
        const own = Math.floor(bucketOf('x', name) / 10_000) * 3 + ['a', 'b', 'c'].indexOf(variant)
        variants[own] = (variants[own] ?? 0) + 1
      }
      expectChance(flags, Array<number>(100).fill(keys.length / 100), 99)
      expectChance(variants, Array<number>(30).fill(keys.length / 30), 29)
    }
  })

  it('hold their share at every percentage, down to the smallest', () => {
    for (const share of [0.1, 1, 10, 33.333, 50, 90]) {
      const given = at({ ...flagNamed('share'), killed: null, groups: new Map() }, share)
      const all = KEYS.flat()
      const count = all.filter((name) => isIn(given, { key: name, attributes: {}, environment: null })).length
      const expected = (all.length * share) / 100
      expectChance([count, all.length - count], [expected, all.length - expected], 1)
    }
  })
})

describe('a definition', () => {
  it('that evaluates is one that is accepted', () => {
    holds(flag, 500, (given) => {
      const ordered = given.from === null || given.until === null || given.from < given.until
      expect(faultsOfFlag(given).length === 0).toBe(ordered)
    })
  })
})
